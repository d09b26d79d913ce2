#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures both streams."""
import libsubprocess as sp

completed = sp.run("echo to stdout; echo to stderr 1>&2; exit 1", shell=True, capture_output=True, text=True)
print("returncode:", completed.returncode)
print(f"Have {len(completed.stdout)} bytes in stdout: {completed.stdout!r}")
print(f"Have {len(completed.stderr)} bytes in stderr: {completed.stderr!r}")
