# SPDX-License-Identifier: MIT
"""Finds the CPythons of this machine whose own tests can be run."""

import dataclasses
import json
import os
import shutil
import subprocess
from pathlib import Path

OLDEST = (3, 11)
NAMES = ["python3.11", "python3.12", "python3.13", "python3.14", "python3"]

_ASK = """
import json, sys, sysconfig
print(json.dumps({
    "executable": sys.executable, "version": sys.version_info[:3], "implementation": sys.implementation.name,
    "prefix": sys.base_prefix, "stdlib": sysconfig.get_path("stdlib"), "include": sysconfig.get_path("include"),
    "suffix": sysconfig.get_config_var("EXT_SUFFIX"), "cache_tag": sys.implementation.cache_tag}))
"""


@dataclasses.dataclass(frozen=True)
class Python:
    executable: str
    version: tuple
    prefix: str
    stdlib: str
    include: str
    suffix: str
    cache_tag: str

    @property
    def name(self):
        """Its version, and where it comes from if it is the system's."""
        return ".".join(map(str, self.version)) + (" (system)" if self.prefix == "/usr" else "")

    @property
    def has_tests(self):
        return Path(self.stdlib, "test", "test_subprocess.py").is_file()


def ask(command):
    """The Python behind a command, or None if it is none, or too old."""
    try:
        answer = subprocess.run([command, "-I", "-c", _ASK], capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    facts = json.loads(answer.stdout)
    if facts.pop("implementation") != "cpython" or tuple(facts["version"]) < OLDEST:
        return None
    facts["executable"] = os.path.realpath(facts["executable"])
    facts["version"] = tuple(facts["version"])
    return Python(**facts)


def _pyenv_commands():
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return []
    root = subprocess.run([pyenv, "root"], capture_output=True, text=True).stdout.strip()
    return sorted(str(path) for path in Path(root, "versions").glob("*/bin/python3"))


def _commands():
    in_path = [shutil.which(name) for name in NAMES]
    return [command for command in in_path if command] + _pyenv_commands() + ["/usr/bin/python3"]


def find(commands=()):
    """Those asked for; without any, all that there are. Raises SystemExit for one that cannot be used."""
    found = {}
    for command in commands or _commands():
        python = ask(command)
        if python is not None and python.has_tests:
            found.setdefault(python.executable, python)
        elif commands:
            raise SystemExit(f"{command} is no CPython of at least {OLDEST[0]}.{OLDEST[1]} with its test package")
    return sorted(found.values(), key=lambda python: (python.version, python.executable))
