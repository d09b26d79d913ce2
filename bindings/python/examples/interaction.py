#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds a conversation with a child, repeater.py: first line by line, then all at once."""
import pathlib

import libsubprocess as sp

HERE = pathlib.Path(__file__).resolve()
REPEATER = str(HERE.with_name("repeater" + HERE.suffix))  # beside this program


def converse(one_at_a_time):
    with sp.Popen(REPEATER, shell=True, stdin=sp.PIPE, stdout=sp.PIPE, text=True) as proc:
        for i in range(5):
            proc.stdin.write(f"{i}\n")
            if one_at_a_time:
                print(proc.stdout.readline(), end="", flush=True)
        print(proc.communicate()[0], flush=True)  # end of input, and what remains


print("One line at a time:", flush=True)
converse(True)
print("\nAll output at once:", flush=True)
converse(False)
