# SPDX-License-Identifier: MIT
"""Commands that run as another user, or see a file of ours in the place of another one."""

import os
from pathlib import Path

ORDINARY_USER = 1234

# Arguments: a scratch folder, the number of pairs, the pairs "file, place", the number of folders to be opened, each with what
# shall be seen in it, then the command. All of it in a mount namespace that nobody else sees.
_MOUNT = """
set -eu
scratch=$1 pairs=$2
shift 2
covered=$1
shift
while [ "$covered" -gt 0 ]; do
  hold=$(mktemp -d "$scratch/hold.XXXXXX")
  mount --rbind "$2" "$hold"
  mount -t tmpfs -o mode=755 tmpfs "$1"
  mkdir -p "$2"
  mount --rbind "$hold" "$2"
  shift 2
  covered=$((covered - 1))
done
while [ "$pairs" -gt 0 ]; do
  mount --bind "$1" "$2"
  shift 2
  pairs=$((pairs - 1))
done
exec "$@"
"""


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


def command(argv, *, scratch, user, needs=(), replaced=()):
    """`argv` run by `user`, who can get at the folders `needs`, and sees for each pair of `replaced` the first file
    in the place of the second."""
    covered = []
    for folder in needs if user != os.getuid() else ():
        hidden = _hidden_from_others(folder)
        if hidden is not None:
            covered += [hidden, folder]
    argv = as_user(user, argv)
    if not covered and not replaced:
        return argv
    places = [str(path) for pair in replaced for path in pair]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _MOUNT, "sh", str(scratch), str(len(replaced)),
            str(len(covered) // 2), *covered, *places, *argv]
