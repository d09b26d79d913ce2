#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lets a shell expand the command line first."""
import libsubprocess as sp

completed = sp.run("echo $HOME", shell=True)
print("returncode:", completed.returncode)
