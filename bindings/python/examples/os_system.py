#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a command whose output goes straight to the terminal."""
import libsubprocess as sp

completed = sp.run(["ls", "-1"])
print("returncode:", completed.returncode)
