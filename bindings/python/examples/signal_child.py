#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""signal_child [SECONDS]: the child of the signal examples. Waits for SIGUSR1, by default at most 3 seconds."""
import os
import signal
import sys

limit = float(sys.argv[1]) if len(sys.argv) > 1 else 3
pid = os.getpid()
print(f"CHILD {pid:>6}: Setting up signal handler", flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])  # until it is waited for: it must not be missed
print(f"CHILD {pid:>6}: Pausing to wait for signal", flush=True)
received = signal.sigtimedwait([signal.SIGUSR1], limit)
print(f"CHILD {pid:>6}:", "Received USR1" if received else "Never received signal")
