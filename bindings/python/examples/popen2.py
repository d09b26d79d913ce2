#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds and reads at once."""
import libsubprocess as sp

print("popen2:")
with sp.Popen(["cat", "-"], stdin=sp.PIPE, stdout=sp.PIPE, text=True) as proc:
    print("pass through:", repr(proc.communicate("through stdin to stdout")[0]))
