# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Sends a signal to a child, signal_child, as soon as the child says that it is ready.
require "libsubprocess"

Libsubprocess.popen("./signal_child", cwd: __dir__, stdout: :pipe) do |child|
  puts "PARENT      : Pausing before sending signal..."
  child.stdout.each_line do |line|
    print line
    next unless line.include?("Pausing")

    puts "PARENT      : Signaling child"
    child.send_signal("USR1")
  end
end
