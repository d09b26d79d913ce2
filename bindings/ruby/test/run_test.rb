# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class RunTest < SubprocessTest
  def test_return_code
    result = Sp.run("sh", "-c", "exit 7")
    assert_equal 7, result.returncode
    refute result.success?
    refute result.signaled?
    assert_nil result.termsig
    assert_nil result.stdout
    assert_equal "exit 7", result.to_s
  end

  def test_success
    result = Sp.run("true")
    assert result.success?
    assert_equal [0], result.stage_returncodes
    refute result.pipes_held?
    refute result.core_dumped?
  end

  def test_signal
    result = Sp.run("sh", "-c", "kill -KILL $$")
    assert_equal(-9, result.returncode)
    assert result.signaled?
    assert_equal 9, result.termsig
    assert_equal "SIGKILL (signal 9)", result.to_s
  end

  def test_capture_is_binary
    result = Sp.run("sh", "-c", "printf 'a\\303\\244'; echo err >&2", capture: true)
    assert_equal "a\xC3\xA4".b, result.stdout
    assert_equal Encoding::BINARY, result.stdout.encoding
    assert_equal "err\n", result.stderr
    assert_match(/exit 0 stdout=3 bytes stderr=4 bytes/, result.inspect)
  end

  def test_encoding
    assert_equal "ä", Sp.run("printf", "ä", stdout: :pipe, encoding: "UTF-8").stdout
    assert_equal "ä".encode("ISO-8859-1"), Sp.run("printf", '\344', stdout: :pipe, encoding: Encoding::ISO_8859_1).stdout
    assert_equal Encoding.default_external, Sp.run("echo", stdout: :pipe, text: true).stdout.encoding
    error = assert_raises(Sp::CalledProcessError) { Sp.run("sh", "-c", "echo ä; exit 1", capture: true, check: true, encoding: "UTF-8") }
    assert_equal "ä\n", error.stdout
    assert_raises(ArgumentError) { Sp.run("true", encoding: "no-such-encoding") }
  end

  def test_all_bytes_both_ways
    input = ALL_BYTES * 4096
    assert_equal input, Sp.run("cat", input: input, stdout: :pipe).stdout
  end

  def test_input_that_nobody_reads
    assert Sp.run("true", input: "x" * 1_000_000).success?
  end

  def test_empty_input_is_end_of_file
    assert_equal "", Sp.run("cat", input: "", stdout: :pipe).stdout
  end

  def test_input_may_be_changed_meanwhile
    input = +"a" * 1_000_000
    read, write = gate
    thread = Thread.new { Sp.run("sh", "-c", "read x <&3; cat", input: input, stdout: :pipe, fd_map: {3 => read}).stdout }
    asleep(thread)
    input.replace("b" * 10)
    GC.start
    write.puts
    assert_equal "a" * 1_000_000, thread.value
  end

  def test_check
    error = assert_raises(Sp::CalledProcessError) { Sp.run("sh", "-c", "echo out; echo err >&2; exit 3", capture: true, check: true) }
    assert_equal [3, "out\n", "err\n"], [error.returncode, error.stdout, error.stderr]
    assert_kind_of Sp::Error, error
    assert_equal :SP_EFAILED, error.code
    assert_equal 3, error.result.returncode
  end

  def test_timeout_keeps_the_output_and_kills
    in_directory do |directory|
      command = ["sh", "-c", "mkfifo f; echo early; read x <>f"]
      leaves_no_child do
        error = assert_raises(Sp::TimeoutExpired) { Sp.run(*command, cwd: directory, capture: true, timeout: 0.5) }
        assert_equal [-9, "early\n"], [error.returncode, error.stdout]
        assert_kind_of ::Timeout::Error, error
        assert_equal :SP_ETIMEDOUT, error.code
      end
    end
  end

  def test_timeout_of_zero
    read, _write = gate
    assert_raises(Sp::TimeoutExpired) { Sp.run("cat", stdin: read, timeout: 0) }
  end

  def test_no_limit
    assert Sp.run("true", timeout: nil).success?
    assert Sp.run("true", timeout: Float::INFINITY).success?
    assert Sp.run("true", timeout: 60r).success?
  end

  def test_kill_grace
    in_directory do |directory|
      script = "trap 'echo bye; exit 3' TERM; mkfifo f; echo early; read x <>f"
      error = assert_raises(Sp::TimeoutExpired) do
        Sp.run("sh", "-c", script, cwd: directory, capture: true, timeout: 1, kill_grace: PATIENCE)
      end
      assert_equal [3, "early\nbye\n"], [error.returncode, error.stdout]
    end
  end

  def test_grandchild_that_holds_the_pipes
    error = assert_raises(Sp::TimeoutExpired) do
      Sp.run("sleep 600 & echo early", shell: true, capture: true, new_group: true, kill_group_on_timeout: true, timeout: 0.5)
    end
    assert_equal "early\n", error.stdout
    assert error.result.pipes_held?
  end

  def test_drain
    in_directory do |directory|
      path = fifo(directory)
      result = Sp.run("cat <>#{path} & echo out", shell: true, capture: true, drain: 0.05)
      assert_equal "out\n", result.stdout
      assert result.pipes_held?
      File.open(path, "w") { |file| Process.kill("KILL", *holders(file)) }
    end
  end

  def test_max_output
    result = Sp.run("sh", "-c", "printf 123456789", capture: true, max_output: 4)
    assert_equal "1234", result.stdout
    assert_equal({stdout: 5, stderr: 0}, result.dropped)
  end

  def test_usage
    usage = Sp.run("sh", "-c", "echo").usage
    assert_operator usage.wall_us, :>, 0
    assert_operator usage.max_rss_bytes, :>, 0
    core = Sp.const_get(:Core)
    assert_equal Sp::Usage.members.map(&:to_s), (0...core::SPB_USAGE_FIELDS).map { |index| core.usage_field_name(index) }
  end

  def test_check_output
    assert_equal "two words", Sp.check_output("printf", "%s", "two words")
    error = assert_raises(Sp::CalledProcessError) { Sp.check_output("sh", "-c", "echo why; exit 1") }
    assert_equal "why\n", error.stdout
    assert_equal "both\nboth\n", Sp.check_output("echo both; echo both >&2", shell: true, stderr: :stdout)
    assert_raises(ArgumentError) { Sp.check_output("true", stdout: :devnull) }
    assert_raises(ArgumentError) { Sp.check_output("true", capture: true) }
  end

  def test_block_sees_output_as_it_comes
    in_directory do |directory|
      path = fifo(directory)
      seen = Hash.new("")
      result = Sp.run("echo one; echo two >&2; read x <#{path}; echo three", shell: true, capture: true) do |stream, chunk|
        seen[stream] += chunk
        File.write(path, "go\n") if seen == {stdout: "one\n", stderr: "two\n"}
      end
      assert_equal({stdout: "one\nthree\n", stderr: "two\n"}, seen)
      assert_equal "one\nthree\n", result.stdout
    end
  end

  def test_block_sees_all_of_much_output
    input = ALL_BYTES * 20_000
    seen = String.new
    result = Sp.run("cat", input: input, stdout: :pipe) { |_stream, chunk| seen << chunk }
    assert_equal input, seen
    assert_equal input, result.stdout
  end

  def test_exception_in_the_block_ends_the_child
    leaves_no_child { assert_raises(KeyError) { Sp.run("yes", capture: true) { raise KeyError } } }
  end

  def test_break_and_throw_in_the_block
    leaves_no_child do
      assert_equal 42, Sp.run("yes", capture: true) { break 42 }
      assert_equal 43, catch(:done) { Sp.run("yes", capture: true) { throw :done, 43 } }
    end
  end

  def test_block_may_run_others
    nested = nil
    Sp.run("echo", "outer", capture: true) { nested ||= Sp.run("echo", "inner", capture: true).stdout + `echo host` }
    assert_equal "inner\nhost\n", nested
  end

  def test_version
    assert_equal Libsubprocess::VERSION, Sp.version
    assert_nil Sp.release_caches
  end

  private

  # Whoever else has this file open.
  def holders(file)
    Dir.glob("/proc/[0-9]*").filter_map do |process|
      pid = File.basename(process).to_i
      next if pid == Process.pid

      pid if Dir.glob("#{process}/fd/*").any? { |link| File.readlink(link) == file.path rescue false }
    end
  end
end
