# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Lets a shell expand a variable.
require "libsubprocess"

completed = Libsubprocess.run("echo $HOME", shell: true)
puts "returncode: #{completed.returncode}"
