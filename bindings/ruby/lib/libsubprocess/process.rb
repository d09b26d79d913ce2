# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # A child process, or a whole pipeline of them, started by {Libsubprocess.popen} or {Libsubprocess.pipeline}.
  #
  # Several threads may use it; one at a time may read a stream, and one at a time write or communicate. {#close} it when
  # it is done with, or let it be collected: that neither kills the child nor waits for it.
  class Process
    include Child

    # @return [WriteStream] the child's standard input
    attr_reader :stdin
    # @return [ReadStream] the child's standard output
    attr_reader :stdout
    # @return [ReadStream] the child's standard error
    attr_reader :stderr

    # @api private
    def initialize(handle, encoding)
      @handle = handle
      @encoding = encoding
      @stdin = WriteStream.new(handle, 0, encoding)
      @stdout = ReadStream.new(handle, 1, encoding)
      @stderr = ReadStream.new(handle, 2, encoding)
    end

    # Feeds `input`, collects output until end of file, and waits. After {TimeoutExpired}, {Canceled} or any exception that
    # another thread or a signal handler has raised, call it again to go on: the child runs, and no data is lost.
    # @param input [String, nil] for a child that was started with `stdin: :pipe`; may be left out when going on
    # @param timeout [Numeric, nil] in seconds; does not kill the child, see {#finish}
    # @return [Result]
    # @raise [TimeoutExpired, Canceled, CalledProcessError, ClosedError, BusyError, LostError]
    def communicate(input = nil, timeout: nil)
      conclude { Core.communicate(@handle, input, Options.milliseconds(timeout)) }
    end

    # Ends what {#communicate} could not: SIGTERM, reading on for at most `grace` seconds, SIGKILL. Nothing ends this call
    # before its time.
    # @param grace [Numeric] in seconds; 0 kills at once
    # @param whole_group [Boolean] signals go to the group that the child leads
    # @return [Result] all that the child left
    def finish(grace = 0, whole_group: false)
      conclude { Core.finish(@handle, Options.milliseconds(grace), whole_group ? true : false) }
    end

    # Ends the child: SIGTERM, at most `grace` seconds of patience, SIGKILL, and waits for it. A {CancelToken} does not end
    # this call.
    # @param grace [Numeric, nil] in seconds; 0 kills at once, nil never does
    # @return [Integer] the return code
    def stop(grace = 0)
      @returncode = Core.stop(@handle, Options.milliseconds(grace))
    end

    # Sends a signal to the process group that the child leads, members that outlived the child included. Needs
    # `new_group: true` or `new_session: true`.
    # @param signal [String, Symbol, Integer]
    # @return [self]
    def kill_group(signal = "KILL")
      Core.kill_group(@handle, Options.signal(signal))
      self
    end

    # @return [Array<Stage>] the commands of a pipeline; one for a single command
    def stages
      @stages ||= Array.new(Core.stage_count(@handle)) { |index| Stage.new(self, Core.stage_at(@handle, index)) }
    end

    # @return [Integer, nil] a descriptor that becomes readable when the child ends; the process's own, not to be read.
    #   nil for a pipeline
    def exit_handle
      descriptor = Core.exit_handle(@handle)
      descriptor unless descriptor.negative?
    end

    # Closes the pipes, and wakes every thread that is blocked on this process with {ClosedError}. The child is neither
    # signalled nor waited for. Doing it twice is fine.
    # @return [nil]
    def close
      @closed = true
      Core.close(@handle)
    end

    # @return [Boolean]
    def closed? = @closed ? true : false

    # What a block of {Libsubprocess.popen} ends with, as one of `IO.popen` does: closes the pipes, and waits.
    # @api private
    def settle
      return if closed?

      [@stdin, @stdout, @stderr].each { |stream| stream.close unless stream.closed? }
      wait if @returncode.nil?
    rescue LostError
      nil # whoever waited for it has its status
    ensure
      close
    end

    def inspect = "#<#{self.class} pid=#{pid} #{closed? ? 'closed' : returncode || 'running'}>"

    private

    def conclude
      result = adopt(Result.new(yield))
      @returncode = result.returncode
      result
    rescue Error => e
      adopt(e.result) if e.result
      raise
    end

    # Bytes that an unfinished read has gathered come first. With a partial result they are told, and stay.
    def adopt(result)
      result.adopt(@encoding, stdout_ahead: @stdout.ahead, stderr_ahead: @stderr.ahead)
    end
  end
end
