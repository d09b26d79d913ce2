#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures standard output."""
import libsubprocess as sp

completed = sp.run(["ls", "-1"], stdout=sp.PIPE)
print("returncode:", completed.returncode)
print(f"Have {len(completed.stdout)} bytes in stdout:\n{completed.stdout.decode('utf-8')}")
