# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Starts a command, then reads all of its output.
require "libsubprocess"

puts "read:"
Libsubprocess.popen("echo", '"to stdout"', stdout: :pipe) do |child|
  puts "stdout: '#{child.communicate.stdout.gsub("\n", '\n')}'"
end
