# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Captures standard output.
require "libsubprocess"

completed = Libsubprocess.run("ls", "-1", stdout: :pipe)
puts "returncode: #{completed.returncode}"
puts "Have #{completed.stdout.bytesize} bytes in stdout:", completed.stdout, ""
