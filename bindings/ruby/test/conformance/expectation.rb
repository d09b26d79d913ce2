# frozen_string_literal: true

# SPDX-License-Identifier: MIT

module Conformance
  # What a step is to come to.
  class Expectation
    KEYS = %w[returncode stdout stderr stages dropped pipes_held usage value observed error at_least_ms at_most_ms].freeze
    ERROR_KEYS = %w[code step path stage errno message_has].freeze

    def initialize(expected, values)
      unknown = (expected.keys - KEYS) + (expected.fetch("error", {}).keys - ERROR_KEYS)
      raise "unknown expectation #{unknown.first}" unless unknown.empty?

      @expected = expected
      @values = values
    end

    def check
      start = now
      given, error = nil
      begin
        given = yield
      rescue Libsubprocess::Error, ArgumentError => e
        error = e
      end
      check_time(now - start)
      check_error(error)
      check_result(error.respond_to?(:result) ? error.result : given)
      same("value", normal(@expected["value"]), given) if @expected.key?("value")
    end

    def check_observed(seen)
      return unless @expected.key?("observed")

      same("observed", @expected["observed"].transform_values { |form| @values.data(form) }, seen)
    end

    private

    def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)

    def same(what, expected, seen)
      seen = seen.b if seen.is_a?(String)
      raise "#{what}: expected #{brief(expected)}, got #{brief(seen)}" unless expected == seen
    end

    def brief(value) = value.inspect.then { |text| text.size > 120 ? "#{text[0, 120]}..." : text }

    # Data, or whatever else a value may be.
    def normal(value)
      case value
      when String, Hash then @values.data(value)
      else @values.expand(value)
      end
    end

    def check_time(ms)
      raise "took #{ms.round} ms only" if @expected.key?("at_least_ms") && ms < @expected["at_least_ms"]
      raise "took #{ms.round} ms" if @expected.key?("at_most_ms") && ms > @expected["at_most_ms"]
    end

    def check_error(error)
      expected = @expected["error"]
      raise "#{error.class}: #{error.message}" if error && !expected
      return unless expected
      raise "no error" unless error

      facts = facts_of(error)
      expected.each do |name, value|
        if name == "message_has"
          raise "message: #{error.message}" unless error.message.include?(value)
        else
          same(name, normal(value), facts.fetch(name))
        end
      end
    end

    # What Ruby finds out by itself (a NUL in a path, an unknown keyword) is an ArgumentError of its own.
    def facts_of(error)
      return {"code" => "SP_EINVAL", "step" => "call"} unless error.is_a?(Libsubprocess::Error)

      errno = Errno.constants.find { |name| Errno.const_get(name)::Errno == error.errno }
      {"code" => error.code.to_s, "step" => error.step.to_s, "path" => error.path, "stage" => error.stage, "errno" => errno.to_s}
    end

    def check_result(result)
      %w[returncode stdout stderr].each do |name|
        same(name, normal(@expected[name]), result.public_send(name)) if @expected.key?(name)
      end
      same("stages", @expected["stages"], result.stage_returncodes) if @expected.key?("stages")
      same("dropped", @expected["dropped"], result.dropped.transform_keys(&:to_s)) if @expected.key?("dropped")
      same("pipes_held", @expected["pipes_held"], result.pipes_held?) if @expected.key?("pipes_held")
      same("usage", @expected["usage"], told?(result.usage)) if @expected.key?("usage")
    end

    def told?(usage) = !usage.nil? && usage.wall_us.positive? && usage.max_rss_bytes.positive?
  end
end
