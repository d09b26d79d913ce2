# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # A child's standard output or error, read like an IO. One thread at a time may read; another one gets {BusyError}.
  #
  # Every method takes a `timeout:` in seconds, and raises {TimeoutExpired} when it has passed. Nothing is lost by that,
  # nor by any other exception: what had come already is read by the next call.
  class ReadStream < Stream
    include Enumerable

    # Bytes that are read at once.
    CHUNK = 65_536

    # @api private
    # @return [String] what an unfinished {#read} has left
    attr_reader :ahead

    # @api private
    def initialize(...)
      super
      @ahead = String.new
    end

    # Reads all until end of file, or `length` bytes, as `IO#read` does.
    # @return [String, nil] nil at end of file if a positive length was given
    def read(length = nil, buffer = nil, timeout: nil)
      raise ArgumentError, "negative length #{length} given" if length&.negative?

      fill(length, timeout)
      bytes = take(length)
      return finish(buffer, encode(bytes)) unless length

      bytes.empty? && length.positive? ? finish(buffer, nil) : finish(buffer, bytes)
    end

    # Reads what there is, at most `maxlen` bytes, waiting until there is something.
    # @return [String]
    # @raise [EOFError] at end of file
    def readpartial(maxlen, buffer = nil, timeout: nil)
      raise ArgumentError, "negative length #{maxlen} given" if maxlen.negative?

      bytes = next_chunk(maxlen, timeout)
      return finish(buffer, bytes || "") if bytes || maxlen.zero?

      finish(buffer, nil)
      raise EOFError, "end of file reached"
    end

    # Reads a line through its newline, which the last one may lack.
    # @return [String, nil] nil at end of file
    def gets(chomp: false, timeout: nil)
      line = read_line(limit(timeout))
      return if line.empty?

      line = encode(line)
      chomp ? line.chomp("\n") : line
    end

    # @return [String]
    # @raise [EOFError] at end of file
    def readline(**options) = gets(**options) || raise(EOFError, "end of file reached")

    # @return [Array<String>] all lines until end of file
    def readlines(**options) = each_line(**options).to_a

    # @yieldparam line [String]
    # @return [self, Enumerator] an Enumerator without a block
    def each_line(**options)
      return enum_for(:each_line, **options) unless block_given?

      while (line = gets(**options))
        yield line
      end
      self
    end
    alias each each_line

    # Yields output as it comes.
    # @yieldparam chunk [String] at most `size` bytes
    # @return [self, Enumerator] an Enumerator without a block
    def each_chunk(size = CHUNK, timeout: nil)
      return enum_for(:each_chunk, size, timeout: timeout) unless block_given?
      raise ArgumentError, "chunks of #{size} bytes" unless size.positive?

      while (chunk = next_chunk(size, timeout))
        yield chunk
      end
      self
    end

    private

    # What there is, or nil at end of file.
    def next_chunk(size, timeout)
      bytes = @ahead.empty? ? read_some(size, limit(timeout)) : take(size)
      bytes unless bytes.empty?
    end

    # Gathers in the stream, not in the caller: an exception loses nothing.
    def fill(length, timeout)
      remaining = deadline(timeout)
      until length && @ahead.bytesize >= length
        bytes = read_some(length ? length - @ahead.bytesize : CHUNK, remaining.call)
        break if bytes.empty?

        @ahead << bytes
      end
    end

    def take(length)
      if length.nil? || length >= @ahead.bytesize
        taken = @ahead
        @ahead = String.new
        taken
      else
        @ahead.slice!(0, length)
      end
    end

    def read_line(limit)
      return Core.read_line(@handle, @index, limit) if @ahead.empty?

      newline = @ahead.index("\n")
      return take(newline + 1) if newline

      @ahead << Core.read_line(@handle, @index, limit)
      take(nil)
    end

    def read_some(size, limit) = Core.read(@handle, @index, size, limit)
    def check = Core.read(@handle, @index, 0, 0)
    def mode = "rb"

    def finish(buffer, bytes)
      return bytes unless buffer

      buffer.replace(bytes || "")
      bytes && buffer
    end
  end
end
