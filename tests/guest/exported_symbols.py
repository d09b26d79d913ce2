#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The dynamic symbols of the library: it exports what its header declares and nothing else, and imports no call that a
guest has no business to make. Usage: exported_symbols.py LIBRARY HEADER"""

import re
import subprocess
import sys

# What would change the host, or start a thread in it. sigprocmask and friends are used around a spawn, and are undone.
UNWANTED = {
    "signal", "sigaction", "sigset", "sigignore", "bsd_signal", "sysv_signal", "sigaltstack", "siginterrupt",
    "pthread_create", "thrd_create", "daemon", "system", "popen", "wait", "wait3", "alarm", "setitimer",
    "timer_create", "ualarm", "umask", "chdir", "fchdir", "setrlimit", "setrlimit64", "prlimit", "prlimit64", "setenv",
    "putenv", "unsetenv", "clearenv", "setlocale", "atexit", "exit", "uv_default_loop", "uv_signal_start",
    "uv_queue_work", "uv_replace_allocator", "uv_disable_stdio_inheritance", "uv_library_shutdown",
    "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE",
}
UNWANTED_LIBRARIES = ("libstdc++", "libgcc_s", "libc++", "libpthread-")


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def symbols(library, *options):
    """(type, name without version) of each dynamic symbol."""
    for line in output("nm", "-D", *options, library).splitlines():
        fields = line.split()
        yield fields[-2], fields[-1].split("@")[0]


def main():
    library, header = sys.argv[1:]
    wrong = []
    with open(header, encoding="utf-8") as file:
        declared = set(re.findall(r"^SP_API [^;(]*?\b(sp_\w+)\(", file.read(), re.MULTILINE))
    if len(declared) < 30:
        wrong.append(f"only {len(declared)} declarations were found in {header}")
    exported = set()
    for kind, name in symbols(library, "--defined-only"):
        if kind == "A":  # the name of a symbol version
            continue
        exported.add(name)
        if not name.startswith("sp_"):
            wrong.append(f"exports {name} ({kind})")
        elif kind != "T":
            wrong.append(f"exports {name}, which is no function ({kind})")
    wrong += [f"exports {name}, which the header does not declare" for name in sorted(exported - declared)]
    wrong += [f"does not export {name}" for name in sorted(declared - exported)]
    wrong += [f"imports {name}" for kind, name in symbols(library, "--undefined-only") if name in UNWANTED]
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", library))
    wrong += [f"needs {name}" for name in needed if name.startswith(UNWANTED_LIBRARIES)]
    if not any(name.startswith("libc.") for name in needed):
        wrong.append(f"the needed libraries were not understood: {needed}")
    for line in wrong:
        print(f"{library} {line}")
    print(f"{len(exported)} symbols, needs {' '.join(needed)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
