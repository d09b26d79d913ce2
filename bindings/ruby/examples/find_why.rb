# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Three ways to fail to start, and how the exceptions tell them apart.
require "libsubprocess"

def try_to_run(program, **options)
  Libsubprocess.run(program, **options)
  puts "#{program}: started", ""
rescue Errno::ENOENT, Errno::EACCES => e
  puts "code    : #{e.code}"
  puts "step    : #{e.step}"
  puts "path    : #{e.path}"
  puts "errno   : #{e.class.new.message}"
  puts "message : #{e.sentence}", ""
end

try_to_run "no-such-program"
try_to_run "true", cwd: "/no/such/directory"
try_to_run "/etc/passwd" # a file, but not a program
