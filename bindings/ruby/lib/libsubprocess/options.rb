# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "io/nonblock"

module Libsubprocess
  # Keyword arguments, turned into what the extension takes in one crossing.
  # @api private
  module Options
    # Ruby's name of an option => the function below that converts its value; nil hands it on.
    CONVERTERS = {
      shell: nil, check: nil, capture: nil, keep_fds: nil, keep_signals: nil, keep_signal_mask: nil, new_session: nil,
      new_group: nil, controlling_tty: nil, pipefail: nil, kill_on_free: nil, universal_newlines: nil,
      kill_group_on_timeout: nil,
      executable: nil, cwd: nil, user: nil, group: nil,
      uid: nil, gid: nil, umask: nil, groups: nil, join_group: nil, pipe_size: nil, max_output: nil,
      input: nil, on_output: nil,
      timeout: :milliseconds, drain: :milliseconds, kill_grace: :milliseconds,
      death_signal: :signal, pass_fds: :descriptors, fd_map: :descriptor_map, cancel: :token,
      stdin: :input_stream, stdout: :output_stream, stderr: :output_stream
    }.freeze
    CORE_NAMES = {timeout: :timeout_ms, drain: :drain_ms, kill_grace: :kill_grace_ms}.freeze
    # Those that have more than one keyword to a meaning.
    ENVIRONMENT = %i[env unsetenv_others].freeze
    INPUT_MODES = {"r" => false, "rb" => false}.freeze
    OUTPUT_MODES = {"w" => false, "wb" => false, "a" => true, "ab" => true}.freeze
    FIFO_MODES = {stdin: %w[rb], stdout: %w[wb ab], stderr: %w[wb ab]}.freeze
    # Longer than any limit that the library takes, so that its own sentence refuses it.
    BEYOND_LIMITS = 2**62

    class << self
      # @yieldparam core [Hash] for the extension
      def for_command(argv, options)
        opened = []
        flush_host_streams(options)
        yield of_stage(argv, options, opened).merge!(return_on_signal: true)
      ensure
        opened.each(&:close)
      end

      # @yieldparam core [Hash] for the extension
      def for_pipeline(commands, options)
        opened = []
        flush_host_streams(options)
        stages = commands.map { |command| of_stage(*split_command(command), opened) }
        yield convert(options, opened).merge!(stages: stages, return_on_signal: true)
      ensure
        opened.each(&:close)
      end

      # @return [Integer] of seconds; nil and infinity are no limit
      def milliseconds(seconds)
        return Core::FOREVER if seconds.nil? || seconds == Float::INFINITY
        raise TypeError, "can't convert #{seconds.class} into time interval" unless seconds.is_a?(Numeric)
        raise ArgumentError, "time interval is not a number" if seconds.respond_to?(:nan?) && seconds.nan?

        # -1 would mean no limit.
        ms = (seconds * 1000).ceil
        seconds.negative? ? [ms, -2].min.clamp(-BEYOND_LIMITS, -2) : [ms, BEYOND_LIMITS].min
      end

      # @return [Integer] of `15`, `"TERM"`, `"SIGTERM"`, `:TERM`
      def signal(signal)
        return signal if signal.is_a?(Integer)
        raise TypeError, "bad signal type #{signal.class}" unless signal.is_a?(String) || signal.is_a?(Symbol)

        name = signal.to_s.delete_prefix("SIG")
        Signal.list.fetch(name) { raise ArgumentError, "unsupported signal `SIG#{name}'" }
      end

      private

      def of_stage(argv, options, opened) = convert(options, opened).merge!(argv: argv)

      # The last element may hold options, as in Ruby's Open3.pipeline.
      def split_command(command)
        raise TypeError, "a command is an Array, not #{command.class}" unless command.is_a?(Array)

        command.last.is_a?(Hash) ? [command[...-1], command.last] : [command, {}]
      end

      def convert(options, opened)
        core = {}
        options.each do |name, value|
          next if value.nil?
          next if ENVIRONMENT.include?(name)

          converter = CONVERTERS.fetch(name) { raise ArgumentError, "unknown keyword: #{name.inspect}" }
          core[CORE_NAMES.fetch(name, name)] = converter ? send(converter, value) : value
        end
        open_fifos(core, opened)
        add_environment(core, options)
      end

      def add_environment(core, options)
        env = options[:env]
        if options[:unsetenv_others]
          core[:env] = env.respond_to?(:compact) ? env.compact : env || {}
        elsif env
          core[:env_extend] = env
        end
        core
      end

      def token(token)
        raise TypeError, "cancel is #{token.class}, not a CancelToken" unless token.is_a?(CancelToken)

        token.handle
      end

      def descriptor(io) = io.respond_to?(:to_io) ? io.to_io.fileno : io
      def descriptors(list) = list.respond_to?(:map) ? list.map { |io| descriptor(io) } : list
      def descriptor_map(map) = map.respond_to?(:transform_values) ? map.transform_values { |io| descriptor(io) } : map

      def input_stream(target) = stream(target, INPUT_MODES)
      def output_stream(target) = stream(target, OUTPUT_MODES)

      def stream(target, modes)
        case target
        when Symbol, Integer, String then target
        when Stream then target.fileno
        when Array then path_with_mode(target, modes)
        else target.respond_to?(:to_io) ? descriptor_of(target.to_io) : path(target)
        end
      end

      def path(target) = target.respond_to?(:to_path) ? target.to_path : target

      # As Process.spawn does: what Ruby has buffered comes before what the child writes, and the child gets a descriptor that
      # blocks, as programs expect, while Ruby's own pipes do not.
      def descriptor_of(io)
        io.flush
        io.nonblock = false if io.nonblock?
        io.fileno
      end

      def path_with_mode(target, modes)
        raise ArgumentError, "a file is given as [path, mode]" unless target.size == 2

        [path(target[0]), modes.fetch(target[1]) { raise ArgumentError, "invalid access mode #{target[1].inspect}" }]
      end

      # The library would wait for the other end of a FIFO where nothing can end that; Ruby waits where exceptions can.
      def open_fifos(core, opened)
        FIFO_MODES.each do |name, modes|
          path, append = core[name]
          next unless path.is_a?(String) && File.pipe?(path)

          opened << open_file(path, modes[append ? 1 : 0])
          core[name] = opened.last.fileno
        end
      end

      # A block of trap has run meanwhile, and Ruby says so.
      def open_file(path, mode)
        File.open(path, mode)
      rescue Errno::EINTR
        retry
      end

      # As Kernel#system does: what was written before comes before what the child writes.
      def flush_host_streams(options)
        return if options[:capture] || (options[:stdout] && options[:stderr])

        $stdout.flush
        $stderr.flush
      end
    end
  end
  private_constant :Options
end
