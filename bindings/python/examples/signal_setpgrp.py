#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Signals a whole process group: the shell and the program that the shell started, signal_child.py."""
import os
import pathlib
import signal

import libsubprocess as sp

HERE = pathlib.Path(__file__).resolve()
SCRIPT = f'''echo "Shell script in process $$"
set -x
./signal_child{HERE.suffix}
'''
with sp.Popen(["sh", "-s"], new_group=True, cwd=HERE.parent, stdin=sp.PIPE, stdout=sp.PIPE, stderr=sp.STDOUT, text=True) as proc:
    print(f"Calling setpgid() from {proc.pid}")
    print(f"Process group is now {os.getpgid(proc.pid)}")
    print(f"PARENT      : Pausing before signaling {proc.pid}...")
    proc.stdin.write(SCRIPT)
    proc.stdin.close()
    for line in proc.stdout:
        print(line, end="")
        if "Pausing" in line:
            print(f"PARENT      : Signaling process group {proc.pid}")
            proc.kill_group(signal.SIGUSR1)
