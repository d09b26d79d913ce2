# SPDX-License-Identifier: MIT
"""One run of CPython's tests: by which Python, as which user, with which module in the place of `subprocess`."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import classification
import confine

DRIVER = Path(__file__).with_name("run_tests.py")
LIMIT_SECONDS = 900

# How the drop-in module gets into the place of the standard one; "standard" is the one to compare with.
WAYS = ("standard", "path", "mount")


@dataclasses.dataclass
class Run:
    way: str
    user: int
    seconds: float
    cpu_seconds: float
    tests: dict
    environment_altered: bool

    def count(self, outcome, kind=None):
        return sum(test["outcome"] == outcome and (kind is None or classification.class_of(name) == kind)
                   for name, test in self.tests.items())


class RunFailed(Exception):
    """The tests have not been run to their end."""


def _environment(stage, way, home):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}
    if way == "path":
        environment["PYTHONPATH"] = f"{stage.shadow}{os.pathsep}{stage.packages}"
    return environment


def _replaced(python, stage, way):
    """The mounts that put the drop-in module, already compiled, into the place of the standard one."""
    if way != "mount":
        return []
    standard = Path(python.stdlib, "subprocess.py")
    cache = standard.parent / "__pycache__" / f"subprocess.{python.cache_tag}.pyc"
    return [(stage.module, standard)] + ([(stage.module_cache, cache)] if cache.exists() else [])


def _wait(process, log):
    """Ends all that is left if it takes too long: the tests' children are in its process group."""
    try:
        return process.wait(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise RunFailed(f"no end after {LIMIT_SECONDS} seconds, see {log}") from None


def run(python, stage, way, user, modules, match, log):
    """Runs those tests of `modules` whose names match; what they print goes to the file `log`."""
    scratch = Path(tempfile.mkdtemp(prefix="cpython-suite-"))
    scratch.chmod(0o755)
    home = scratch / "home"
    home.mkdir()
    os.chown(home, user, -1)
    report = home / "report.json"
    expected = "subprocess" if way == "standard" else "libsubprocess.compat"
    command = confine.command([python.executable, str(DRIVER), str(report), expected, match, *modules], scratch=scratch,
                              user=user, needs=[python.prefix, stage.folder, DRIVER.parent], replaced=_replaced(python, stage, way))
    try:
        with open(log, "w") as output:
            process = subprocess.Popen(command, cwd=home, env=_environment(stage, way, home), stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
            status = _wait(process, log)
        if status != 0 or not report.exists():
            raise RunFailed(f"ended with {status} before its end, see {log}")
        facts = json.loads(report.read_text())
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Run(way, user, facts["seconds"], facts["cpu_seconds"], facts["tests"], facts["environment_altered"])
