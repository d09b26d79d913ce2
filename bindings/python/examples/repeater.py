#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The child of interaction.py: repeats its input line by line, and says on standard error when it starts and ends."""
import sys

print("repeater: starting", file=sys.stderr, flush=True)
for line in sys.stdin:
    print(line, end="", flush=True)
print("repeater: exiting", file=sys.stderr, flush=True)
