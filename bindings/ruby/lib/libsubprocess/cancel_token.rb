# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # A latch that wakes the blocking calls of the processes that it was given to, as `cancel:`. They raise {Canceled}.
  #
  #   token = Libsubprocess::CancelToken.new
  #   trap("TERM") { token.trigger }
  #   Libsubprocess.run("make", cancel: token)
  class CancelToken
    # @api private
    # @return [Core::CancelHandle]
    attr_reader :handle

    def initialize
      @handle = Core.cancel_new
    end

    # Makes every blocking call raise {Canceled}, now and until {#reset}. From any thread, and in a `trap` block.
    # @return [self]
    def trigger
      Core.cancel_trigger(@handle)
      self
    end

    # Makes a triggered token usable again.
    # @return [self]
    def reset
      Core.cancel_reset(@handle)
      self
    end
  end
end
