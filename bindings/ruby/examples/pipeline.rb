# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# pipeline [FILE]: what pipes.rb does by hand, in one call.
require "libsubprocess"

cat = ["cat", ARGV.fetch(0, "index.rst")]
grep = ["grep", ".. literalinclude::"]
cut = ["cut", "-f", "3", "-d:"]
Libsubprocess.pipeline(cat, grep, cut, stdout: :pipe) do |pipeline|
  puts "Included files:"
  pipeline.stdout.each_line { |line| puts line.lstrip }
end
