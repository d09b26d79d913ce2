#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sends a signal to a child, signal_child.py, as soon as the child says that it is ready."""
import pathlib
import signal

import libsubprocess as sp

HERE = pathlib.Path(__file__).resolve()
with sp.Popen([f"./signal_child{HERE.suffix}"], cwd=HERE.parent, stdout=sp.PIPE, text=True) as proc:
    print("PARENT      : Pausing before sending signal...")
    for line in proc.stdout:
        print(line, end="")
        if "Pausing" in line:
            print("PARENT      : Signaling child")
            proc.send_signal(signal.SIGUSR1)
