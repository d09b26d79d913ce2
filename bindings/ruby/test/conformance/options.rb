# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Conformance
  # The options of a case as Ruby's keywords.
  class Options
    SAME = %w[shell check capture keep_fds keep_signals keep_signal_mask new_session new_group controlling_tty pipefail kill_on_free
              universal_newlines kill_group_on_timeout executable cwd user group].freeze
    NUMBERS = %w[uid gid umask join_group pipe_size max_output].freeze
    LISTS = %w[groups pass_fds].freeze
    SECONDS = {"timeout_ms" => :timeout, "kill_grace_ms" => :kill_grace, "drain_ms" => :drain}.freeze
    STREAMS = %w[stdin stdout stderr].freeze

    def initialize(options, values, things)
      @options = options
      @values = values
      @things = things
    end

    # @return [Hash{String => String}, nil] what on_output was given
    attr_reader :observed

    # @return [Hash{Symbol => Object}]
    def keywords
      @options.each_with_object({}) { |(name, value), keywords| keywords.merge!(keyword(name, value)) }
    end

    private

    def keyword(name, value)
      case name
      when *SAME then {name.to_sym => @values.expand(value)}
      when *NUMBERS then {name.to_sym => @values.number(value)}
      when *LISTS then {name.to_sym => value.map { |number| @values.number(number) }}
      when *SECONDS.keys then {SECONDS[name] => value.fdiv(1000)}
      when *STREAMS then {name.to_sym => stream(name, value)}
      else other(name, value)
      end
    end

    def other(name, value)
      case name
      when "env" then {env: @values.expand(value), unsetenv_others: true}
      when "env_extend" then {env: @values.expand(value)}
      when "fd_map" then {fd_map: value.to_h { |child, host| [Integer(child), @values.number(host)] }}
      when "death_signal" then {death_signal: @values.signal(value)}
      when "input" then {input: @values.data(value)}
      when "cancel" then {cancel: @things.fetch(value)}
      when "on_output" then observer(value)
      else raise "unknown option #{name}"
      end
    end

    # Stopping a call and keeping what came is what a token does, from a block as from anywhere.
    def observer(value)
      raise "unknown observer #{value}" unless %w[collect stop].include?(value)

      token = Libsubprocess::CancelToken.new
      @observed = {"stdout" => "".b, "stderr" => "".b}
      on_output = lambda do |stream, chunk|
        @observed[stream.to_s] << chunk
        token.trigger if value == "stop"
      end
      {on_output: on_output, cancel: token}
    end

    def stream(name, value)
      return value.to_sym if value.is_a?(String)
      return @things.fetch(value["stream_of"]).stdout if value.keys == ["stream_of"]

      unknown = value.keys - %w[path append]
      raise "unknown key #{unknown.first}" unless unknown.empty?

      path = @values.expand(value.fetch("path"))
      name == "stdin" ? path : [path, value["append"] ? "a" : "w"]
    end
  end
end
