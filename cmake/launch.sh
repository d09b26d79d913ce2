#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a test program, behind the command in SP_TEST_LAUNCHER if there is one. The variable is not handed on: the children
# of the test are no tests.
launcher=${SP_TEST_LAUNCHER-}
unset SP_TEST_LAUNCHER
# shellcheck disable=SC2086 # the launcher is a command with arguments
exec $launcher "$@"
