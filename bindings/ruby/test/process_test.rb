# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class ProcessTest < SubprocessTest
  def test_pid
    child = Sp.popen("sh", "-c", "echo $$", stdout: :pipe)
    assert_equal "#{child.pid}\n", child.communicate.stdout
  end

  def test_wait_and_poll
    child = Sp.popen("sh", "-c", "read x; exit 6", stdin: :pipe)
    assert_nil child.poll
    assert_nil child.returncode
    assert child.running?
    child.stdin.puts
    assert_equal 6, child.wait
    assert_equal [6, 6, 6], [child.wait(timeout: 0), child.poll, child.returncode]
    refute child.running?
  end

  def test_wait_timeout
    child = Sp.popen("cat", stdin: :pipe)
    start = monotonic
    error = assert_raises(Sp::TimeoutExpired) { child.wait(timeout: 0.05) }
    assert_operator monotonic - start, :>=, 0.05
    assert_nil error.result
    assert_raises(Sp::TimeoutExpired) { child.wait(timeout: 0) }
    child.stdin.close
    assert_equal 0, child.wait
  end

  def test_communicate
    result = Sp.popen("cat; echo err >&2", shell: true, stdin: :pipe, stdout: :pipe, stderr: :pipe).communicate("in")
    assert_equal ["in", "err\n", 0], [result.stdout, result.stderr, result.returncode]
  end

  def test_communicate_gives_the_same_result_again
    child = Sp.popen("echo", "once", stdout: :pipe)
    assert_equal %W[once\n once\n], [child.communicate.stdout, child.communicate.stdout]
    assert_equal 0, child.returncode
    assert child.stdout.closed?
  end

  def test_communicate_goes_on_after_its_limit
    closed, open = gate
    input = ALL_BYTES * 4096
    child = Sp.popen("sh", "-c", "echo early; read x <&3; cat", fd_map: {3 => closed}, stdin: :pipe, stdout: :pipe)
    eventually { assert_raises(Sp::TimeoutExpired) { child.communicate(input, timeout: 0.02) }.stdout == "early\n" }
    open.puts
    assert_equal "early\n".b + input, child.communicate.stdout
  end

  def test_communicate_checks
    child = Sp.popen("sh", "-c", "echo out; exit 4", stdout: :pipe, check: true)
    error = assert_raises(Sp::CalledProcessError) { child.communicate }
    assert_equal [4, "out\n"], [error.returncode, error.stdout]
  end

  def test_communicate_shows_output
    seen = String.new
    child = Sp.popen("printf", "abc", stdout: :pipe, on_output: ->(stream, chunk) { seen << "#{stream}:#{chunk}" })
    GC.start
    assert_equal "abc", child.communicate.stdout
    assert_equal "stdout:abc", seen
  end

  def test_exception_of_on_output_leaves_the_child
    failures = [KeyError]
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe, on_output: ->(*) { failures.pop&.then { |failure| raise failure } })
    assert_raises(KeyError) { child.communicate("all of it") }
    assert_equal "all of it", child.communicate.stdout
  end

  def test_on_output_must_be_callable
    assert_raises(TypeError) { Sp.popen("true", stdout: :pipe, on_output: 5) }
  end

  def test_finish
    in_directory do |directory|
      child = Sp.popen("sh", "-c", "trap 'echo bye; exit 3' TERM; mkfifo f; echo early; read x <>f", cwd: directory, stdout: :pipe)
      eventually { assert_raises(Sp::TimeoutExpired) { child.communicate(timeout: 0.02) }.stdout == "early\n" }
      result = child.finish(PATIENCE)
      assert_equal [3, "early\nbye\n"], [result.returncode, result.stdout]
      assert_equal 3, child.returncode
      assert_raises(ArgumentError) { child.finish(nil) }
    end
  end

  def test_finish_of_a_group
    child = Sp.popen("sleep 600 & echo early; wait", shell: true, stdout: :pipe, new_group: true)
    assert_equal "early\n", child.stdout.gets
    assert_equal(-9, child.finish(whole_group: true).returncode)
    assert_raises(ArgumentError) { Sp.popen("true").finish(whole_group: true) }
  end

  def test_stop
    child = Sp.popen("cat", stdin: :pipe)
    assert_equal(-9, child.stop)
    assert_equal(-9, child.stop(PATIENCE))
    assert_equal(-15, Sp.popen("cat", stdin: :pipe).stop(PATIENCE))
  end

  def test_stop_with_patience_for_ever
    child = Sp.popen("sh", "-c", "trap 'exit 3' TERM; echo ready; while read x; do :; done", stdin: :pipe, stdout: :pipe)
    child.stdout.gets
    assert_equal 3, child.stop(nil)
  end

  def test_signals_by_name_and_number
    ["TERM", :SIGTERM, 15].each do |signal|
      child = Sp.popen("cat", stdin: :pipe)
      assert_same child, child.send_signal(signal)
      assert_equal(-15, child.wait)
    end
    child = Sp.popen("cat", stdin: :pipe)
    assert_same child, child.send_signal(0)
    assert_raises(ArgumentError) { child.send_signal("NOSUCH") }
    assert_raises(ArgumentError) { child.send_signal(65) }
    assert_raises(TypeError) { child.send_signal(nil) }
    assert_equal(-9, child.kill.wait)
    assert_same child, child.terminate
    assert_equal(-15, Sp.popen("cat", stdin: :pipe).terminate.wait)
  end

  def test_kill_group
    child = Sp.popen("sleep 600 & echo ready; wait", shell: true, stdout: :pipe, new_group: true)
    assert_equal "ready\n", child.stdout.gets
    child.kill_group
    assert_equal "", child.stdout.read
    assert_equal(-9, child.wait)
    assert_raises(ArgumentError) { Sp.popen("cat", stdin: :pipe).kill_group }
  end

  def test_exit_handle
    child = Sp.popen("cat", stdin: :pipe)
    handle = IO.for_fd(child.exit_handle, autoclose: false)
    assert_nil IO.select([handle], nil, nil, 0)
    child.stdin.close
    assert IO.select([handle], nil, nil, PATIENCE)
    assert_equal 0, child.poll
  end

  def test_block_closes_and_waits
    process = nil
    value = Sp.popen("cat; exit 5", shell: true, stdin: :pipe, stdout: :pipe) do |child|
      process = child
      child.stdin << "hello"
      :value
    end
    assert_equal :value, value
    assert_equal 5, process.returncode
    assert process.closed?
    assert_raises(Sp::ClosedError) { process.wait }
  end

  def test_block_that_raises
    process = nil
    assert_raises(KeyError) { Sp.popen("cat", stdin: :pipe) { |child| (process = child) && raise(KeyError) } }
    assert_equal 0, process.returncode
  end

  def test_block_may_close_or_finish
    assert_equal 1, Sp.popen("true") { |child| child.close || 1 }
    assert_equal 0, Sp.popen("true", stdout: :pipe) { |child| child.communicate.returncode }
  end

  # Newer kernels tell the status all the same.
  def test_process_that_somebody_else_waited_for
    child = Sp.popen("sh", "-c", "exit 3")
    Process.wait(child.pid)
    assert_includes [3, Sp::LostError], (child.wait rescue $!.class)
    assert_includes [3, Sp::LostError], (child.poll rescue $!.class)
    assert_equal(1, Sp.popen("true") { |other| Process.wait(other.pid) && 1 })
  end

  def test_inspect
    child = Sp.popen("cat", stdin: :pipe)
    assert_match(/\A#<Libsubprocess::Process pid=#{child.pid} running>\z/, child.inspect)
    child.kill.wait
    assert_match(/ -9>/, child.inspect)
    child.close
    assert_match(/ closed>/, child.inspect)
  end
end
