#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads all that a child writes."""
import libsubprocess as sp

print("read:")
with sp.Popen(["echo", '"to stdout"'], stdout=sp.PIPE, text=True) as proc:
    print("stdout:", repr(proc.communicate()[0]))
