#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Throws output away."""
import libsubprocess as sp

completed = sp.run("echo to stdout; echo to stderr 1>&2; exit 1", shell=True, stdout=sp.DEVNULL, stderr=sp.DEVNULL)
print("returncode:", completed.returncode)
print(f"stdout is {completed.stdout!r}")
print(f"stderr is {completed.stderr!r}")
