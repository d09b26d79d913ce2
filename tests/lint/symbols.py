# SPDX-License-Identifier: MIT
"""Checks what compiled files refer to and export.

    python3 symbols.py exports LIBRARY SYMBOLS.TXT    the shared library exports what the list says, and nothing else
    python3 symbols.py refers OBJECT ALLOWED.TXT      the object refers to nothing but the names allowed
"""

import subprocess
import sys
from pathlib import Path

VERSION_NODE = "sp_abi_0"


def names(path):
    lines = (line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line}


def nm(*arguments):
    done = subprocess.run(["nm", *arguments], check=True, capture_output=True, text=True)
    return {line.split()[-1] for line in done.stdout.splitlines() if line.strip()}


def exports(library, listed):
    # The version node itself is in the table too.
    seen = {name.split("@")[0] for name in nm("-D", "--defined-only", library)} - {VERSION_NODE}
    wanted = names(listed)
    return ([f"{name} is exported and not listed" for name in sorted(seen - wanted)]
            + [f"{name} is listed and not exported" for name in sorted(wanted - seen)])


def refers(compiled, allowed):
    return [f"refers to {name}" for name in sorted(nm("-u", compiled) - names(allowed))]


def main():
    commands = {"exports": exports, "refers": refers}
    if len(sys.argv) != 4 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    found = commands[sys.argv[1]](sys.argv[2], sys.argv[3])
    for message in found:
        print(f"{sys.argv[2]}: {message}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
