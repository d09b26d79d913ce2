# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Libsubprocess
  class << self
    # Runs a command to its end.
    #
    # A child that outlives the limit, the token, an exception or a Ctrl-C is killed and waited for before the call returns.
    #
    # @param argv [Array<String, #to_path>] the program and its arguments; no shell is involved unless `shell: true`
    # @option options [Boolean] :capture collect standard output and standard error
    # @option options [Boolean] :check a return code other than 0 raises {CalledProcessError}
    # @option options [Numeric] :timeout the limit in seconds
    # @option options [Numeric] :kill_grace on expiry SIGTERM first, and SIGKILL after so many seconds
    # @option options [Boolean] :kill_group_on_timeout kill the child's whole group; needs `new_group` or `new_session`
    # @option options [Numeric] :drain after the child's end read at most so many seconds
    # @option options [String] :input bytes for standard input
    # @option options [Integer] :max_output captured bytes per stream; what is more is read and dropped
    # @option options [Encoding, String] :encoding of captured output and of lines; binary without it
    # @option options [Boolean] :text the same as `encoding: Encoding.default_external`
    # @option options [Boolean] :universal_newlines `"\r\n"` and `"\r"` become `"\n"` in captured output
    # @option options [Symbol, Integer, IO, String, Pathname, Array, Stream] :stdin (:inherit) `:pipe`, `:devnull`, an IO or
    #   a descriptor, a file's path, or the stream of another process
    # @option options [Symbol, Integer, IO, String, Pathname, Array, Stream] :stdout (:inherit) the same; a file as `path` or
    #   `[path, "w"]` is truncated, as `[path, "a"]` appended to
    # @option options [Symbol, Integer, IO, String, Pathname, Array, Stream] :stderr (:inherit) the same, or `:stdout`
    # @option options [Hash{String => String, nil}] :env added to the environment; nil removes a variable
    # @option options [Boolean] :unsetenv_others `env` is all of the environment
    # @option options [String, Pathname] :cwd the directory that the child starts in
    # @option options [Boolean] :shell the first argument is a line for `/bin/sh -c`, the others are `$0`, `$1` ...
    # @option options [String, Pathname] :executable the program to execute instead of the first argument
    # @option options [CancelToken] :cancel wakes the call with {Canceled}
    # @option options [Boolean] :new_group the child leads a new process group
    # @option options [Boolean] :new_session the child leads a new session
    # @option options [Boolean] :controlling_tty with `new_session`: its standard input becomes its controlling terminal
    # @option options [Integer] :join_group a process group to enter
    # @option options [String] :user run as this user
    # @option options [String] :group run as this group
    # @option options [Integer] :uid
    # @option options [Integer] :gid
    # @option options [Array<Integer>] :groups supplementary groups
    # @option options [Integer] :umask
    # @option options [Array<IO, Integer>] :pass_fds what the child gets under the same numbers
    # @option options [Hash{Integer => IO, Integer}] :fd_map what the child gets under other numbers
    # @option options [Boolean] :keep_fds do not close other descriptors
    # @option options [Boolean] :keep_signals leave ignored signals ignored
    # @option options [Boolean] :keep_signal_mask
    # @option options [String, Symbol, Integer] :death_signal sent to the child when the thread that started it ends
    # @option options [Integer] :pipe_size capacity of new pipes
    # @option options [#call] :on_output called as the block is
    # @yieldparam stream [Symbol] `:stdout` or `:stderr`, if it is captured or a pipe
    # @yieldparam chunk [String] output as it comes
    # @return [Result]
    # @raise [CalledProcessError, TimeoutExpired, Canceled, SystemCallError, ArgumentError, TypeError]
    def run(*argv, **options, &on_output)
      options[:on_output] = on_output if on_output
      encoding = take_encoding(options)
      facts = Options.for_command(argv, options) { |core| Core.run(core) }
      encoding ? Result.new(facts).adopt(encoding) : Result.new(facts)
    rescue Error => e
      e.result&.adopt(encoding)
      raise
    end

    # Runs a command, and returns its standard output.
    # @param options as for {#run}; `stdout`, `capture` and `check` are settled
    # @return [String]
    # @raise [CalledProcessError] if it does not return 0; what it wrote is in there
    def check_output(*argv, **options, &on_output)
      settled = options.keys & %i[stdout capture]
      raise ArgumentError, "check_output settles #{settled.first}" unless settled.empty?

      run(*argv, **options, stdout: :pipe, check: true, &on_output).stdout
    end

    # Starts a command.
    #
    # With a block it yields the process, and then does as `IO.popen` does: closes the pipes and waits for the child,
    # without killing it; also if the block raises.
    #
    # @param options as for {#run}, but `input`, `timeout`, `kill_grace` and `kill_group_on_timeout`, which belong to it
    # @option options [Boolean] :kill_on_free kill the child when the process object is collected
    # @yieldparam process [Process]
    # @return [Process, Object] what the block returns, if there is one
    def popen(*argv, **options, &block)
      encoding = take_encoding(options)
      handle = Options.for_command(argv, options) { |core| Core.start(core) }
      use(Process.new(handle, encoding), &block)
    end

    # Starts commands, each one's standard output piped into the next one's standard input, as one process.
    #
    #   Libsubprocess.pipeline(%w[cat names], ["sort", "-u", {env: {"LC_ALL" => "C"}}], stdout: :pipe) do |names|
    #     names.stdout.each_line(chomp: true) { |name| puts name }
    #   end
    #
    # @param commands [Array<Array>] argument lists; a Hash at the end of one holds options of that command alone
    # @param options as for {#popen}: streams and limits are the pipeline's own, the others are for the commands that have
    #   no options of their own
    # @option options [Boolean] :pipefail the last command that failed decides the return code
    # @yieldparam process [Process]
    # @return [Process, Object] what the block returns, if there is one
    def pipeline(*commands, **options, &block)
      encoding = take_encoding(options)
      handle = Options.for_pipeline(commands, options) { |core| Core.start(core) }
      use(Process.new(handle, encoding), &block)
    end

    # Closes what the library keeps for the next call, and reaps forgotten children that have ended.
    # @return [nil]
    def release_caches = Core.sp_release_caches

    # @return [String] the version of the C library
    def version
      number = Core.sp_version_number
      [number >> 16, number >> 8 & 0xff, number & 0xff].join(".")
    end

    private

    def take_encoding(options)
      text = options.delete(:text)
      encoding = options.delete(:encoding) || (Encoding.default_external if text)
      encoding && Encoding.find(encoding)
    end

    def use(process)
      return process unless block_given?

      begin
        yield process
      ensure
        process.settle
      end
    end
  end
end
