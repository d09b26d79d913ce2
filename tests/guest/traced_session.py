#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the traced session under strace and judges each system call of the host process itself; children may do what
they like. Usage: traced_session.py PROGRAM"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77

TRACED = """rt_sigaction clone clone3 fork vfork wait4 waitid execve chdir fchdir open openat openat2 creat pipe pipe2
eventfd eventfd2 epoll_create epoll_create1 dup dup2 dup3 fcntl socket socketpair accept accept4 memfd_create signalfd
signalfd4 timerfd_create inotify_init inotify_init1 pidfd_getfd io_uring_setup userfaultfd umask setrlimit prlimit64 prctl
setitimer alarm timer_create kill tkill tgkill setpgid setsid setpriority setuid setgid setgroups setresuid setresgid
sigaltstack ptrace personality unshare pwritev2 writev write""".split()

# Calls that a guest never makes.
FORBIDDEN = """rt_sigaction fork vfork fchdir creat pipe dup dup2 eventfd epoll_create signalfd signalfd4 inotify_init
umask setrlimit setitimer alarm timer_create tkill tgkill setpgid setsid setpriority setuid setgid setgroups setresuid
setresgid sigaltstack ptrace personality unshare io_uring_setup userfaultfd""".split()

# Calls that make a descriptor, and the flag that must be among their arguments.
CLOEXEC = {
    "open": "O_CLOEXEC", "openat": "O_CLOEXEC", "openat2": "O_CLOEXEC", "pipe2": "O_CLOEXEC", "dup3": "O_CLOEXEC",
    "eventfd2": "EFD_CLOEXEC", "epoll_create1": "EPOLL_CLOEXEC", "socket": "SOCK_CLOEXEC", "socketpair": "SOCK_CLOEXEC",
    "accept4": "SOCK_CLOEXEC", "memfd_create": "MFD_CLOEXEC", "timerfd_create": "TFD_CLOEXEC",
    "inotify_init1": "IN_CLOEXEC",
}


def judge_process(name, arguments):
    """@return what is wrong with a call that starts, awaits or signals processes, or None."""
    if name in ("clone", "clone3"):
        if "CLONE_THREAD" in arguments:
            return "creates a thread"
        if "CLONE_VM" in arguments and "CLONE_VFORK" not in arguments:
            return "shares its memory with a child that runs beside it"
    if name == "wait4" and not re.match(r"[1-9]", arguments):
        return "waits for any child"
    if name == "waitid" and not re.match(r"P_PIDFD|P_PID,", arguments):
        return "waits for any child"
    if name == "kill" and not re.match(r"-([2-9]|1\d)", arguments):
        return "signals a pid that may be another process by now"
    return None


def judge(name, arguments):
    """@return what is wrong with a call of the host, or None."""
    if name in FORBIDDEN:
        return "is forbidden"
    if name in CLOEXEC and CLOEXEC[name] not in arguments:
        return "makes an inheritable descriptor"
    if name == "fcntl":
        if re.search(r"F_DUPFD\b(?!_)", arguments) or re.search(r"F_SETFD, 0\b", arguments):
            return "makes an inheritable descriptor"
        if re.match(r"[012], F_SETFL", arguments):
            return "changes the mode of a standard stream"
    if name == "chdir" and "/nonexistent/" not in arguments:
        return "changes the directory"
    if name == "prlimit64" and not re.search(r", NULL, (\{|0x)", arguments):
        return "changes a limit"
    if name == "prctl" and not re.match(r"PR_GET_|PR_CAPBSET_READ|PR_SET_DUMPABLE|PR_SET_VMA", arguments):
        return "changes the process"
    return judge_process(name, arguments)


def calls(path):
    """(pid, name, arguments) of each call in a trace, in the order in which they ended."""
    begun = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            pid, _, rest = line.strip().partition(" ")
            rest = rest.strip()
            if rest.endswith("<unfinished ...>"):
                begun[pid] = rest[: -len("<unfinished ...>")]
                continue
            rest = re.sub(r"^<\.\.\. \w+ resumed>", lambda _: begun.pop(pid, ""), rest)
            match = re.match(r"(\w+)\((.*)", rest)
            if match:
                yield int(pid), match[1], match[2]
            elif rest.startswith("--- SIGPIPE"):
                yield int(pid), "SIGPIPE", rest


def read_trace(path):
    """@return (wrong, count): descriptions of what the host did wrong, and how often it made each call."""
    wrong, count, host, inside = [], {}, None, False
    for pid, name, arguments in calls(path):
        host = host or pid
        if pid != host:
            count["child " + name] = count.get("child " + name, 0) + 1
            continue
        if "/nonexistent/begin" in arguments:
            inside = True
        elif "/nonexistent/end" in arguments:
            inside = False
            count["end"] = 1
        elif inside:
            count[name] = count.get(name, 0) + 1
            reason = "was raised in the host" if name == "SIGPIPE" else judge(name, arguments)
            if reason:
                wrong.append(f"{name}({arguments.strip()} -- {reason}")
    return wrong, count


def main():
    program = sys.argv[1]
    strace = shutil.which("strace")
    probe = [strace or "false", "-f", "-qq", "-o", "/dev/null", "true"]
    if subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: strace is missing or may not trace")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace")
        known = ",".join("?" + name for name in TRACED)
        done = subprocess.run([strace, "-f", "-qq", "-o", trace, "-e", "trace=" + known, "-e", "signal=SIGPIPE", program],
                              check=False, timeout=50)
        wrong, count = read_trace(trace)
    if done.returncode != 0:
        wrong.append(f"the session ended with {done.returncode}")
    # A trace that saw nothing proves nothing.
    for name, least in (("end", 1), ("child execve", 25), ("waitid", 10), ("pipe2", 10)):
        if count.get(name, 0) < least:
            wrong.append(f"only {count.get(name, 0)} of {name} were seen")
    if count.get("clone", 0) + count.get("clone3", 0) < 25:
        wrong.append("hardly a child was seen to start")
    print("\n".join(wrong))
    print(" ".join(f"{name}:{n}" for name, n in sorted(count.items()) if not name.startswith("child")))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
