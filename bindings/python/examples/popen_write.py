#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds standard input."""
import libsubprocess as sp

print("write:", flush=True)
with sp.Popen(["cat", "-"], stdin=sp.PIPE) as proc:
    proc.communicate(b"stdin: to stdin\n")
