# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Merges standard error into the captured output.
require "libsubprocess"

output = Libsubprocess.check_output("echo to stdout; echo to stderr 1>&2", shell: true, stderr: :stdout)
puts "Have #{output.bytesize} bytes in output: '#{output.dump[1...-1]}'"
