# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "stringio"

module Libsubprocess
  # A child's standard input, written to like an IO. Nothing is buffered.
  #
  # A child that has closed its input gives `Errno::EPIPE`.
  class WriteStream < Stream
    # Writes all of it, waiting until the child has taken what does not fit into the pipe.
    # @param timeout [Numeric, nil] in seconds
    # @return [Integer] the number of bytes
    # @raise [TimeoutExpired, Canceled, Errno::EPIPE] {Error#bytes_written} tells how far it came
    def write(*objects, timeout: nil)
      written = 0
      remaining = deadline(timeout)
      objects.each do |object|
        bytes = object.to_s.b
        written += bytes.slice!(0, Core.write(@handle, bytes, remaining.call)).bytesize until bytes.empty?
      end
      written
    rescue Error => e
      e.bytes_written = written
      raise
    end

    # @return [self]
    def <<(object)
      write(object)
      self
    end

    # @return [nil]
    def print(*objects)
      write(*objects)
      nil
    end

    # @return [nil]
    def printf(format, *arguments)
      write(format(format, *arguments))
      nil
    end

    # @return [nil]
    def puts(*objects)
      lines = StringIO.new
      lines.puts(*objects)
      write(lines.string)
      nil
    end

    # @return [self] there is nothing to flush
    def flush = self

    # @return [true]
    def sync = true

    # Streams are never buffered: this is for callers that expect an IO.
    attr_writer :sync

    private

    def check = Core.write(@handle, "", 0)
    def mode = "wb"
  end
end
