# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Watches standard output and standard error, each for itself, while it feeds the command.
require "libsubprocess"

puts "popen3:"
Libsubprocess.popen('cat -; echo "to stderr" 1>&2', shell: true, stdin: :pipe, stdout: :pipe, stderr: :pipe) do |child|
  result = child.communicate("through stdin to stdout")
  puts "pass through: '#{result.stdout.dump[1...-1]}'"
  puts "stderr      : '#{result.stderr.dump[1...-1]}'"
end
