# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# cancel COMMAND [ARG...]: runs a command until it ends or Ctrl-C is pressed, which then kills it.
require "libsubprocess"

abort "usage: cancel COMMAND [ARG...]" if ARGV.empty?

token = Libsubprocess::CancelToken.new
trap("INT") { token.trigger }
begin
  # In a group of its own the command does not get the terminal's Ctrl-C: to end it is up to us.
  result = Libsubprocess.run(*ARGV, new_group: true, cancel: token)
  puts "done, returncode: #{result.returncode}"
rescue Libsubprocess::Canceled => e
  puts "canceled, returncode: #{e.returncode}"
end
