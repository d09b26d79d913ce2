# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Starts a command, then feeds it.
require "libsubprocess"

puts "write:"
Libsubprocess.popen("cat", "-", stdin: :pipe) { |child| child.communicate("stdin: to stdin\n") }
