#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A nonzero return code as an exception."""
import libsubprocess as sp

try:
    sp.run(["false"], check=True)
except sp.CalledProcessError as err:
    print("ERROR:", str(err).rstrip("."))
