# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# signal_parent_shell [SECONDS]: signals a shell. The program that the shell runs, signal_child, does not get it.
require "libsubprocess"

SCRIPT = <<~'SHELL'
  echo "Shell script in process $$"
  set -x
  ./signal_child $1
SHELL

Libsubprocess.popen("sh", "-s", *ARGV, cwd: __dir__, stdin: :pipe, stdout: :pipe, stderr: :stdout) do |child|
  puts "PARENT      : Pausing before signaling #{child.pid}..."
  child.stdin.write(SCRIPT) # -s: the script comes from standard input
  child.stdin.close
  child.stdout.each_line do |line|
    print line
    next unless line.include?("Pausing")

    puts "PARENT      : Signaling child #{child.pid}"
    child.send_signal("USR1")
  end
end
