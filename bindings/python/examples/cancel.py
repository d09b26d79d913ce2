#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cancel COMMAND [ARG...]: runs a command until it ends or Ctrl-C is pressed. The signal handler only triggers a token,
which wakes the call that waits; that then kills the command."""
import signal
import sys

import libsubprocess as sp

token = sp.CancelToken()
signal.signal(signal.SIGINT, lambda *_: token.trigger())
try:
    # In a group of its own the command does not get the terminal's Ctrl-C: to end it is up to us.
    completed = sp.run(sys.argv[1:], new_group=True, cancel=token)
    print("done, returncode:", completed.returncode)
except sp.Canceled as canceled:
    print("canceled, returncode:", canceled.returncode)
