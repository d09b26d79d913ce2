# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Bounds a call. The shell ends at once, but the program that it leaves in the background holds the pipe open. The
# limit ends the call all the same, keeps the output that came, and takes the whole group down.
require "libsubprocess"

begin
  Libsubprocess.run("echo the answer is 42; sleep 600 & exit 0",
                    shell: true, capture: true, timeout: 2, new_group: true, kill_group_on_timeout: true)
rescue Libsubprocess::TimeoutExpired => e # the result is there all the same
  puts "result      : #{e.code}"
  puts "output      : #{e.stdout}"
  puts "returncode  : #{e.returncode}"
  puts "pipes held  : #{e.result.pipes_held? ? 'yes, by a grandchild' : 'no'}"
end
