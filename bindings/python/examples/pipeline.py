#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pipeline [FILE]: what pipes.py does by hand, in one call."""
import sys

import libsubprocess as sp

file = sys.argv[1] if len(sys.argv) > 1 else "index.rst"
with sp.pipeline(["cat", file], ["grep", ".. literalinclude::"], ["cut", "-f", "3", "-d:"], stdout=sp.PIPE, text=True) as lines:
    print("Included files:")
    for line in lines.stdout:
        print(line.strip())
