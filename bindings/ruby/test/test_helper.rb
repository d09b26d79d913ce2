# frozen_string_literal: true

# SPDX-License-Identifier: MIT

require "io/nonblock"
require "minitest/autorun"
require "pathname"
require "tempfile"
require "timeout"
require "tmpdir"
require "libsubprocess"

# What the tests share.
module Support
  Sp = Libsubprocess
  # For what is certain to come, on any machine.
  PATIENCE = 60
  ALL_BYTES = (0..255).map(&:chr).join.b.freeze

  # Waits for what no event tells.
  def eventually(what = "it")
    limit = monotonic + PATIENCE
    until (value = yield)
      flunk "#{what} did not happen" if monotonic > limit
      IO.select(nil, nil, nil, 0.002)
    end
    value
  end

  def monotonic = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  # Waits until a thread is blocked.
  def asleep(thread) = eventually("blocking") { thread.status == "sleep" || !thread.alive? }

  def in_directory
    Dir.mktmpdir { |directory| yield File.realpath(directory) }
  end

  def fifo(directory, name = "fifo")
    path = File.join(directory, name)
    File.mkfifo(path)
    path
  end

  def open_descriptors = Dir.children("/proc/self/fd").size

  def children
    Dir.children("/proc/self/task").flat_map { |task| File.read("/proc/self/task/#{task}/children").split.map(&:to_i) }
  rescue Errno::ENOENT
    retry # a thread has ended meanwhile
  end

  # No process that the block has started is left, not even as a zombie.
  def leaves_no_child
    before = children
    yield
    assert_empty children - before
  end

  # A pipe whose reading end a child can block on: Ruby's own pipes do not block.
  def gate
    IO.pipe.each { |io| io.nonblock = false }
  end

  def resident_kilobytes = File.read("/proc/self/status")[/^VmRSS:\s+(\d+)/, 1].to_i

  # `ruby` with what this process is tested with.
  def ruby_command = [RbConfig.ruby, "-I", $LOAD_PATH.join(":")]

  def all_failures(error, **expected)
    assert_equal(expected, expected.to_h { |name, _| [name, error.public_send(name)] })
  end
end

class SubprocessTest < Minitest::Test
  include Support
end
