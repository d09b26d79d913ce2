# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class ErrorTest < SubprocessTest
  def test_program_that_does_not_exist
    error = assert_raises(Errno::ENOENT) { Sp.run("no-such-program", env: {"PATH" => "/bin"}) }
    all_failures(error, code: :SP_ENOTFOUND, step: :exec, path: "no-such-program", stage: 0, errno: Errno::ENOENT::Errno, result: nil,
                 sentence: "cannot start 'no-such-program': not found in PATH (/bin)")
    assert_equal "No such file or directory - #{error.sentence}", error.message
    assert_kind_of Sp::Error, error
    assert_raises(Errno::ENOENT) { Sp.popen("/no/such/program") }
  end

  def test_program_that_is_none
    error = assert_raises(Errno::EACCES) { Sp.run("/etc/passwd") }
    all_failures(error, code: :SP_EACCESS, step: :exec, path: "/etc/passwd")
  end

  def test_directory_and_file_that_do_not_exist
    all_failures(assert_raises(Errno::ENOENT) { Sp.run("true", cwd: "/no/such/directory") }, step: :chdir, path: "/no/such/directory")
    all_failures(assert_raises(Errno::ENOENT) { Sp.run("true", stdin: "/no/such/file") }, step: :stdio, path: "/no/such/file")
  end

  def test_user_and_group_that_do_not_exist
    all_failures(assert_raises(Errno::ENOENT) { Sp.run("true", user: "no-such-user") }, step: :uid, path: "no-such-user")
    all_failures(assert_raises(Errno::ENOENT) { Sp.run("true", group: "no-such-group") }, step: :gid, path: "no-such-group")
  end

  def test_wrong_arguments_say_what_is_wrong
    error = assert_raises(ArgumentError) { Sp.run("true", umask: 0o1000) }
    all_failures(error, code: :SP_EINVAL, step: :call)
    assert_match(/umask/, error.message)
    assert_equal error.sentence, error.message
  end

  def test_names_that_are_no_text
    error = assert_raises(Errno::ENOENT) { Sp.run("/no/\xFF\xFE") }
    assert_predicate error.message, :valid_encoding?
    assert_predicate error.path, :valid_encoding?
  end

  def test_one_rescue_for_all
    [-> { Sp.run("false", check: true) }, -> { Sp.run("nope") }, -> { Sp.run }, -> { Sp.run("cat", stdin: gate.first, timeout: 0) }].each do |call|
      assert_kind_of Sp::Error, assert_raises(StandardError, &call)
    end
    assert_kind_of IOError, assert_raises(Sp::ClosedError) { Sp.popen("true").tap(&:close).wait }
  end

  def test_a_stray_library_failure_keeps_its_cause
    error = assert_raises(Sp::CalledProcessError) do
      Integer("x")
    rescue ArgumentError
      Sp.check_output("false")
    end
    assert_kind_of ArgumentError, error.cause
  end

  def test_backtrace_leads_to_the_caller
    error = assert_raises(Errno::ENOENT) { Sp.run("nope") }
    assert(error.backtrace.any? { |line| line.start_with?(__FILE__) })
  end
end
