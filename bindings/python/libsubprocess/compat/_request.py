# SPDX-License-Identifier: MIT
"""From the arguments of Popen to the options of the C library."""

import os

from .. import _native

_NO_ID = 0xFFFFFFFF  # what the system calls take for "leave it"


def milliseconds(seconds):
    """Rounded up, so that no limit passes early. None is no limit, and so is one that nobody lives to see."""
    if seconds is None or seconds > 1e12:
        return _native.FOREVER
    return max(0, -int(-seconds * 1000 // 1))


def argv_of(args, shell):
    if isinstance(args, os.PathLike) and shell:
        raise TypeError("path-like args is not allowed when shell is true")
    argv = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
    return ["/bin/sh", "-c", *argv] if shell else argv


def stream_of(value):
    """A constant or a descriptor."""
    return value if isinstance(value, int) else value.fileno()


def _checked(number, what):
    if number < 0:
        raise ValueError(f"{what} ID cannot be negative, got {number}")
    if number >= _NO_ID:
        raise OverflowError(f"{what} ID is greater than maximum, got {number}")
    return number


def uid_of(user):
    if isinstance(user, str):
        import pwd
        user = pwd.getpwnam(user).pw_uid
    elif not isinstance(user, int):
        raise TypeError("User must be a string or an integer")
    return _checked(user, "User")


def gid_of(group, what="Group"):
    if isinstance(group, str):
        import grp
        group = grp.getgrnam(group).gr_gid
    elif not isinstance(group, int):
        raise TypeError(f"{what} must be a string or an integer, not {type(group)}")
    return _checked(group, "Group")


def gids_of(groups):
    if isinstance(groups, str):
        raise ValueError("Groups must be a list, not a string")
    try:
        return [gid_of(group, "Items in extra_groups") for group in groups]
    except OverflowError as error:
        raise ValueError(*error.args) from None


def request_of(argv, executable, preexec_fn, close_fds, pass_fds, cwd, env, streams, pipesize, restore_signals, gid, gids,
               uid, umask, start_new_session, process_group):
    """The options of one child, for _native.start(). Only what differs from the library's defaults."""
    request = {"argv": argv, "return_on_signal": True}
    given = {"executable": executable, "preexec_fn": preexec_fn, "cwd": cwd, "env": env, "gid": gid, "groups": gids,
             "uid": uid, "stdin": streams[0], "stdout": streams[1], "stderr": streams[2]}
    request.update((name, value) for name, value in given.items() if value is not None)
    flags = {"keep_fds": not close_fds, "keep_signals": not restore_signals, "new_session": start_new_session,
             "new_group": process_group == 0}
    request.update((name, True) for name, is_set in flags.items() if is_set)
    if pass_fds:
        request["pass_fds"] = pass_fds
    if pipesize > 0:
        request["pipe_size"] = pipesize
    if umask >= 0:
        request["umask"] = umask
    if process_group > 0:
        request["join_group"] = process_group
    return request
