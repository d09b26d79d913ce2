# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Throws both streams away. What was not captured is nil.
require "libsubprocess"

completed = Libsubprocess.run("echo to stdout; echo to stderr 1>&2; exit 1",
                              shell: true, stdout: :devnull, stderr: :devnull)
puts "returncode: #{completed.returncode}"
puts "stdout is #{completed.stdout || 'None'}"
puts "stderr is #{completed.stderr || 'None'}"
