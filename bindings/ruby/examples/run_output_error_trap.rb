# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Captures both streams; without check: a failing command is no error.
require "libsubprocess"

completed = Libsubprocess.run("echo to stdout; echo to stderr 1>&2; exit 1", shell: true, capture: true)
puts "returncode: #{completed.returncode}"
puts "Have #{completed.stdout.bytesize} bytes in stdout: '#{completed.stdout.dump[1...-1]}'"
puts "Have #{completed.stderr.bytesize} bytes in stderr: '#{completed.stderr.dump[1...-1]}'"
