# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # The host's end of a pipe to a child. Where the child has no pipe there, every method raises `ArgumentError`.
  class Stream
    # @return [Numeric, nil] the seconds that each operation may take if it is not told otherwise; nil: no limit
    attr_accessor :timeout

    # @api private
    def initialize(handle, index, encoding)
      @handle = handle
      @index = index
      @encoding = encoding
    end

    # Closes the pipe, and wakes a thread that is blocked on it with {ClosedError}. Doing it twice is fine.
    # @return [nil]
    def close
      Core.close_stream(@handle, @index)
    rescue ClosedError
      nil # with its process
    end

    # @return [Boolean]
    def closed? = Core.stream_handle(@handle, @index).negative?

    # @return [Integer] the descriptor, which stays the process's. Lines that were read ahead are not in it
    def fileno
      descriptor = Core.stream_handle(@handle, @index)
      return descriptor unless descriptor.negative?

      check
      raise ClosedError, "closed stream"
    end
    alias to_i fileno

    # @return [IO] on the same descriptor, for `IO.select` and `spawn`; does not close it
    def to_io
      @io = nil unless @io&.fileno == fileno
      @io ||= IO.for_fd(fileno, mode, autoclose: false)
    end

    # Takes the pipe out of the process, as an IO of the caller's.
    # @return [IO]
    def release
      descriptor = Core.stream_release(@handle, @index)
      return IO.for_fd(descriptor, mode) unless descriptor.negative?

      check
      raise BusyError, "another thread is using this stream"
    end

    # @return [false] nothing is kept back
    def isatty = false
    alias tty? isatty

    # @return [self] streams are binary
    def binmode = self

    def inspect = "#<#{self.class} #{closed? ? 'closed' : "fd #{fileno}"}>"

    private

    def limit(timeout) = Options.milliseconds(timeout || @timeout)
    # @return [Proc] how many milliseconds remain
    def deadline(timeout)
      ms = limit(timeout)
      return -> { ms } unless ms.positive?

      until_then = now + ms
      -> { [until_then - now, 0].max }
    end

    def now = ::Process.clock_gettime(::Process::CLOCK_MONOTONIC, :millisecond)

    def encode(bytes) = @encoding ? bytes.force_encoding(@encoding) : bytes
  end
end
