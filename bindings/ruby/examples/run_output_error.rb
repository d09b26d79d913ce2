# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Captures standard output while standard error still reaches the terminal; the command fails, and check: says so.
require "libsubprocess"

command = "echo to stdout; echo to stderr 1>&2; exit 1"
begin
  completed = Libsubprocess.run(command, shell: true, check: true, stdout: :pipe)
  puts "returncode: #{completed.returncode}"
  puts "Have #{completed.stdout.bytesize} bytes in stdout: #{completed.stdout}"
rescue Libsubprocess::CalledProcessError => e
  puts "ERROR: Command '#{command}' returned non-zero exit status #{e.returncode}"
end
