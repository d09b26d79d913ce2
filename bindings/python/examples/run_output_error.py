#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures one stream, lets the other through, and checks."""
import libsubprocess as sp

try:
    sp.run("echo to stdout; echo to stderr 1>&2; exit 1", check=True, shell=True, stdout=sp.PIPE)
except sp.CalledProcessError as err:
    print("ERROR:", str(err).rstrip("."))
