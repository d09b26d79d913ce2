#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds, and reads both streams as one."""
import libsubprocess as sp

print("popen4:")
with sp.Popen('cat -; echo "to stderr" 1>&2', shell=True, stdin=sp.PIPE, stdout=sp.PIPE, stderr=sp.STDOUT, text=True) as proc:
    stdout, stderr = proc.communicate("through stdin to stdout\n")
print("combined output:", repr(stdout))
print("stderr value    :", repr(stderr))
