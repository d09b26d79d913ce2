#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds, and reads both streams."""
import libsubprocess as sp

print("popen3:")
with sp.Popen('cat -; echo "to stderr" 1>&2', shell=True, stdin=sp.PIPE, stdout=sp.PIPE, stderr=sp.PIPE, text=True) as proc:
    stdout, stderr = proc.communicate("through stdin to stdout")
print("pass through:", repr(stdout))
print("stderr      :", repr(stderr))
