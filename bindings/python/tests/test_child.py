# SPDX-License-Identifier: MIT
"""What the child is given: environment, groups, descriptors, user ...; and the helpers around commands."""

import collections
import fcntl
import os
import pathlib
import select
import shlex
import signal
import sys
import unittest

from support import ChildTest

import libsubprocess as sp

ROOT = os.geteuid() == 0


class Child(ChildTest):
    def output(self, script, **options):
        return sp.run(["sh", "-c", script], stdout=sp.PIPE, text=True, **options).stdout.strip()

    def test_environment(self):
        self.assertEqual(self.output("echo $A", env={"A": "1", b"B": b"2"}), "1")
        self.assertEqual(sp.run(["/usr/bin/env"], env={}, stdout=sp.PIPE).stdout, b"")
        self.assertEqual(self.output("echo $A${PATH:+p}", env_extend={"A": "1"}), "1p")
        self.assertEqual(self.output("echo ${HOME-none}", env_extend={"HOME": None}), "none")
        self.assertEqual(self.output("echo $A", env=collections.ChainMap({"A": "x"}, os.environ)), "x")
        for bad in ({"A=B": ""}, {"A\0": ""}, {"A": "\0"}, {"": "x"}):
            with self.assertRaises(ValueError):
                sp.run(["true"], env=bad)

    def test_undecodable_names(self):
        name = b"n\xff"
        os.mkdir(os.path.join(self.directory.encode(), name))
        os.chmod(self.write("program", b"#!/bin/sh\nprintf %s \"$1\"\n"), 0o755)
        path = os.path.join(self.directory, os.fsdecode(name))
        done = sp.run([pathlib.Path(self.path("program")), os.fsdecode(name)], cwd=path, stdout=sp.PIPE)
        self.assertEqual(done.stdout, name)
        with self.assertRaises(FileNotFoundError) as caught:
            sp.run([os.path.join(path, "none")])
        self.assertEqual(caught.exception.filename, os.path.join(path, "none"))

    def test_program_alone_and_shell(self):
        self.assertEqual(sp.run("pwd", cwd=self.directory, stdout=sp.PIPE).returncode, 0)
        self.assertEqual(sp.run(pathlib.Path("/bin/true")).returncode, 0)
        self.assertEqual(sp.run("echo $0 $1", shell=True, stdout=sp.PIPE).stdout, b"/bin/sh\n")
        self.assertEqual(sp.run(["echo $0 $1", "a", "b"], shell=True, stdout=sp.PIPE).stdout, b"a b\n")
        self.assertEqual(self.output('echo "$0"', executable="/bin/sh"), "sh")
        self.assertEqual(sp.run(iter(["echo", "x"]), stdout=sp.PIPE).stdout, b"x\n")

    def test_session_and_groups(self):
        group = 'read pid name state parent group session rest </proc/$$/stat; echo $(($group == $$)) $(($session == $$))'
        self.assertEqual(self.output(group), "0 0")
        for options in ({"new_group": True}, {"process_group": 0}):
            self.assertEqual(self.output(group, **options), "1 0")
        self.assertEqual(self.output(group, start_new_session=True), "1 1")
        leader = self.popen(["cat"], stdin=sp.PIPE, new_group=True)
        joined = self.output("read pid name state parent group rest </proc/$$/stat; echo $group", process_group=leader.pid)
        self.assertEqual(joined, str(leader.pid))

    def test_descriptors(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        os.set_inheritable(writer, True)
        exists = f"[ -e /proc/self/fd/{writer} ] && echo yes || echo no"
        self.assertEqual(self.output(exists), "no")
        self.assertEqual(self.output(exists, close_fds=False), "yes")
        os.set_inheritable(writer, False)
        self.assertEqual(self.output(exists, pass_fds=(writer,)), "yes")
        sp.run(["sh", "-c", "echo hi >&9"], fd_map={9: writer})
        self.assertEqual(os.read(reader, 10), b"hi\n")

    def test_umask_signals_and_mask(self):
        self.assertEqual(self.output("umask", umask=0o27), "0027")
        self.assertEqual(self.output("umask", umask=-1), self.output("umask"))
        pipe = ["sh", "-c", "kill -PIPE $$; echo alive"]
        self.assertEqual(sp.run(pipe, stdout=sp.PIPE).returncode, -signal.SIGPIPE)
        self.assertEqual(sp.run(pipe, stdout=sp.PIPE, restore_signals=False).stdout, b"alive\n")
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        self.addCleanup(signal.pthread_sigmask, signal.SIG_UNBLOCK, [signal.SIGUSR2])
        for keep, mask in ((False, 0), (True, 1 << signal.SIGUSR2 - 1)):
            blocked = sp.check_output(["grep", "SigBlk", "/proc/self/status"], keep_signal_mask=keep)
            self.assertEqual(int(blocked.split()[1], 16), mask)

    def test_pipesize(self):
        process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE, pipesize=4096)
        self.assertEqual(fcntl.fcntl(process.stdin, 1032), 4096)  # F_GETPIPE_SZ
        self.popen(["cat"], stdin=sp.PIPE, pipesize=-1)

    @unittest.skipUnless(ROOT, "needs root")
    def test_user_and_groups(self):
        ids = self.output("id -u; id -g; id -G", user=65534, group=65533, extra_groups=[65532, "daemon"]).split()
        self.assertEqual((ids[:2], set(ids[2:])), (["65534", "65533"], {"65533", "65532", "1"}))
        self.assertEqual(self.output("id -un", user="nobody", group="daemon", extra_groups=[]), "nobody")

    def test_preexec_fn(self):
        os.environ["FROM_PARENT"] = "1"
        self.addCleanup(os.environ.pop, "FROM_PARENT")
        done = sp.run(["sh", "-c", "umask; cat"], preexec_fn=lambda: os.umask(0o35), stdout=sp.PIPE, input=b"fed", text=False)
        self.assertEqual(done.stdout, b"0035\nfed")
        with self.assertRaises(sp.SubprocessError) as caught:
            sp.run(["true"], preexec_fn=lambda: 1 / 0)
        self.assertEqual(caught.exception.step, "preexec")
        self.assertEqual(str(caught.exception), "Exception occurred in preexec_fn.")
        with self.assertRaises(sp.TimeoutExpired):
            sp.run(["sleep", "60"], preexec_fn=os.getpid, timeout=0.2)

    def test_death_signal(self):
        script = ("import libsubprocess as sp, sys\n"
                  "p = sp.Popen(['sleep', '600'], death_signal=9, stdout=sp.PIPE)\n"
                  "print(p.pid, flush=True); sys.stdin.read(); p.close()")
        parent = self.popen([sys.executable, "-c", script], stdin=sp.PIPE, stdout=sp.PIPE)
        fd = os.pidfd_open(int(parent.stdout.readline())) if hasattr(os, "pidfd_open") else None
        parent.communicate()
        if fd is not None:
            self.addCleanup(os.close, fd)
            self.assertTrue(select.select([fd], [], [], 60)[0])

    def test_helpers(self):
        words = ["plain", "two words", "it's", "", "$x", "käse"]
        self.assertEqual(sp.quote(words), " ".join(shlex.quote(word) for word in words))
        self.assertEqual(sp.split(sp.quote(words)), words)
        with self.assertRaises(ValueError):
            sp.split("echo 'half")
        self.assertEqual(sp.which("sh", "/bin"), "/bin/sh")
        self.assertEqual(sp.which("sh", path=b"/none:/bin"), "/bin/sh")
        with self.assertRaises(FileNotFoundError):
            sp.which("no-such-program")
        with self.assertRaises(PermissionError):
            self.write("plain", b"")
            sp.which("plain", self.directory)
        self.assertEqual(len(sp.library_version()), 3)


if __name__ == "__main__":
    unittest.main()
