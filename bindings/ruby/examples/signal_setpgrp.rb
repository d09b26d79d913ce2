# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Signals a whole process group: the shell and the program that the shell started, signal_child.
require "libsubprocess"

SCRIPT = <<~'SHELL'
  echo "Shell script in process $$"
  set -x
  ./signal_child
SHELL

Libsubprocess.popen("sh", "-s", cwd: __dir__, new_group: true, stdin: :pipe, stdout: :pipe, stderr: :stdout) do |child|
  puts "Calling setpgid() from #{child.pid}"
  puts "Process group is now #{Process.getpgid(child.pid)}"
  puts "PARENT      : Pausing before signaling #{child.pid}..."
  child.stdin.write(SCRIPT)
  child.stdin.close
  child.stdout.each_line do |line|
    print line
    next unless line.include?("Pausing")

    puts "PARENT      : Signaling process group #{child.pid}"
    child.kill_group("USR1")
  end
end
