#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three ways to fail to start, and how the exception tells them apart."""
import libsubprocess as sp


def try_to_run(program, cwd=None):
    try:
        sp.run([program], cwd=cwd)
    except OSError as error:
        print("code    :", error.code)
        print("step    :", error.step)
        print("path    :", error.path)
        print("errno   :", error.strerror)
        print("message :", error.message)
        print()


try_to_run("no-such-program")
try_to_run("true", "/no/such/directory")
try_to_run("/etc/passwd")  # a file, but not a program
