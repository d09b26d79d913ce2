# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "etc"
require "test_helper"

class OptionsTest < SubprocessTest
  def shell(script, *arguments, **options) = Sp.run("sh", "-c", script, "sh", *arguments, stdout: :pipe, **options).stdout

  def test_arguments_arrive_as_they_are
    arguments = ["", "two words", "$HOME", "\"'\\*\n", "käse"]
    assert_equal arguments.map { |argument| "<#{argument}>" }.join.b, Sp.check_output("printf", "<%s>", *arguments)
  end

  def test_a_path_is_an_argument
    assert_equal "/etc/hosts\n", Sp.check_output(Pathname("/bin/echo"), Pathname("/etc/hosts"))
  end

  def test_frozen_and_shared_arguments
    arguments = %w[echo a b].freeze.each(&:freeze)
    assert_equal "a b\n", Sp.check_output(*arguments)
  end

  def test_shell
    assert_equal "one-zero\n", Sp.check_output("echo $1-$0", "zero", "one", shell: true)
  end

  def test_no_shell_otherwise
    assert_raises(Errno::ENOENT) { Sp.run("echo hello") }
  end

  def test_executable
    assert_equal "pretender\n", Sp.check_output("pretender", "-c", "echo $0", executable: "/bin/sh")
  end

  def test_cwd
    in_directory do |directory|
      assert_equal "#{directory}\n", Sp.check_output("pwd", "-P", cwd: directory)
      assert_equal "#{directory}\n", Sp.check_output("pwd", "-P", cwd: Pathname(directory))
    end
  end

  def test_env_adds_and_removes
    with_env("SP_KEPT" => "kept", "SP_REMOVED" => "x") do
      script = 'echo "$SP_KEPT ${SP_REMOVED-none} $SP_ADDED"'
      assert_equal "kept none new\n", shell(script, env: {"SP_ADDED" => "new", "SP_REMOVED" => nil})
      assert_equal "other x \n", shell(script, env: {"SP_KEPT" => "other"})
    end
  end

  def test_env_is_that_of_the_call
    with_env("SP_LATE" => "1") { assert_equal "1\n", shell("echo $SP_LATE") }
    assert_equal "\n", shell("echo $SP_LATE")
  end

  def test_unsetenv_others
    assert_equal "A=1 = one\n", Sp.check_output("/usr/bin/env", env: {"A" => "1 = one", "B" => nil}, unsetenv_others: true)
    assert_equal "", Sp.check_output("/usr/bin/env", unsetenv_others: true)
  end

  # Another thread changes the environment all the while: the child's is whole, and nothing crashes.
  def test_env_of_other_threads
    stop = false
    thread = Thread.new { 1.step { |i| stop ? break : ENV["SP_CHURN#{i % 500}"] = "x" * (i % 300) } }
    20.times { assert_equal "1\n", shell("echo $SP_ADDED", env: {"SP_ADDED" => "1"}) }
  ensure
    stop = true
    thread.join
    500.times { |i| ENV.delete("SP_CHURN#{i}") }
  end

  def test_path_of_the_new_environment_is_searched
    in_directory do |directory|
      File.write("#{directory}/program", "#!/bin/sh\necho found\n", perm: 0o755)
      assert_equal "found\n", Sp.check_output("program", env: {"PATH" => directory})
    end
  end

  def test_umask
    assert_equal "0027\n", shell("umask", umask: 0o27)
  end

  def test_groups_and_sessions
    stat = "read pid name state parent group session rest </proc/$$/stat; "
    assert_equal "yes\n", shell("#{stat} [ $group = $$ ] && [ $session != $$ ] && echo yes", new_group: true)
    assert_equal "yes\n", shell("#{stat} [ $group = $$ ] && [ $session = $$ ] && echo yes", new_session: true)
    Sp.popen("cat", stdin: :pipe, new_group: true) do |leader|
      assert_equal "#{leader.pid}\n", shell("#{stat} echo $group", join_group: leader.pid)
    end
  end

  def test_descriptors
    in_directory do |directory|
      File.write("#{directory}/file", "content")
      File.open("#{directory}/file") do |file|
        assert_equal "content", Sp.check_output("cat", "/proc/self/fd/#{file.fileno}", pass_fds: [file])
        file.rewind
        assert_equal "content", shell("cat <&7", fd_map: {7 => file})
        assert_equal "closed\n", shell("[ -e /proc/self/fd/#{file.fileno} ] || echo closed")
      end
    end
  end

  def test_keep_fds
    read, = IO.pipe
    read.close_on_exec = false
    command = ["test", "-e", "/proc/self/fd/#{read.fileno}"]
    assert Sp.run(*command, keep_fds: true).success?
    refute Sp.run(*command).success?
  end

  def test_keep_signals
    previous = trap("PIPE", "IGNORE")
    assert_equal(-13, Sp.run("sh", "-c", "kill -PIPE $$").returncode)
    assert_equal 0, Sp.run("sh", "-c", "kill -PIPE $$", keep_signals: true).returncode
  ensure
    trap("PIPE", previous)
  end

  def test_death_signal
    in_directory do |directory|
      path = fifo(directory)
      Thread.new { Sp.popen("sh", "-c", "trap 'echo dead >#{path}; exit' TERM; while :; do read x <>#{path}.gate; done",
                            stderr: :devnull, death_signal: :TERM, cwd: directory) }.join
      assert_equal "dead\n", File.read(path)
    end
  end

  def test_other_user
    skip "needs root" unless Process.uid.zero?
    nobody = Etc.getpwnam("nobody")
    assert_equal "#{nobody.uid} daemon #{Etc.getgrnam('daemon').gid}\n",
                 shell("echo $(id -u) $(id -gn) $(id -G)", user: "nobody", group: "daemon", groups: [])
    assert_equal "7 8 8 9\n", shell("echo $(id -u) $(id -G | sed 's/^/8 /')", uid: 7, gid: 8, groups: [9])
  end

  def test_pipe_size
    Sp.popen("cat", stdin: :pipe, pipe_size: 131_072) do |child|
      assert_equal 131_072, child.stdin.to_io.fcntl(1032, 0) # F_GETPIPE_SZ
    end
  end

  def test_universal_newlines
    assert_equal "a\nb\nc\n", Sp.check_output("printf", "a\\r\\nb\\rc\\n", universal_newlines: true)
  end

  def test_false_and_nil_are_the_defaults
    assert Sp.run("true", capture: false, check: nil, timeout: nil, env: nil, stdin: nil, new_group: false).success?
  end

  def test_what_ruby_has_buffered_comes_first
    script = '$stdout.write("first "); Libsubprocess.run("echo", "second"); $stdout.write("third")'
    assert_equal "first second\nthird", Sp.check_output(*ruby_command, "-rlibsubprocess", "-e", script)
  end

  private

  def with_env(variables)
    before = variables.to_h { |name, _| [name, ENV[name]] }
    ENV.update(variables)
    yield
  ensure
    ENV.update(before)
  end
end
