# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class StdioTest < SubprocessTest
  def test_null_device
    assert_equal "", Sp.check_output("cat", stdin: :devnull)
    result = Sp.run("sh", "-c", "echo out; echo err >&2", stdout: :devnull, stderr: :pipe)
    assert_nil result.stdout
    assert_equal "err\n", result.stderr
  end

  def test_stderr_to_stdout
    result = Sp.run("sh", "-c", "echo a; echo b >&2; echo c", stdout: :pipe, stderr: :stdout)
    assert_equal "a\nb\nc\n", result.stdout
    assert_nil result.stderr
  end

  def test_inherit
    script = "[ /proc/$$/fd/1 -ef /proc/$PPID/fd/1 ]"
    assert Sp.run("sh", "-c", script).success?
    assert Sp.run("sh", "-c", script, stdout: :inherit).success?
    refute Sp.run("sh", "-c", script, stdout: :pipe).success?
  end

  def test_files_by_path
    in_directory do |directory|
      file = "#{directory}/file"
      File.write(file, "something longer")
      Sp.run("echo", "new", stdout: file)
      Sp.run("echo", "more", stdout: [Pathname(file), "a"])
      assert_equal "new\nmore\n", File.read(file)
      assert_equal "new\nmore\n", Sp.check_output("cat", stdin: Pathname(file))
      assert_equal "new\nmore\n", Sp.check_output("cat", stdin: [file, "r"])
      Sp.run("sh", "-c", "echo err >&2", stderr: [file, "w"])
      assert_equal "err\n", File.read(file)
    end
  end

  def test_io_objects
    Tempfile.create("sp") do |file|
      file.write("ruby ")
      Sp.run("echo", "child", stdout: file)
      assert_equal "ruby child\n", File.read(file.path)
      file.rewind
      assert_equal "ruby child\n", Sp.check_output("cat", stdin: file)
    end
    temporary = Tempfile.new("sp") # no IO, but it has one
    Sp.run("echo", "child", stdout: temporary)
    assert_equal "child\n", File.read(temporary.path)
  end

  def test_descriptors
    read, write = IO.pipe
    Sp.run("echo", "hello", stdout: write.fileno)
    write.close
    assert_equal "hello\n", read.read
  end

  # Programs do not expect what Ruby's pipes are.
  def test_standard_streams_block
    read, write = IO.pipe
    read.nonblock = true
    thread = Thread.new { Sp.check_output("cat", stdin: read) }
    asleep(thread)
    write << "late"
    write.close
    assert_equal "late", thread.value
  end

  def test_stream_of_another_process
    first = Sp.popen("printf", "b\\na\\n", stdout: :pipe)
    second = Sp.popen("sort", stdin: first.stdout, stdout: :pipe)
    first.stdout.close
    assert_equal "a\nb\n", second.communicate.stdout
    assert_equal 0, first.wait
  end

  def test_bad_targets
    assert_raises(ArgumentError) { Sp.run("true", stdin: :stdin) }
    assert_raises(ArgumentError) { Sp.run("true", stdout: :stdout) }
    assert_raises(ArgumentError) { Sp.run("true", stdin: ["/dev/null", "w"]) }
    assert_raises(ArgumentError) { Sp.run("true", stdout: ["/dev/null", "r"]) }
    assert_raises(ArgumentError) { Sp.run("true", stdout: ["/dev/null"]) }
    assert_raises(ArgumentError) { Sp.run("true", stdout: ["/dev/null", "a", 0o644]) }
    assert_raises(ArgumentError) { Sp.run("true", stdout: -1) }
    assert_raises(ArgumentError) { Sp.run("true", stdin: 999_999) }
    assert_raises(TypeError) { Sp.run("true", stdin: 1.5) }
    assert_raises(TypeError) { Sp.run("true", stdin: [1, "r"]) }
    assert_raises(IOError) { Sp.run("true", stdin: File.open("/dev/null").tap(&:close)) }
    assert_raises(ArgumentError) { Sp.run("true", stdin: "/dev/null\0") }
  end

  def test_closed_stream_as_target
    child = Sp.popen("true", stdout: :pipe)
    child.stdout.close
    assert_raises(Sp::ClosedError) { Sp.run("cat", stdin: child.stdout) }
    assert_raises(ArgumentError) { Sp.run("cat", stdin: child.stderr) }
  end
end
