# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class CancelTest < SubprocessTest
  def setup
    @token = Sp::CancelToken.new
  end

  def test_before_the_call
    assert_same @token, @token.trigger
    leaves_no_child { assert_raises(Sp::Canceled) { Sp.run("sleep", "600", cancel: @token) } }
    assert_same @token, @token.reset
    assert Sp.run("true", cancel: @token).success?
  end

  def test_run
    read, write = gate
    thread = Thread.new { assert_raises(Sp::Canceled) { Sp.run("sh", "-c", "echo early; cat", stdin: read, capture: true, cancel: @token) { write } } }
    asleep(thread)
    @token.trigger
    error = thread.value
    assert_equal(-9, error.returncode)
    assert_equal :SP_ECANCELED, error.code
    refute_nil error.result
  end

  def test_every_call_on_a_process
    child = Sp.popen("cat", stdin: :pipe, stdout: :pipe, cancel: @token)
    [-> { child.wait }, -> { child.stdout.gets }, -> { child.stdout.read }, -> { child.stdout.readpartial(1) },
     -> { child.stdin.write("x" * 1_000_000) }].each do |call|
      thread = Thread.new { assert_raises(Sp::Canceled, &call) }
      asleep(thread)
      @token.trigger
      assert_kind_of Sp::Canceled, thread.value
      @token.reset
    end
    child.kill
  end

  def test_stop_goes_on
    child = Sp.popen("cat", stdin: :pipe, cancel: @token)
    @token.trigger
    assert_raises(Sp::Canceled) { child.wait }
    assert_equal(-15, child.stop(PATIENCE))
  end

  def test_communicate_goes_on
    closed, open = gate
    input = ALL_BYTES * 4096
    child = Sp.popen("sh", "-c", "read x <&3; cat", fd_map: {3 => closed}, stdin: :pipe, stdout: :pipe, cancel: @token)
    thread = Thread.new { assert_raises(Sp::Canceled) { child.communicate(input) } }
    asleep(thread)
    @token.trigger
    assert_equal "", thread.value.stdout
    @token.reset
    open.puts
    assert_equal input, child.communicate.stdout
  end

  def test_from_a_signal_handler
    previous = trap("USR1") { @token.trigger }
    child = Sp.popen("cat", stdin: :pipe, cancel: @token)
    main = Thread.current
    sender = Thread.new { asleep(main) && Process.kill("USR1", Process.pid) }
    assert_raises(Sp::Canceled) { child.wait }
    sender.join
    child.kill
  ensure
    trap("USR1", previous)
  end

  def test_a_token_may_go_before_its_process
    child = Sp.popen("cat", stdin: :pipe, cancel: Sp::CancelToken.new)
    GC.start
    child.stdin.close
    assert_equal 0, child.wait
  end
end
