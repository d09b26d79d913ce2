# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class PipelineTest < SubprocessTest
  EXITS = [["sh", "-c", "exit 3"], ["sh", "-c", "exit 4"], ["true"]].freeze

  def test_stages
    result = Sp.pipeline(["printf", "b\\na\\nb\\n"], %w[sort -u], stdout: :pipe).communicate
    assert_equal ["a\nb\n", [0, 0]], [result.stdout, result.stage_returncodes]
  end

  def test_all_bytes
    input = ALL_BYTES * 4096
    assert_equal input, Sp.pipeline(["cat"], ["cat"], ["cat"], stdin: :pipe, stdout: :pipe).communicate(input).stdout
  end

  def test_last_stage_decides
    pipeline = Sp.pipeline(*EXITS)
    assert_equal 0, pipeline.wait
    assert_equal [3, 4, 0], pipeline.stages.map(&:wait)
    assert_equal [3, 4, 0], pipeline.stages.map(&:returncode)
    assert_equal [3, 4, 0], pipeline.communicate.stage_returncodes
    assert_nil pipeline.exit_handle
  end

  def test_pipefail
    error = assert_raises(Sp::CalledProcessError) { Sp.pipeline(*EXITS, pipefail: true, check: true).communicate }
    assert_equal [4, [3, 4, 0]], [error.returncode, error.result.stage_returncodes]
  end

  def test_stage_that_cannot_start
    leaves_no_child do
      error = assert_raises(Errno::ENOENT) { Sp.pipeline(["cat"], ["no-such-program"], ["cat"], stdin: :devnull) }
      all_failures(error, code: :SP_ENOTFOUND, step: :exec, stage: 1, path: "no-such-program")
    end
  end

  def test_options_of_a_stage
    in_directory do |directory|
      first = ["sh", "-c", "echo $A; pwd -P; echo err >&2", {env: {"A" => "stage"}, cwd: directory, stderr: "#{directory}/err"}]
      result = Sp.pipeline(first, ["sh", "-c", "cat; echo $A"], stdout: :pipe, env: {"A" => "whole"}).communicate
      assert_equal "stage\n#{directory}\nwhole\n", result.stdout
      assert_equal "err\n", File.read("#{directory}/err")
    end
  end

  def test_signals
    pipeline = Sp.pipeline(["cat"], ["cat"], stdin: :pipe, stdout: :pipe, new_group: true)
    first, second = pipeline.stages
    second.terminate
    assert_equal(-15, second.wait)
    assert_nil first.poll
    assert_equal pipeline.pid, first.pid
    refute_equal first.pid, second.pid
    pipeline.kill_group
    assert_equal [-9, -15], pipeline.communicate.stage_returncodes
  end

  def test_a_stage_keeps_its_pipeline
    stage = Sp.pipeline(["cat"], ["cat"], stdin: :devnull).stages.last
    GC.start
    assert_equal 0, stage.wait
  end

  def test_block
    lines = Sp.pipeline(%w[seq 3], ["sort", "-r"], stdout: :pipe) { |pipeline| pipeline.stdout.readlines(chomp: true) }
    assert_equal %w[3 2 1], lines
    assert_equal 1, Sp.popen("true").stages.size
  end

  def test_bad_stages
    assert_raises(ArgumentError) { Sp.pipeline }
    assert_raises(ArgumentError) { Sp.pipeline([]) }
    assert_raises(TypeError) { Sp.pipeline("cat") }
    assert_raises(TypeError) { Sp.pipeline(["cat", 5]) }
    assert_raises(ArgumentError) { Sp.pipeline(["cat", {foo: 1}]) }
    assert_raises(ArgumentError) { Sp.pipeline(["cat", {stdin: :pipe}], ["cat"]) }
    assert_raises(ArgumentError) { Sp.pipeline(["cat"], foo: 1) }
  end
end
