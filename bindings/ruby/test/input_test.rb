# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

# What users give by mistake: the usual exception, never anything else.
class InputTest < SubprocessTest
  def test_arguments
    assert_raises(ArgumentError) { Sp.run }
    assert_raises(ArgumentError) { Sp.run("") }
    assert_raises(ArgumentError) { Sp.run("echo", "a\0b") }
    assert_raises(ArgumentError) { Sp.run("echo", "a".encode("UTF-16LE")) }
    [nil, 5, :echo, Object.new, ["echo"], {}].each { |wrong| assert_raises(TypeError) { Sp.run(wrong) } }
    assert_raises(TypeError) { Sp.run("echo", 5) }
  end

  def test_unknown_keywords
    error = assert_raises(ArgumentError) { Sp.run("true", foo: 1) }
    assert_equal "unknown keyword: :foo", error.message
    [-> { Sp.popen("true", timeuot: 1) }, -> { Sp.check_output("true", argv: []) }, -> { Sp.run("true", return_on_signal: true) },
     -> { Sp.run("true", "timeout" => 1) }, -> { Sp.run("true", timeout_ms: 1) }].each { |call| assert_raises(ArgumentError, &call) }
  end

  def test_keywords_that_belong_to_run
    assert_raises(ArgumentError) { Sp.popen("true", timeout: 1) }
    assert_raises(ArgumentError) { Sp.popen("true", kill_grace: 1) }
    assert_raises(ArgumentError) { Sp.popen("true", input: "x") }
    assert_raises(ArgumentError) { Sp.pipeline(["true"], input: "x") }
  end

  def test_options_of_the_wrong_type
    {cwd: 5, executable: [], user: 1, group: 2, umask: "022", uid: "root", gid: nil.to_a, max_output: 1.5, groups: 5, groups_: nil,
     pass_fds: 5, fd_map: [1], join_group: "x", timeout: "5", drain: :x, kill_grace: [], death_signal: 1.5, env: 5, cancel: 5,
     input: 5, stdin: 1.5, pipe_size: "x"}.compact.each do |name, value|
      assert_raises(TypeError, "#{name}: #{value.inspect}") { Sp.run("true", name => value) }
    end
    assert_raises(TypeError) { Sp.run("true", pass_fds: ["x"]) }
    assert_raises(TypeError) { Sp.run("true", fd_map: {"x" => 1}) }
    assert_raises(TypeError) { Sp.run("true", groups: [nil]) }
    assert_raises(TypeError) { Sp.run("true", env: {A: "1"}) }
    assert_raises(TypeError) { Sp.run("true", env: {"A" => 1}) }
    assert_raises(TypeError) { Sp.run("true", env: {"A" => :x}, unsetenv_others: true) }
  end

  def test_numbers_out_of_range
    {umask: 512, death_signal: 65, timeout: -0.5, drain: -1, kill_grace: -1, max_output: -1, timeout_: nil, join_group: 0,
     groups: [-1], pass_fds: [-1], fd_map: {3 => -1}}.compact.each do |name, value|
      assert_raises(ArgumentError, "#{name}: #{value.inspect}") { Sp.run("true", name => value) }
    end
    [-0.0001, -1e300, 1e300, Float::NAN, 10**30, 9_000_000_000.001].each do |timeout|
      assert_raises(ArgumentError, timeout.to_s) { Sp.run("true", timeout: timeout) }
    end
    assert_raises(RangeError, ArgumentError) { Sp.run("true", uid: 2**70) }
  end

  def test_bytes_that_are_not_allowed
    assert_raises(ArgumentError) { Sp.run("true", cwd: "/tmp\0") }
    assert_raises(ArgumentError) { Sp.run("true", env: {"A" => "a\0b"}) }
    assert_raises(ArgumentError) { Sp.run("true", env: {"A\0" => "b"}) }
    assert_raises(ArgumentError) { Sp.run("true", env: {"A\0" => nil}) }
    assert_raises(ArgumentError) { Sp.run("true", env: {"A=B" => "b"}) }
    assert_raises(ArgumentError) { Sp.run("true", env: {"" => "b"}, unsetenv_others: true) }
    assert_raises(ArgumentError) { Sp.run("true", user: "root\0") }
  end

  def test_options_that_contradict
    assert_raises(ArgumentError) { Sp.run("cat", input: "x", stdin: :devnull) }
    assert_raises(ArgumentError) { Sp.run("true", capture: true, stdout: :devnull) }
    assert_raises(ArgumentError) { Sp.run("true", new_group: true, join_group: 1) }
    assert_raises(ArgumentError) { Sp.run("true", kill_group_on_timeout: true) }
  end

  def test_calls_on_a_process
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    assert_raises(TypeError) { child.communicate(5) }
    assert_raises(TypeError) { child.communicate("x", timeout: "5") }
    assert_raises(TypeError) { child.wait(timeout: "5") }
    assert_raises(ArgumentError) { child.wait(timeout: -1) }
    assert_raises(ArgumentError) { child.stop(-1) }
    assert_raises(TypeError) { child.stop("x") }
    assert_raises(ArgumentError) { child.kill_group("TERM") }
    assert_raises(ArgumentError) { child.wait(5) }
    child.communicate("input")
    assert_raises(ArgumentError) { child.communicate("of another size") }
    assert_raises(ArgumentError) { Sp.popen("cat").communicate("x") }
    assert_raises(ArgumentError) { Sp::Process.allocate.wait } # nothing to crash on
  end

  # A conversion that calls back into Ruby and raises, or changes what is being read.
  def test_hostile_conversions
    raiser = Class.new { def to_path = raise(KeyError) }.new
    assert_raises(KeyError) { Sp.run("echo", raiser) }
    assert_raises(KeyError) { Sp.run("echo", cwd: raiser) }
    arguments = ["echo", converts_to("y") { arguments.clear }, *Array.new(100, "x")]
    assert_equal "y\n", Libsubprocess.const_get(:Core).run({argv: arguments, stdout: :pipe})[1]
    env = {"A" => converts_to("y") { env.clear }, "B" => "1"}
    assert_equal "y1\n", Sp.check_output("echo $A$B", shell: true, env: env)
    assert_raises(TypeError) { Sp.run("true", env: {"A" => Class.new { def to_str = 5 }.new}) }
  end

  def test_the_low_level_layer_is_as_strict
    core = Libsubprocess.const_get(:Core)
    assert_raises(NameError) { Libsubprocess::Core }
    [nil, 5, "x", Object.new].each do |wrong|
      assert_raises(TypeError, ArgumentError) { core.start(wrong) }
      assert_raises(TypeError, ArgumentError) { core.wait(wrong, 0) }
      assert_raises(TypeError, ArgumentError) { core.cancel_trigger(wrong) } unless wrong.nil?
    end
    assert_raises(TypeError) { core.start({"argv" => []}) }
    assert_raises(TypeError) { core.wait(core.cancel_new, 0) }
    assert_raises(TypeError) { core::ProcessHandle.new }
    assert_raises(TypeError) { core::ProcessHandle.allocate }
    assert_raises(ArgumentError) { core.run({argv: ["true"], foo: 1}) }
    assert_raises(TypeError) { core.run({argv: ["true"], cancel: core.start({argv: ["true"]})}) }
  end

  private

  def converts_to(text, &before)
    Object.new.tap { |object| object.define_singleton_method(:to_str) { before.call && text } }
  end
end
