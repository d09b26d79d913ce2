# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
#   ruby -I lib -I BUILD/bindings/ruby/lib bench/compare.rb [PROGRAM [ROUNDS]]
#
# What it costs to start a tiny child and capture its 6 bytes, beside Ruby's own ways. PROGRAM writes "hello" and a newline; the
# smallest there is, BUILD/bench/bin/children/hello of a build with SP_BUILD_BENCH, hides least of what is measured.
#
# A round runs a batch of each way in turn, in a random order; a ratio is taken within a round, between neighbours in
# time, and the median over the rounds is printed. On a busy machine only the processor time can be trusted: that of this
# process, its threads and its children.
require "open3"
require "libsubprocess"

COMMAND = ARGV.empty? ? %w[/bin/echo hello] : [ARGV[0]]
ROUNDS = Integer(ARGV.fetch(1, 100))
OUTPUT = "hello\n"
BATCH = 20
WAYS = {
  "Libsubprocess.run" => -> { Libsubprocess.run(*COMMAND, stdout: :pipe).stdout },
  "Open3.capture2" => -> { Open3.capture2(*COMMAND)[0] },
  "IO.popen" => -> { IO.popen(COMMAND, &:read) },
  "backticks" => -> { `#{COMMAND.join(' ')}` }
}.freeze

def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)

def processor
  times = Process.times
  Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) + times.cutime + times.cstime
end

# @return [Array] seconds by the clock and of the processor, for one child
def cost(way)
  GC.start
  start = [clock, processor]
  BATCH.times { way.call == OUTPUT or abort "wrong output" }
  [clock - start[0], processor - start[1]].map { |seconds| seconds / BATCH }
end

def median(values) = values.sort[values.size / 2]

costs = Array.new(ROUNDS) { WAYS.to_a.shuffle.to_h { |name, way| [name, cost(way)] } }

puts "| way | clock | processor | clock, as long as ours | processor, as long as ours |", "|---|---:|---:|---:|---:|"
WAYS.each_key do |name|
  clock, processor = [0, 1].map { |kind| median(costs.map { |round| round[name][kind] }) * 1e6 }
  ratios = [0, 1].map { |kind| median(costs.map { |round| round[name][kind] / round["Libsubprocess.run"][kind] }) }
  puts format("| `%s` | %.0f us | %.0f us | %.2f | %.2f |", name, clock, processor, *ratios)
end
