# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Treats a nonzero return code as an error.
require "libsubprocess"

begin
  Libsubprocess.run("false", check: true)
rescue Libsubprocess::CalledProcessError => e
  puts "ERROR: Command '['false']' returned non-zero exit status #{e.returncode}"
end
