#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_output(), with both streams as one."""
import libsubprocess as sp

output = sp.check_output("echo to stdout; echo to stderr 1>&2", shell=True, stderr=sp.STDOUT, text=True)
print(f"Have {len(output)} bytes in output: {output!r}")
