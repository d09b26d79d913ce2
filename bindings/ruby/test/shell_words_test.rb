# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "test_helper"

class ShellWordsTest < SubprocessTest
  def test_quote
    assert_equal "plain 'two words' 'it'\"'\"'s' '' '$x'", Sp.quote("plain", "two words", "it's", "", "$x")
    assert_equal "'käse ☃'", Sp.quote("käse ☃")
    assert_raises(ArgumentError) { Sp.quote("a\0") }
    assert_raises(TypeError) { Sp.quote(5) }
  end

  def test_split
    assert_equal ["plain", "two words", 'a "b"', "", "x y"], Sp.split("plain 'two words' \"a \\\"b\\\"\" '' x\\ y")
    assert_equal ["käse"], Sp.split("'käse'")
    assert_equal [], Sp.split("")
    assert_raises(ArgumentError) { Sp.split("echo 'half") }
    assert_raises(ArgumentError) { Sp.split("a\0b") }
    assert_raises(TypeError, NoMethodError) { Sp.split(5) }
    assert_raises(ArgumentError) { Sp.split(nil) }
  end

  def test_both_ways
    words = ["a b", "'", '"', "\\", "\n", "*", "ä"]
    assert_equal words, Sp.split(Sp.quote(*words))
  end

  def test_which
    in_directory do |directory|
      assert_equal "/bin/sh", Sp.which("sh", path: "#{directory}:/bin")
      File.write("#{directory}/plain", "")
      assert_raises(Errno::EACCES) { Sp.which("plain", path: directory) }
      error = assert_raises(Errno::ENOENT) { Sp.which("no-such-program", path: "/bin") }
      assert_equal "no-such-program", error.path
    end
    assert File.executable?(Sp.which("sh"))
    assert_raises(ArgumentError) { Sp.which("a\0b") }
  end
end
