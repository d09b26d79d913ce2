#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pipes [FILE]: joins three commands by their streams."""
import sys

import libsubprocess as sp

file = sys.argv[1] if len(sys.argv) > 1 else "index.rst"
cat = sp.Popen(["cat", file], stdout=sp.PIPE)
grep = sp.Popen(["grep", ".. literalinclude::"], stdin=cat.stdout, stdout=sp.PIPE)
cat.stdout.close()
cut = sp.Popen(["cut", "-f", "3", "-d:"], stdin=grep.stdout, stdout=sp.PIPE, text=True)
grep.stdout.close()

print("Included files:")
for line in cut.stdout:
    print(line.strip())
for process in (cat, grep, cut):
    process.wait()
