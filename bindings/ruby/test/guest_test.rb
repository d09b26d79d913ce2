# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "open3"
require "test_helper"

# Ruby's own ways to run programs, before, during and after ours: neither may lose, hang or see anything of the other.
class GuestTest < SubprocessTest
  # Each runs one child, and tells whether all of it came.
  RUBYS = {
    system: ->(i) { system("/bin/sh", "-c", "exit #{i % 2}") == i.even? },
    backticks: ->(i) { `echo #{i}` == "#{i}\n" && $?.success? },
    spawn_and_wait: ->(i) { Process.wait(spawn("/bin/sh", "-c", "exit #{i % 100}")) && $?.exitstatus == i % 100 },
    spawn_and_wait2: ->(i) { Process.wait2(spawn("/bin/sh", "-c", "exit #{i % 100}"))[1].exitstatus == i % 100 },
    detach: ->(i) { Process.detach(spawn("/bin/sh", "-c", "exit #{i % 100}")).value.exitstatus == i % 100 },
    popen: ->(i) { IO.popen(["echo", i.to_s], &:read) == "#{i}\n" },
    open3: ->(i) { Open3.capture2("cat", stdin_data: i.to_s)[0] == i.to_s },
    fork: ->(i) { Process.wait(fork { exit!(i % 100) }) && $?.exitstatus == i % 100 }
  }.freeze
  OURS = {
    run: ->(i) { Sp.run("/bin/sh", "-c", "exit #{i % 100}").returncode == i % 100 },
    capture: ->(i) { Sp.check_output("echo", i.to_s) == "#{i}\n" },
    input: ->(i) { Sp.run("cat", input: i.to_s, capture: true).stdout == i.to_s },
    popen: ->(i) { Sp.popen("cat", stdin: :pipe, stdout: :pipe) { |child| child.stdin.puts(i) || child.stdout.gets == "#{i}\n" } },
    stop: ->(_) { Sp.popen("cat", stdin: :pipe).stop == -9 },
    pipeline: ->(i) { Sp.pipeline(["echo", i.to_s], ["cat"], stdout: :pipe) { |child| child.communicate.stdout == "#{i}\n" } },
    missing: ->(_) { Sp.run("no-such-program") rescue $!.is_a?(Errno::ENOENT) }
  }.freeze
  THREADS = 4
  CHILDREN = 10_000

  def test_before_and_after
    all_of_ruby
    all_of_ours
    all_of_ruby
    all_of_ours
  end

  def test_during
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    waiter = Thread.new { child.wait }
    asleep(waiter)
    all_of_ruby
    child.stdin.close
    assert_equal 0, waiter.value
  end

  def test_ours_while_ruby_waits
    closed, open = gate
    pid = spawn("cat", in: closed)
    waiter = Thread.new { Process.wait2(pid)[1].success? }
    asleep(waiter)
    all_of_ours
    open.close
    assert waiter.value
  end

  # Fast ones and slow ones, from several threads; the kinds are mixed by a step that meets each of them with each.
  def test_many_mixed_children
    kinds = RUBYS.except(:fork).to_a + OURS.to_a * 2
    leaves_no_child do
      threads = Array.new(THREADS) do |thread|
        Thread.new do
          (CHILDREN / THREADS).times.filter_map do |i|
            name, run = kinds[(i * 5 + thread * 7) % kinds.size]
            [name, i] unless run.call(i)
          end
        end
      end
      assert_empty threads.flat_map(&:value)
    end
  end

  # Process.wait without a pid takes whatever ends, ours too: then the status is lost, where the kernel does not keep it.
  def test_wait_for_any_child
    wanted = Array.new(20) { spawn("true") }
    ours = Array.new(20) { |i| [i, Sp.popen("/bin/sh", "-c", "exit #{i}")] }
    reaped = []
    reaped << Process.wait until (wanted - reaped).empty?
    ours.each do |i, child|
      assert_equal i, child.wait
    rescue Sp::LostError
      assert_includes reaped, child.pid
    end
  end

  def test_status_of_the_last_child_is_rubys
    system("exit 3")
    Sp.run("/bin/sh", "-c", "exit 4")
    assert_equal 3, $?.exitstatus
  end

  def test_trap_of_chld_runs_for_both
    seen = 0
    previous = trap("CHLD") { seen += 1 }
    system("true")
    eventually("SIGCHLD") { seen.positive? }
    seen = 0
    assert Sp.run("true").success?
    eventually("SIGCHLD") { seen.positive? }
  ensure
    trap("CHLD", previous || "DEFAULT")
  end

  def test_signal_handlers_and_mask_are_left_alone
    signals = -> { File.read("/proc/self/status")[/^SigBlk.*^SigCgt:\s+\w+/m] }
    before = signals.call
    all_of_ours
    assert_equal before, signals.call
  end

  private

  def all_of_ruby
    RUBYS.each { |name, run| assert run.call(7), name }
  end

  def all_of_ours
    OURS.each { |name, run| assert run.call(7), name }
  end
end
