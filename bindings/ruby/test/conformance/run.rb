# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "tmpdir"
require_relative "expectation"
require_relative "values"
require_relative "verbs"

module Conformance
  # One case: its directory, and the processes, tokens, threads and files that its steps have made.
  class Run
    include Verbs

    # What every case may have, and every step beside its verb's own keys.
    CASE_KEYS = %w[group name steps not_in needs].freeze
    STEP_KEYS = %w[do expect].freeze

    def initialize(description)
      unknown = description.keys - CASE_KEYS
      raise "unknown key #{unknown.first}" unless unknown.empty?

      @steps = description.fetch("steps")
      @things = {}
    end

    # @return [String] "pass" or "fail: WHY"
    def outcome
      Dir.mktmpdir do |directory|
        @values = Values.new(File.realpath(directory), @things)
        run(@steps)
      ensure
        clean_up
      end
      "pass"
    rescue StandardError, NotImplementedError => e
      "fail: #{e.message.gsub(/\s+/, ' ')}"
    end

    private

    def run(steps)
      steps.each_with_index do |step, index|
        step(step)
      rescue StandardError => e
        raise "step #{index + 1} (#{step['do']}): #{e.message}"
      end
    end

    def step(step)
      verb = step.fetch("do")
      raise "unknown verb #{verb}" unless VERBS.key?(verb)

      unknown = step.keys - STEP_KEYS - VERBS.fetch(verb)
      raise "unknown key #{unknown.first}" unless unknown.empty?

      expectation = Expectation.new(step.fetch("expect", {}), @values)
      expectation.check { send(:"do_#{verb}", step) }
      expectation.check_observed(@observed)
    end

    def clean_up
      of_kind(Libsubprocess::CancelToken).each(&:trigger)
      of_kind(Libsubprocess::Process).each { |process| kill(process) unless process.closed? }
      of_kind(Thread).each { |thread| thread.join rescue nil }
      of_kind(IO).each(&:close)
    end

    def of_kind(kind) = @things.values.grep(kind)

    def kill(process)
      process.kill
      process.wait(timeout: 30)
    rescue Libsubprocess::Error
      nil # a triggered token
    ensure
      process.close
    end
  end
end
