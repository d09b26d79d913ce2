# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Runs a command whose output goes straight to the terminal.
require "libsubprocess"

completed = Libsubprocess.run("ls", "-1")
puts "returncode: #{completed.returncode}"
