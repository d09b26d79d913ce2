# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# pipes [FILE]: cat FILE | grep '.. literalinclude::' | cut -f 3 -d:, joined by hand. pipeline.rb needs one call.
require "libsubprocess"

cat = Libsubprocess.popen("cat", ARGV.fetch(0, "index.rst"), stdout: :pipe)
grep = Libsubprocess.popen("grep", ".. literalinclude::", stdin: cat.stdout, stdout: :pipe)
cat.stdout.close # grep has it now: should grep end early, cat must notice
cut = Libsubprocess.popen("cut", "-f", "3", "-d:", stdin: grep.stdout, stdout: :pipe)
grep.stdout.close

puts "Included files:"
cut.stdout.each_line { |line| puts line.lstrip }
[cat, grep, cut].each(&:wait)
