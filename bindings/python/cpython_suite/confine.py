# SPDX-License-Identifier: MIT
"""Commands that run as another user, or see a file of ours in the place of another one."""

import os
import shlex
from pathlib import Path

ORDINARY_USER = 1234

def _hidden_from_others(path):
    """The uppermost folder on the way to `path` that other users may not enter, or None."""
    for folder in [*reversed(Path(path).parents), Path(path)]:
        if not folder.stat().st_mode & 0o001:
            return str(folder)
    return None


def as_user(user, command):
    if user == os.getuid():
        return command
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all", *command]


def _mounts(scratch, covered, replaced):
    """What a shell has to mount. Of a folder that others may not enter only what is needed in it stays to be seen."""
    holds = [f"{scratch}/hold.{number}" for number in range(len(covered))]
    lines = []
    for hold, (_, folder) in zip(holds, covered):
        lines += [["mkdir", hold], ["mount", "--rbind", folder, hold]]
    lines += [["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", hidden] for hidden in sorted({hidden for hidden, _ in covered})]
    for hold, (_, folder) in zip(holds, covered):
        lines += [["mkdir", "-p", folder], ["mount", "--rbind", hold, folder]]
    lines += [["mount", "--bind", *pair] for pair in replaced]
    return "".join(shlex.join(map(str, line)) + "\n" for line in lines)


def command(argv, *, scratch, user, needs=(), replaced=()):
    """`argv` run by `user`, who can get at the folders `needs`, and sees for each pair of `replaced` the first file
    in the place of the second. All of it in a mount namespace that nobody else sees."""
    covered = []
    for folder in needs if user != os.getuid() else ():
        hidden = _hidden_from_others(folder)
        if hidden is not None:
            covered.append((hidden, str(folder)))
    argv = as_user(user, argv)
    if not covered and not replaced:
        return argv
    script = "set -eu\n" + _mounts(scratch, covered, replaced) + 'exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *argv]
