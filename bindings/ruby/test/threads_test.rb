# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class ThreadsTest < SubprocessTest
  def test_calls_run_side_by_side
    closed, open = gate
    threads = Array.new(20) { |i| Thread.new { Sp.check_output("sh", "-c", "read x <&3; echo #{i}", fd_map: {3 => closed}) } }
    threads.each { |thread| asleep(thread) }
    open.write("\n" * 20)
    assert_equal (0...20).map { |i| "#{i}\n" }, threads.map(&:value)
  end

  def test_one_reader_at_a_time
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    thread = Thread.new { child.stdout.gets }
    asleep(thread)
    [-> { child.stdout.gets }, -> { child.stdout.read }, -> { child.stdout.readpartial(1) }, -> { child.communicate }].each do |call|
      error = assert_raises(Sp::BusyError, &call)
      assert_equal :SP_EBUSY, error.code
    end
    child.stdin.puts "x"
    assert_equal "x\n", thread.value
    assert_equal 0, child.communicate.returncode
  end

  def test_readers_of_both_streams
    child = Sp.popen("read x; echo out; echo err >&2", shell: true, stdin: :pipe, stdout: :pipe, stderr: :pipe)
    threads = [Thread.new { child.stdout.gets }, Thread.new { child.stderr.gets }]
    threads.each { |thread| asleep(thread) }
    child.stdin.puts
    assert_equal %W[out\n err\n], threads.map(&:value)
  end

  # Lines are lent by the library until the next read: each reader has to get its own, whole.
  def test_readers_that_take_turns
    lines = Array.new(20_000) { |i| "#{i} #{'x' * (i % 50)}\n" }
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    writer = Thread.new { child.stdin.write(lines.join) && child.stdin.close }
    readers = Array.new(4) { Thread.new { read_lines(child.stdout) } }
    assert_equal lines, readers.flat_map(&:value).sort_by(&:to_i)
    writer.join
  end

  def test_many_wait_for_one
    child = Sp.popen("cat", stdin: :pipe)
    threads = Array.new(5) { Thread.new { child.wait } }
    threads.each { |thread| asleep(thread) }
    child.stdin.close
    assert_equal [0] * 5, threads.map(&:value)
  end

  def test_a_trap_that_uses_the_same_process
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    seen = nil
    previous = trap("USR1") do
      seen = (child.stdout.gets rescue $!.class)
      child.stdin.puts Sp.check_output("echo", "from a trap")
    end
    main = Thread.current
    sender = Thread.new { asleep(main) && Process.kill("USR1", Process.pid) }
    assert_equal "from a trap\n", child.stdout.gets
    sender.join
    assert_equal Sp::BusyError, seen
  ensure
    trap("USR1", previous)
  end

  def test_fibers
    children = Fiber.new { Array.new(3) { |i| Sp.check_output("echo", i.to_s) } }.resume
    assert_equal %W[0\n 1\n 2\n], children
  end

  private

  def read_lines(stream)
    lines = []
    loop do
      line = stream.gets or return lines
      lines << line
    rescue Sp::BusyError
      Thread.pass
    end
  end
end
