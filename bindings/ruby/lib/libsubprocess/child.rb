# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # What can be asked of a child, and done to it.
  module Child
    # @return [Integer, nil] 0 to 255, or -N if signal N ended it; nil if {#wait}, {#poll} and the like have not seen its end
    attr_reader :returncode

    # @return [Integer] the process id; of a pipeline that of its first command
    def pid = Core.pid(@handle)

    # Waits for its end. A child that fills a pipe which nobody reads does not end: use {Process#communicate} then.
    # @param timeout [Numeric, nil] in seconds; nil: no limit
    # @return [Integer] the return code
    # @raise [TimeoutExpired, Canceled, ClosedError, LostError]
    def wait(timeout: nil)
      @returncode = Core.wait(@handle, Options.milliseconds(timeout))
    end

    # Asks without waiting.
    # @return [Integer, nil] the return code, or nil while it runs
    def poll
      @returncode = Core.poll(@handle)
    end

    # @return [Boolean] whether it has not been seen to end
    def running? = poll.nil?

    # Sends a signal, never to a recycled pid. A child that has ended is not signalled, and that is no failure.
    # @param signal [String, Symbol, Integer] `"TERM"`, `:SIGTERM`, `15`
    # @return [self]
    def send_signal(signal)
      Core.send_signal(@handle, Options.signal(signal))
      self
    end

    # Sends SIGTERM.
    # @return [self]
    def terminate = send_signal("TERM")

    # Sends SIGKILL.
    # @return [self]
    def kill = send_signal("KILL")
  end

  # One command of a pipeline, to wait for or to signal.
  class Stage
    include Child

    # @api private
    # @param pipeline [Process] to whom the handle belongs
    def initialize(pipeline, handle)
      @pipeline = pipeline
      @handle = handle
    end

    def inspect = "#<#{self.class} pid=#{pid}>"
  end
end
