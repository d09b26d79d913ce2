# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Holds a conversation with a child, repeater: first line by line, then all at once.
require "libsubprocess"

def converse
  Libsubprocess.popen("./repeater", cwd: __dir__, stdin: :pipe, stdout: :pipe) do |child|
    5.times do |number|
      child.stdin.puts number
      yield child
    end
    $stdout.flush
    puts child.communicate.stdout, "" # end of input, and what remains
  end
end

puts "One line at a time:"
converse { |child| print child.stdout.gets }
puts "All output at once:"
converse { nil }
