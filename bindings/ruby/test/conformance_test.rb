# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "json"
require "test_helper"
require "conformance/run"

# Runs the cases that all languages share against the public API, and writes down which passed.
class ConformanceTest < SubprocessTest
  CASES = ENV.fetch("SP_CONFORMANCE_CASES") { File.expand_path("../../conformance/cases.json", __dir__) }

  def test_cases
    trap("PIPE", "IGNORE")
    results = JSON.parse(File.read(CASES)).fetch("cases").to_h { |description| [description["name"], outcome(description)] }
    results.each { |name, result| puts "#{name}: #{result}" }
    write_down(results) if ENV["SP_CONFORMANCE_RESULTS"]
    assert_empty results.select { |_, result| result.start_with?("fail") }
  end

  private

  def outcome(description)
    why = description.fetch("not_in", {})["ruby"]
    return "skip: #{why}" if why
    return "skip: needs root" if description["needs"] == "root" && Process.euid.nonzero?

    Conformance::Run.new(description).outcome
  end

  def write_down(results)
    report = {language: "ruby", version: "ruby #{RUBY_VERSION}", results: results}
    File.write(ENV.fetch("SP_CONFORMANCE_RESULTS"), JSON.pretty_generate(report))
  end
end
