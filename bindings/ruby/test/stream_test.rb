# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class StreamTest < SubprocessTest
  def setup
    @cat = Sp.popen("cat", stdin: :pipe, stdout: :pipe)
    @in = @cat.stdin
    @out = @cat.stdout
  end

  def teardown
    @cat.close
  end

  def test_conversation
    @in.puts "hello", %w[a b]
    assert_equal %W[hello\n a\n b\n], Array.new(3) { @out.gets }
    @in << "x" << 1 << "\n"
    @in.print "y\n"
    @in.printf("%03d\n", 7)
    assert_equal %W[x1\n y\n 007\n], Array.new(3) { @out.gets }
    @in.close
    assert_nil @out.gets
    assert_equal 0, @cat.wait
  end

  def test_write_counts_bytes
    assert_equal 5, @in.write("ab", :c, "ä")
    assert_same @in, @in.flush
    assert @in.sync
    @in.sync = true
    @in.close
    assert_equal "abcä".b, @out.read
  end

  def test_read_like_an_io
    @in.write("abcdef")
    assert_equal "", @out.read(0)
    assert_equal "abc", @out.read(3)
    buffer = +"old"
    assert_same buffer, @out.read(2, buffer)
    assert_equal "de", buffer
    @in.close
    assert_equal "f", @out.read(10)
    assert_nil @out.read(1)
    assert_equal "", @out.read
    assert_nil @out.read(1, buffer)
    assert_equal "", buffer
  end

  def test_readpartial
    @in.write("abcdef")
    assert_equal "abc", @out.readpartial(3)
    buffer = +""
    assert_same buffer, @out.readpartial(100, buffer)
    assert_equal "def", buffer
    assert_equal "", @out.readpartial(0)
    @in.close
    assert_raises(EOFError) { @out.readpartial(1) }
    assert_raises(EOFError) { @out.readline }
  end

  def test_lines
    @in.write("a\n\nb")
    @in.close
    lines = []
    assert_same @out, @out.each_line { |line| lines << line }
    assert_equal %W[a\n \n b], lines
  end

  def test_lines_are_enumerable
    @in.write("b\r\na\nc\n")
    @in.close
    assert_equal %w[b a c], @out.each_line(chomp: true).to_a # as an IO: "\r\n" is one end
    assert_equal %W[1\n 2\n], Sp.popen("printf", "1\\n2\\n", stdout: :pipe).stdout.readlines
    assert_equal %W[2\n 1\n], Sp.popen("printf", "1\\n2\\n", stdout: :pipe).stdout.sort.reverse
    assert_equal "1\n", Sp.popen("yes", "1", stdout: :pipe).stdout.first
  end

  def test_chunks
    data = ALL_BYTES * 1000
    writer = Thread.new { @in.write(data) && @in.close }
    assert_equal data, @out.each_chunk.to_a.join
    writer.join
    assert_raises(ArgumentError) { @out.each_chunk(0) { flunk } }
  end

  def test_a_chunk_comes_when_it_is_there
    @in.write("now")
    @out.each_chunk { |chunk| break assert_equal("now", chunk) }
  end

  def test_pieces_and_lines_mix
    @in.write("abcdef\nghi\nrest")
    assert_equal ["abc", "def\n", "gh", "i\n"], [@out.read(3), @out.gets, @out.readpartial(2), @out.gets]
    @in.close
    assert_equal "rest", @out.read
  end

  def test_encoding
    Sp.popen("cat", stdin: :pipe, stdout: :pipe, encoding: "UTF-8") do |child|
      child.stdin.puts "käse"
      assert_equal "käse\n", child.stdout.gets
      child.stdin.write "ä"
      child.stdin.close
      assert_equal Encoding::BINARY, child.stdout.read(1).encoding
      assert_equal Encoding::UTF_8, child.stdout.read.encoding
    end
    @in.puts "käse"
    assert_equal Encoding::BINARY, @out.gets.encoding
  end

  def test_timeouts
    assert_raises(Sp::TimeoutExpired) { @out.gets(timeout: 0.02) }
    assert_raises(Sp::TimeoutExpired) { @out.readpartial(1, timeout: 0) }
    assert_raises(Sp::TimeoutExpired) { @out.each_line(timeout: 0) { flunk } }
    @out.timeout = 0.02
    assert_raises(Sp::TimeoutExpired) { @out.read }
    @in.puts "later"
    assert_equal "later\n", @out.gets(timeout: PATIENCE)
  end

  def test_nothing_is_lost_by_a_limit
    @in.write("first\npar")
    eventually { begin @out.read(timeout: 0.02) rescue Sp::TimeoutExpired end; @out.ahead.size == 9 }
    assert_equal "fi", @out.read(2)
    assert_equal "rst\n", @out.gets
    @in.write("tial\nmore")
    assert_equal "partial\n", @out.gets
    assert_raises(Sp::TimeoutExpired) { @out.read(100, timeout: 0.05) }
    @in.write("!")
    assert_equal "more!", @cat.communicate.stdout
    assert_equal "more!", @cat.communicate.stdout
  end

  def test_write_to_a_full_pipe
    child = Sp.popen("sh", "-c", "kill -STOP $$", stdin: :pipe, pipe_size: 131_072)
    error = assert_raises(Sp::TimeoutExpired) { child.stdin.write("x" * 65_536, "y" * 100_000, timeout: 0.02) }
    assert_equal 131_072, error.bytes_written
    assert_raises(Sp::TimeoutExpired) { child.stdin.write("x", timeout: 0) }
  ensure
    child.kill
  end

  def test_child_that_has_gone
    child = Sp.popen("true", stdin: :pipe)
    child.wait
    error = assert_raises(Errno::EPIPE) { child.stdin.write("x") }
    all_failures(error, code: :SP_ESYS, step: :io, errno: Errno::EPIPE::Errno)
  end

  def test_ruby_can_use_the_descriptor
    refute IO.select([@out], nil, nil, 0)
    @in.puts "x"
    assert_equal [[@out], [], []], IO.select([@out], nil, nil, PATIENCE)
    assert_equal @out.fileno, @out.to_io.fileno
    assert_same @out.to_io, @out.to_io
    assert_equal @out.fileno, @out.to_i
    refute @out.tty?
    assert_same @out, @out.binmode
    assert system("cat", in: Sp.popen("echo", stdout: :pipe).stdout, out: File::NULL)
  end

  def test_copy_stream
    source = StringIO.new("data" * 100_000)
    writer = Thread.new { IO.copy_stream(source, @in) && @in.close }
    target = StringIO.new
    IO.copy_stream(@out, target)
    writer.join
    assert_equal source.string, target.string
  end

  def test_release
    io = @out.release
    assert @out.closed?
    @in.puts "mine"
    assert_equal "mine\n", io.gets
    @cat.close
    assert_nil io.gets
    io.close
    assert_raises(Sp::ClosedError) { @out.release }
  end

  def test_closed_streams
    @in.close
    @in.close
    assert @in.closed?
    assert_raises(Sp::ClosedError) { @in.write("x") }
    assert_raises(IOError) { @in.fileno }
    @out.close
    assert_raises(IOError) { @out.gets }
    assert_raises(IOError) { @out.read }
    assert_raises(IOError) { @out.to_io }
    assert_match(/closed/, @out.inspect)
    @cat.close
    @out.close
  end

  def test_streams_that_are_no_pipes
    [@cat.stderr.method(:gets), @cat.stderr.method(:read), @cat.stderr.method(:close), @cat.stderr.method(:fileno),
     @cat.stderr.method(:release), Sp.popen("true").stdin.method(:puts)].each do |call|
      error = assert_raises(ArgumentError, call.inspect) { call.call }
      assert_match(/pipe/, error.message)
    end
    assert @cat.stderr.closed?
  end

  def test_bad_lengths
    assert_raises(ArgumentError) { @out.read(-1) }
    assert_raises(ArgumentError) { @out.readpartial(-1) }
    assert_raises(TypeError, NoMethodError) { @out.readpartial("x") }
  end
end
