# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "timeout"

module Libsubprocess
  # What every failure of the library answers, whatever its class: `rescue Libsubprocess::Error` catches them all.
  #
  # Failures of the system come as Ruby's own `Errno::ENOENT`, `Errno::EACCES` ..., wrong arguments as `ArgumentError`.
  module Error
    # @return [Symbol] the C API's name for it, such as `:SP_ENOTFOUND`
    attr_reader :code
    # @return [Symbol] where it happened: `:call`, `:stdio`, `:fork`, `:chdir`, `:exec`, `:io`, `:wait` ...
    attr_reader :step
    # @return [Integer] the system's error number, 0 if there is none
    attr_reader :errno
    # @return [Integer] which command of a pipeline is concerned
    attr_reader :stage
    # @return [String] the program, directory, file, user ... concerned; empty if there is none
    attr_reader :path
    # @return [String] the C library's sentence, without what an exception's class adds to its message
    attr_reader :sentence
    # @return [Result, nil] what the child left until then
    attr_reader :result

    # @return [Integer, nil] how much {WriteStream#write} has written before it failed
    attr_accessor :bytes_written

    # @return [Integer, nil] the return code of the child, if it has ended
    def returncode = result&.returncode

    # @return [String, nil] the captured standard output until then
    def stdout = result&.stdout

    # @return [String, nil] the captured standard error until then
    def stderr = result&.stderr

    # @api private
    def describe(code, step, errno, stage, path, sentence, result)
      @code = code
      @step = step
      @errno = errno
      @stage = stage
      @path = path
      @sentence = sentence
      @result = result
      self
    end

    class << self
      # Called by the extension to make the exception that it raises.
      # @api private
      def build(code, step, errno, stage, path, sentence, facts)
        sentence = sentence.scrub
        exception_for(code, errno, sentence)
          .extend(Error)
          .describe(code, step, errno, stage, path.scrub, sentence, facts && Result.new(facts))
      end

      private

      def exception_for(code, errno, sentence)
        usual = SYSTEM_CODES[code]
        return SystemCallError.new(sentence, errno.zero? ? usual : errno) if usual

        CLASSES.fetch(code, UnsupportedError).new(sentence)
      end
    end
  end

  # A child that was to be checked did not return 0. {Error#result} is all of its outcome.
  class CalledProcessError < StandardError
    include Error
  end

  # The time limit passed. {Error#result} is what came until then.
  class TimeoutExpired < ::Timeout::Error
    include Error
  end

  # A {CancelToken} was triggered. {Error#result} is what came until then.
  class Canceled < StandardError
    include Error
  end

  # The process or the stream was closed, before the call or during it.
  class ClosedError < IOError
    include Error
  end

  # Somebody else waited for the child (`Process.wait` without a pid does), and its status is gone.
  class LostError < StandardError
    include Error
  end

  # Another thread is reading that stream, or communicating with that process.
  class BusyError < StandardError
    include Error
  end

  # This kernel or library cannot do it.
  class UnsupportedError < StandardError
    include Error
  end

  module Error
    # @api private
    CLASSES = {
      SP_EINVAL: ArgumentError,
      SP_ENOMEM: NoMemoryError,
      SP_ETIMEDOUT: TimeoutExpired,
      SP_EFAILED: CalledProcessError,
      SP_ECLOSED: ClosedError,
      SP_ECANCELED: Canceled,
      SP_ELOST: LostError,
      SP_EBUSY: BusyError,
      SP_EUNSUPPORTED: UnsupportedError,
      SP_EABI: UnsupportedError
    }.freeze
    # With the number to be used where the system has told none: a user that does not exist has none.
    # @api private
    SYSTEM_CODES = {
      SP_ESYS: Errno::EIO::Errno,
      SP_ENOTFOUND: Errno::ENOENT::Errno,
      SP_EACCESS: Errno::EACCES::Errno
    }.freeze
    private_constant :CLASSES, :SYSTEM_CODES
  end
end
