# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  # What a child cost. Times are microseconds, `max_rss_bytes` is its largest resident set, blocks are of 512 bytes.
  Usage = Struct.new(:wall_us, :user_us, :system_us, :max_rss_bytes, :minor_faults, :major_faults, :voluntary_switches,
                     :involuntary_switches, :blocks_in, :blocks_out)

  # What a finished child (or one that was cut short) left behind.
  class Result
    # @return [Integer, nil] 0 to 255, or -N if signal N ended it; nil if it has not been seen to end
    attr_reader :returncode
    # @return [String, nil] captured standard output; nil if it was not captured
    attr_reader :stdout
    # @return [String, nil] captured standard error; nil if it was not captured
    attr_reader :stderr
    # @return [Hash{Symbol => Integer}] the bytes of `:stdout` and `:stderr` that were dropped because of `max_output:`
    attr_reader :dropped
    # @return [Usage, nil] nil if the system did not tell
    attr_reader :usage
    # @return [Array<Integer, nil>] the return code of each command of a pipeline
    attr_reader :stage_returncodes

    # @api private
    # @param facts [Array] as the extension gives them
    def initialize(facts)
      @returncode, @stdout, @stderr, dropped_out, dropped_err, @pipes_held, @core_dumped, usage, @stage_returncodes = facts
      @dropped = {stdout: dropped_out, stderr: dropped_err}
      @usage = usage && Usage.new(*usage)
    end

    # @return [Boolean] whether the child returned 0
    def success? = @returncode == 0

    # @return [Boolean] whether a signal ended it
    def signaled? = !@returncode.nil? && @returncode.negative?

    # @return [Integer, nil] the signal that ended it
    def termsig = signaled? ? -@returncode : nil

    # @return [Boolean] whether it dumped core
    def core_dumped? = @core_dumped

    # @return [Boolean] whether somebody else still held its pipes open when reading stopped
    def pipes_held? = @pipes_held

    # @return [String] such as `exit 1`, `SIGKILL (signal 9)`
    def to_s
      return "running" if @returncode.nil?
      return "exit #{@returncode}" unless signaled?

      name = Signal.signame(termsig)
      text = name ? "SIG#{name} (signal #{termsig})" : "signal #{termsig}"
      core_dumped? ? "#{text} (core dumped)" : text
    end

    def inspect
      "#<#{self.class} #{self}#{size_of('stdout', @stdout)}#{size_of('stderr', @stderr)}>"
    end

    # Gives the captured bytes their encoding, after what streams had read ahead.
    # @api private
    def adopt(encoding, stdout_ahead: "", stderr_ahead: "")
      @stdout = stdout_ahead + @stdout if @stdout && !stdout_ahead.empty?
      @stderr = stderr_ahead + @stderr if @stderr && !stderr_ahead.empty?
      [@stdout, @stderr].each { |bytes| bytes&.force_encoding(encoding) } if encoding
      self
    end

    private

    def size_of(name, bytes) = bytes ? " #{name}=#{bytes.bytesize} bytes" : ""
  end
end
