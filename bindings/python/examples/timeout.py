#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bounds a call. The shell ends at once, but the program that it leaves in the background holds the pipe open. The limit
ends the call all the same, keeps the output that came, and takes the whole group down."""
import libsubprocess as sp

try:
    sp.run("echo the answer is 42; sleep 600 & exit 0", shell=True, capture_output=True, text=True, timeout=2,
           new_group=True, kill_group_on_timeout=True)
except sp.TimeoutExpired as late:
    print("result      :", late.code)
    print("output      :", late.stdout, end="")
    print("returncode  :", late.result.returncode)
    print("pipes held  :", "yes, by a grandchild" if late.result.pipes_held else "no")
