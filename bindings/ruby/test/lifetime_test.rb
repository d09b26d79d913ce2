# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class LifetimeTest < SubprocessTest
  ROUNDS = 1000

  def test_use_after_close
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe, new_group: true)
    pid = child.pid
    2.times { assert_nil child.close }
    assert child.closed?
    [-> { child.wait }, -> { child.poll }, -> { child.communicate }, -> { child.communicate("x") }, -> { child.stop }, -> { child.finish },
     -> { child.kill }, -> { child.send_signal(0) }, -> { child.kill_group }, -> { child.stdout.gets }, -> { child.stdout.read },
     -> { child.stdout.readpartial(1) }, -> { child.stdout.fileno }, -> { child.stdout.release }, -> { child.stdin.write("x") },
     -> { child.stages.first.wait }].each do |call|
      assert_raises(Sp::ClosedError, call.source_location.inspect, &call)
    end
    assert_nil child.exit_handle
    assert child.stdin.closed?
  ensure
    Process.kill("KILL", pid)
  end

  def test_close_wakes_whoever_is_blocked
    {wait: ->(child) { child.wait }, communicate: ->(child) { child.communicate("x" * 1_000_000) }, gets: ->(child) { child.stdout.gets },
     read: ->(child) { child.stdout.read }, stop: ->(child) { child.stop(nil) },
     stage: ->(child) { child.stages.first.wait }, write: ->(child) { child.stdin.write("x" * 1_000_000) }}.each do |name, call|
      child = Sp.popen("trap '' TERM; echo; kill -STOP $$; exec sleep 60", shell: true, stdin: :pipe, stdout: :pipe)
      child.stdout.gets
      thread = Thread.new { assert_raises(Sp::ClosedError, name) { call.call(child) } }
      asleep(thread)
      pid = child.pid
      child.close
      thread.join
      Process.kill("KILL", pid)
    end
  end

  def test_close_of_a_stream_wakes_its_reader
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    thread = Thread.new { assert_raises(Sp::ClosedError) { child.stdout.gets } }
    asleep(thread)
    child.stdout.close
    thread.join
    assert_nil child.poll
    child.kill
  end

  def test_collection_neither_kills_nor_waits
    in_directory do |directory|
      path = fifo(directory)
      start_and_forget("cat >#{path} <&3; exit", path)
    end
  end

  def test_kill_on_free
    pids = Array.new(20) { Sp.popen("sleep", "600", kill_on_free: true).pid }
    eventually("collection") { collect && pids.count { |pid| alive?(pid) } <= 5 } # some may still be seen on the stack
  ensure
    pids.each { |pid| Process.kill("KILL", pid) rescue nil }
  end

  # Whatever may be collected is, at every allocation.
  def test_gc_stress
    token = Sp::CancelToken.new
    GC.stress = true
    result = Sp.run("sh", "-c", "cat; echo err >&2; exit 3", input: "in" * 10, capture: true, env: {"A" => "1"}, cancel: token) { |*| nil }
    assert_equal ["in" * 10, "err\n", 3], [result.stdout, result.stderr, result.returncode]
    assert_raises(Errno::ENOENT) { Sp.run("no-such-program", cwd: "/", env: {"B" => nil}) }
    assert_raises(TypeError) { Sp.run("true", env: {"C" => 5}) }
    assert_raises(Sp::CalledProcessError) { Sp.check_output("false") }
    Sp.popen("cat", stdin: :pipe, stdout: :pipe) do |child|
      child.stdin.puts "line"
      assert_equal "line\n", child.stdout.gets
      assert_raises(Sp::TimeoutExpired) { child.stdout.readpartial(5, timeout: 0) }
    end
    assert_equal "a\n", Sp.pipeline(%w[echo a], ["cat", {env: {"D" => "1"}}], stdout: :pipe).communicate.stdout
    assert_equal %w[a b], Sp.split(Sp.quote("a", "b"))
  ensure
    GC.stress = false
  end

  def test_compaction
    skip "this Ruby does not compact" unless GC.respond_to?(:compact)
    seen = String.new
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe, on_output: ->(_, chunk) { GC.compact && seen << chunk })
    GC.compact
    assert_equal "moved", child.communicate("moved").stdout
    assert_equal "moved", seen
  end

  def test_nothing_leaks
    in_directory do |directory|
      12.times { |number| round(directory, number) }
      collect
      descriptors = open_descriptors
      leaves_no_child do
        (ROUNDS / 4).times { |number| round(directory, number) }
        collect
        resident = resident_kilobytes
        ROUNDS.times { |number| round(directory, number) }
        collect
        assert_operator resident_kilobytes - resident, :<, 6 * 1024
      end
      eventually("collection") { collect && open_descriptors <= descriptors + 30 } # of which some may be seen on the stack
    end
  end

  def test_handles_from_before_a_fork
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    read, write = IO.pipe
    pid = fork do
      outcome = [-> { child.wait }, -> { child.communicate }, -> { child.stdout.gets }, -> { child.kill }].map do |call|
        call.call
      rescue ArgumentError => e
        e.class
      end
      write << Marshal.dump([outcome, Sp.check_output("echo", "new"), `echo host`])
      exit!(0)
    end
    Process.wait(pid)
    write.close
    assert_equal [[ArgumentError] * 4, "new\n", "host\n"], Marshal.load(read.read)
    assert_equal 0, child.communicate.returncode
  end

  # In the forked child the other threads are gone, with the calls that they were in.
  def test_fork_while_another_thread_reads
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    thread = Thread.new { child.stdout.gets }
    asleep(thread)
    pid = fork do
      refused = (child.stdout.gets rescue $!.class)
      exit!(refused == ArgumentError && Sp.popen("echo", "x", stdout: :pipe).stdout.gets == "x\n")
    end
    Process.wait(pid)
    assert $?.success?
    child.stdin.puts "y"
    assert_equal "y\n", thread.value
    child.stdin.close
  end

  def test_program_that_ends_with_blocked_threads
    script = <<~'RUBY'
      children = Array.new(3) { Libsubprocess.popen("cat", stdin: :pipe, stdout: :pipe) }
      threads = [Thread.new { children[0].wait }, Thread.new { children[1].communicate("x" * 1_000_000) }, Thread.new { children[2].stdout.gets }]
      Thread.pass until threads.all? { |thread| thread.status == "sleep" }
    RUBY
    assert_equal 0, Sp.run(*ruby_command, "-rlibsubprocess", "-e", script, timeout: PATIENCE).returncode
  end

  def test_other_ractors_are_refused
    script = 'p((Ractor.new { Libsubprocess.version }.take rescue $!.cause.class))'
    assert_equal "Ractor::UnsafeError\n", Sp.check_output(*ruby_command, "-W0", "-rlibsubprocess", "-e", script, stderr: :devnull)
  end

  private

  # A success, and one of the ways to fail.
  def round(directory, number)
    assert_equal "x", Sp.check_output("printf", "x")
    case number % 6
    when 0 then assert_raises(Errno::ENOENT) { Sp.run("no-such-program") }
    when 1 then assert_raises(TypeError) { Sp.run("true", env: {"A" => 1}) }
    when 2 then assert_raises(Sp::CalledProcessError) { Sp.run("false", check: true, input: "x" * 10_000) }
    when 3 then assert_raises(Errno::ENOENT) { Sp.run("true", stdin: "#{directory}/missing") }
    when 4 then Sp.popen("cat", stdin: :pipe, stdout: :pipe).then { |child| assert_raises(Sp::TimeoutExpired) { child.wait(timeout: 0) } && child.stop }
    when 5 then assert_raises(KeyError) { Sp.run("yes", capture: true) { raise KeyError } }
    end
  end

  def start_and_forget(script, path)
    closed, open = gate
    pid = Sp.popen(script, shell: true, fd_map: {3 => closed}).pid
    collect
    open << "alive"
    open.close
    assert_equal "alive", File.read(path)
    eventually("reaping") { Sp.release_caches || !alive?(pid) }
  end

  def collect
    GC.start
    churn
  end

  # Overwrites what old calls have left on the stack.
  def churn(depth = 50) = depth.zero? || churn(depth - 1)

  def alive?(pid) = File.exist?("/proc/#{pid}")
end
