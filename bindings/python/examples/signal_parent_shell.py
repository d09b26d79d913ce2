#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""signal_parent_shell [SECONDS]: signals a shell. The program that the shell runs, signal_child.py, does not get it."""
import pathlib
import signal
import sys

import libsubprocess as sp

HERE = pathlib.Path(__file__).resolve()
SCRIPT = f'''echo "Shell script in process $$"
set -x
./signal_child{HERE.suffix} $1
'''
with sp.Popen(["sh", "-s", *sys.argv[1:]], cwd=HERE.parent, stdin=sp.PIPE, stdout=sp.PIPE, stderr=sp.STDOUT, text=True) as proc:
    print(f"PARENT      : Pausing before signaling {proc.pid}...")
    proc.stdin.write(SCRIPT)
    proc.stdin.close()
    for line in proc.stdout:
        print(line, end="")
        if "Pausing" in line:
            print(f"PARENT      : Signaling child {proc.pid}")
            proc.send_signal(signal.SIGUSR1)
