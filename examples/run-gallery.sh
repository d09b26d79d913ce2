#!/bin/sh
# SPDX-License-Identifier: MIT
# run-gallery.sh BUILD_DIR: runs every example with a heading and shows what it prints, in the order of the README.
# Exit status: 0 if all succeeded, 1 if one did not, 2 if there is nothing to run.
set -u

[ $# -eq 1 ] || { echo "usage: run-gallery.sh BUILD_DIR" >&2; exit 2; }
programs=$(cd "$1/examples/bin" && pwd) || exit 2
cd "$(dirname "$0")" || exit 2
failed=

# show NAME [ARG...]
show() {
  printf '\n== %s ==\n' "$*"
  name=$1
  shift
  "$programs/$name" "$@" 2>&1 </dev/null
  status=$?
  [ "$status" -eq 0 ] && return
  printf '%s: exit status %d\n' "$name" "$status"
  failed="$failed $name"
}

show os_system
show shell_variables
show run_check
show run_output
show run_output_error
show run_output_error_trap
show check_output_error_trap_output
show run_output_error_suppress
show popen_read
show popen_write
show popen2
show popen3
show popen4
show pipes data/index.rst
show pipeline data/index.rst
show interaction
show signal_parent
show signal_parent_shell 1
show signal_setpgrp
show timeout
show find_why
# shellcheck disable=SC2016 # the inner shell expands it: the parent of that shell is the example
show cancel sh -c 'echo "pressing Ctrl-C"; kill -INT $PPID; exec sleep 600'

[ -z "$failed" ] && exit 0
printf '\nfailed:%s\n' "$failed" >&2
exit 1
