# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

# Everything that Ruby ends or interrupts a blocked thread with, in every call that blocks.
class InterruptTest < SubprocessTest
  # A call that blocks until it is let go, then gives what is expected.
  Scene = Struct.new(:call, :let_go, :expected)

  # What a call is made ready with: `closed` and `open` are the ends of a pipe.
  SCENES = {
    run: ->(closed, open) { Scene.new(-> { Sp.run("cat", stdin: closed).returncode }, -> { open.close }, 0) },
    run_with_block: lambda do |closed, open|
      Scene.new(-> { Sp.run("cat", stdin: closed, capture: true) { nil }.stdout }, -> { open.puts("x") || open.close }, "x\n")
    end,
    check_output: ->(closed, open) { Scene.new(-> { Sp.check_output("cat", stdin: closed) }, -> { open.puts("x") || open.close }, "x\n") },
    popen_of_a_fifo: lambda do |_closed, open|
      directory = Dir.mktmpdir.tap { |path| Minitest.after_run { FileUtils.rm_rf(path) } }
      path = File.join(directory, "fifo").tap { |name| File.mkfifo(name) }
      writer = nil # stays open: the reader may have to try again
      Scene.new(-> { Sp.popen("head", "-n1", stdin: path, stdout: :devnull).wait },
                -> { (writer = File.open(path, "w")).puts("x") || writer.flush && open.close }, 0)
    end,
    communicate: lambda do |closed, open|
      child = Sp.popen("cat", stdin: closed, stdout: :pipe)
      Scene.new(-> { child.communicate.stdout }, -> { open.puts("x") || open.close }, "x\n")
    end,
    communicate_of_a_pipeline: lambda do |closed, open|
      child = Sp.pipeline(["cat"], ["cat"], stdin: closed, stdout: :pipe)
      Scene.new(-> { child.communicate.stdout }, -> { open.puts("x") || open.close }, "x\n")
    end,
    wait: ->(closed, open) { Sp.popen("cat", stdin: closed).then { |child| Scene.new(-> { child.wait }, -> { open.close }, 0) } },
    wait_for_a_pipeline: lambda do |closed, open|
      child = Sp.pipeline(["cat"], ["cat"], stdin: closed)
      Scene.new(-> { child.wait }, -> { open.close }, 0)
    end,
    wait_for_a_stage: lambda do |closed, open|
      child = Sp.pipeline(["cat"], ["cat"], stdin: closed)
      Scene.new(-> { child.stages.last.wait }, -> { open.close }, 0)
    end,
    stop: lambda do |closed, open|
      child = Sp.popen("sh", "-c", "trap '' TERM; echo ready; read x", stdin: closed, stdout: :pipe).tap { |sh| sh.stdout.gets }
      Scene.new(-> { child.stop(nil) }, -> { open.puts || open.close }, 0)
    end,
    gets: lambda do |closed, open|
      child = Sp.popen("cat", stdin: closed, stdout: :pipe)
      Scene.new(-> { child.stdout.gets }, -> { open.puts("x") || open.close }, "x\n")
    end,
    read: lambda do |closed, open|
      child = Sp.popen("cat", stdin: closed, stdout: :pipe)
      Scene.new(-> { child.stdout.read }, -> { open.puts("x") || open.close }, "x\n")
    end,
    readpartial: lambda do |closed, open|
      child = Sp.popen("cat", stdin: closed, stdout: :pipe)
      Scene.new(-> { child.stdout.readpartial(10) }, -> { open.puts("x") || open.close }, "x\n")
    end,
    write: lambda do |closed, open|
      child = Sp.popen("sh", "-c", "read x <&3; cat >/dev/null", fd_map: {3 => closed}, stdin: :pipe)
      Scene.new(-> { child.stdin.write("x" * 1_000_000) }, -> { open.puts || open.close }, 1_000_000)
    end
  }.freeze
  # Calls that end the child themselves when they are ended.
  OWNERS = %i[run run_with_block check_output popen_of_a_fifo].freeze

  SCENES.each do |name, prepare|
    define_method(:"test_timeout_in_#{name}") do
      stage(name, prepare) { |scene| assert_raises(Timeout::Error) { Timeout.timeout(0.05) { scene.call.call } } }
    end

    define_method(:"test_kill_in_#{name}") do
      stage(name, prepare) do |scene|
        ensured = false
        thread = Thread.new do
          scene.call.call
        ensure
          ensured = true
        end
        asleep(thread)
        assert_same thread, thread.kill.join(PATIENCE)
        assert ensured
      end
    end

    define_method(:"test_raise_in_#{name}") do
      stage(name, prepare) do |scene|
        thread = Thread.new { assert_raises(KeyError, &scene.call) }
        asleep(thread)
        thread.raise(KeyError)
        assert_kind_of KeyError, thread.value
      end
    end

    define_method(:"test_ctrl_c_in_#{name}") do
      stage(name, prepare) do |scene|
        from_another_thread { Process.kill("INT", Process.pid) }
        assert_raises(Interrupt, &scene.call)
      end
    end

    define_method(:"test_trap_in_#{name}") do
      prepare_scene(prepare) do |scene|
        handled = 0
        with_trap("USR1", -> { handled += 1 }) do
          from_another_thread do
            3.times do |count|
              Process.kill("USR1", Process.pid)
              eventually("trap") { handled > count }
            end
            scene.let_go.call
          end
          assert_equal scene.expected, scene.call.call
          assert_equal 3, handled
        end
      end
    end

    define_method(:"test_exception_of_a_trap_in_#{name}") do
      stage(name, prepare) do |scene|
        with_trap("USR1", -> { raise KeyError }) do
          from_another_thread { Process.kill("USR1", Process.pid) }
          assert_raises(KeyError, &scene.call)
        end
      end
    end
  end

  # What is left is one interrupt per call, not one for all: none is lost in a storm of them.
  def test_a_storm_of_signals
    handled = 0
    with_trap("USR1", -> { handled += 1 }) do
      data = ALL_BYTES * 8192
      storm = Sp.popen("while kill -USR1 #{Process.pid}; do :; done", shell: true)
      assert_equal data, Sp.run("cat", input: data, stdout: :pipe).stdout
      20.times { assert_equal "x\n", Sp.check_output("echo", "x") }
      storm.stop
      assert_operator handled, :>, 0
    end
  end

  def test_other_threads_run_meanwhile
    closed, open = gate
    count = 0
    thread = Thread.new { Sp.run("cat", stdin: closed) }
    asleep(thread)
    1000.times { count += 1 }
    open.close
    assert thread.value.success?
  end

  # Timeout.timeout keeps to the time although the child needs its grace; other threads are not held up by that.
  def test_grace_of_an_interrupted_run
    in_directory do |directory|
      ticks = 0
      ticker = Thread.new { loop { IO.select(nil, nil, nil, 0.01) || ticks += 1 } }
      fifo(directory)
      read, write = gate
      command = ["sh", "-c", "trap '' TERM; echo ready; while :; do read x <>fifo; done"]
      thread = Thread.new { assert_raises(KeyError) { Sp.run(*command, kill_grace: 0.5, cwd: directory, stdout: write) } }
      read.gets
      thread.raise(KeyError)
      before = ticks
      thread.join
      assert_operator ticks - before, :>, 5
      ticker.kill.join
    end
  end

  # Ctrl-C as it comes from a terminal, to a program that does nothing about it.
  def test_ctrl_c_ends_a_program
    script = 'Libsubprocess.run("sh", "-c", "echo ready; exec sleep 600", new_group: true)'
    child = Sp.popen(*ruby_command, "-rlibsubprocess", "-e", script, stdout: :pipe, stderr: :pipe)
    assert_equal "ready\n", child.stdout.gets
    child.send_signal("INT")
    assert_match(/Interrupt/, child.stderr.read)
    assert_equal(-2, child.wait)
  end

  private

  def prepare_scene(prepare)
    closed, open = gate
    yield prepare.call(closed, open)
  ensure
    [closed, open].each(&:close)
  end

  # A call that is ended: nobody lets it go. What it had to do can be taken up again.
  def stage(name, prepare)
    leaves_no_child_of(name) do
      prepare_scene(prepare) do |scene|
        yield scene
        next if OWNERS.include?(name)

        releaser = Thread.new { scene.let_go.call }
        again = scene.call.call
        releaser.join
        name == :write ? assert_kind_of(Integer, again) : assert_equal(scene.expected, again)
      end
    end
  end

  def leaves_no_child_of(name, &block)
    OWNERS.include?(name) ? leaves_no_child(&block) : block.call
  end

  def from_another_thread
    main = Thread.current
    @sender = Thread.new { asleep(main) && yield }
  end

  def with_trap(signal, handler)
    previous = trap(signal) { handler.call }
    yield
  ensure
    @sender&.join
    trap(signal, previous)
  end

  def teardown
    @sender&.join
  end
end
