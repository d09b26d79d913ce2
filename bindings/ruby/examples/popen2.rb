# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Talks to a command in both directions: feeds its input and reads its output.
require "libsubprocess"

puts "popen2:"
Libsubprocess.popen("cat", "-", stdin: :pipe, stdout: :pipe) do |child|
  puts "pass through: '#{child.communicate('through stdin to stdout').stdout}'"
end
