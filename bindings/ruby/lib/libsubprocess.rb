# frozen_string_literal: true

# SPDX-License-Identifier: MIT

# Starts and controls child processes, with time limits that hold, pipelines and errors that say what happened.
#
#   require "libsubprocess"
#   Libsubprocess.run("git", "status", "--short", capture: true, check: true, timeout: 5).stdout
#
# Every blocking call lets other threads run, and can be ended by `Timeout.timeout`, `Thread#kill`, `Thread#raise`,
# Ctrl-C, a {CancelToken} and its own `timeout:`. Blocks of `trap` run meanwhile.
module Libsubprocess
end

require "libsubprocess/version"
require "libsubprocess/error"
require "libsubprocess/core"
require "libsubprocess/result"
require "libsubprocess/cancel_token"
require "libsubprocess/options"
require "libsubprocess/stream"
require "libsubprocess/read_stream"
require "libsubprocess/write_stream"
require "libsubprocess/child"
require "libsubprocess/process"
require "libsubprocess/commands"
require "libsubprocess/shell_words"

Libsubprocess.private_constant :Core
