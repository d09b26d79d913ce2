# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Reads standard output and standard error as one stream, in the order of writing.
require "libsubprocess"

puts "popen4:"
Libsubprocess.popen('cat -; echo "to stderr" 1>&2', shell: true, stdin: :pipe, stdout: :pipe, stderr: :stdout) do |child|
  result = child.communicate("through stdin to stdout\n")
  puts "combined output: '#{result.stdout.dump[1...-1]}'"
  puts "stderr value    : #{result.stderr || 'None'}"
end
