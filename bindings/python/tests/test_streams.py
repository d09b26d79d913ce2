# SPDX-License-Identifier: MIT
"""The streams of a Popen: bytes and text, limits, what other parts of Python make of them."""

import io
import os
import unittest

from support import ALL_BYTES, ChildTest

import libsubprocess as sp


class Bytes(ChildTest):
    def cat(self, data=b"", **options):
        process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE, **options)
        process.stdin.write(data)
        return process

    def test_lines_and_pieces(self):
        process = self.cat(b"abcdef\nghi\n\nrest")
        out = process.stdout
        self.assertEqual((out.read(3), out.readline(), out.read1(2), out.readline(), out.readline()),
                         (b"abc", b"def\n", b"gh", b"i\n", b"\n"))
        process.stdin.close()
        self.assertEqual((out.read(), out.read(), out.readline(), out.read(1), out.read1()), (b"rest", b"", b"", b"", b""))

    def test_iteration(self):
        process = self.popen(["printf", r"a\n\nb"], stdout=sp.PIPE)
        self.assertEqual(list(process.stdout), [b"a\n", b"\n", b"b"])

    def test_limits_of_readline(self):
        out = self.cat(b"abcdef\ngh\n").stdout
        self.assertEqual((out.readline(0), out.readline(3), out.readline(100), out.readline(1), out.readline(-1)),
                         (b"", b"abc", b"def\n", b"g", b"h\n"))

    def test_readinto(self):
        process = self.cat(b"abcdef")
        room = bytearray(4)
        self.assertEqual((process.stdout.readinto(room), bytes(room)), (4, b"abcd"))
        process.stdin.write(b"\nxy")
        self.assertEqual(process.stdout.readline(), b"ef\n")
        self.assertEqual((process.stdout.readinto(memoryview(room)), bytes(room)), (2, b"xycd"))
        with self.assertRaises((TypeError, BufferError)):
            process.stdout.readinto(b"read-only")

    def test_buffering(self):
        process = self.cat(b"ab")
        process.stdout.timeout = 0.05
        with self.assertRaises(sp.TimeoutExpired):
            process.stdout.read(3)
        process.stdin.write(b"c")
        process.stdout.timeout = None
        self.assertEqual(process.stdout.read(3), b"abc")
        self.assertEqual(self.cat(b"ab", bufsize=0).stdout.read(3), b"ab")

    def test_large(self):
        process = self.cat()
        process.stdin.timeout = 0.05
        with self.assertRaises(sp.TimeoutExpired) as caught:
            process.stdin.write(ALL_BYTES)
        written = caught.exception.characters_written
        self.assertGreater(written, 0)
        self.assertEqual(process.stdout.read(written), ALL_BYTES[:written])
        process.stdin.timeout = None
        process.stdin.write(ALL_BYTES[written:written + 1000])
        process.stdin.close()
        self.assertEqual(process.stdout.readall(), ALL_BYTES[written:written + 1000])

    def test_limit(self):
        process = self.cat()
        process.stdout.timeout = 0.02
        for read in (process.stdout.read, process.stdout.readline, process.stdout.read1,
                     lambda: process.stdout.readinto(bytearray(3))):
            with self.assertRaises(sp.TimeoutExpired) as caught:
                read()
            self.assertEqual((caught.exception.cmd, caught.exception.timeout), (["cat"], 0.02))
        process.stdin.write(b"part")
        with self.assertRaises(sp.TimeoutExpired):
            process.stdout.readline()
        process.stdin.write(b"ial\n")
        process.stdout.timeout = 60
        self.assertEqual(process.stdout.readline(), b"partial\n")

    def test_child_that_has_gone(self):
        process = self.popen(["true"], stdin=sp.PIPE)
        process.wait()
        with self.assertRaises(BrokenPipeError):
            process.stdin.write(b"x")

    def test_standard_wrappers(self):
        process = self.cat(b"one\ntwo\n")
        reader = io.BufferedReader(process.stdout)
        self.assertEqual(reader.readline(), b"one\n")
        writer = io.TextIOWrapper(process.stdin, encoding="utf-8", line_buffering=True)
        writer.write("three\n")
        writer.close()
        self.assertEqual(reader.read(), b"two\nthree\n")
        reader.close()

    def test_attributes(self):
        process = self.cat()
        self.assertTrue(process.stdout.readable() and process.stdin.writable())
        self.assertFalse(process.stdout.writable() or process.stdin.readable() or process.stdout.seekable())
        self.assertFalse(process.stdout.isatty())
        self.assertEqual(process.stdout.name, process.stdout.fileno())
        self.assertTrue(os.fstat(process.stdin.fileno()))
        self.assertIn("stdout", repr(process.stdout))
        with self.assertRaises(OSError):
            process.stdout.write(b"x")
        with self.assertRaises(OSError):
            process.stdin.read()
        with process.stdin:
            pass
        self.assertTrue(process.stdin.closed)


class Text(ChildTest):
    def cat(self, text, **options):
        process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE, **{"encoding": "utf-8", **options})
        process.stdin.write(text)
        return process

    def test_lines_and_pieces(self):
        process = self.cat("käse\r\nbrot\rwein\nrest")
        out = process.stdout
        self.assertEqual((out.read(2), out.readline(), out.readline(), out.readline(3), out.readline()),
                         ("kä", "se\n", "brot\n", "wei", "n\n"))
        process.stdin.close()
        self.assertEqual((out.read(), out.read(), out.readline()), ("rest", "", ""))

    def test_iteration(self):
        process = self.popen(["seq", "20000"], stdout=sp.PIPE, text=True)
        self.assertEqual([int(line) for line in process.stdout], list(range(1, 20001)))

    def test_character_in_two_pieces(self):
        process = self.cat("")
        process.stdin.buffer.write(b"a\xc3")
        process.stdout.timeout = 0.05
        with self.assertRaises(sp.TimeoutExpired):
            process.stdout.readline()
        process.stdin.buffer.write(b"\xa4\n")
        process.stdout.timeout = None
        self.assertEqual(process.stdout.readline(), "aä\n")

    def test_other_encodings(self):
        process = self.cat("ä\n", encoding="utf-16")
        process.stdin.write("ö\n")
        process.stdin.close()
        self.assertEqual(process.stdout.read(), "ä\nö\n")
        self.assertEqual((process.stdout.encoding, process.stdin.errors), ("utf-16", "strict"))

    def test_undecodable(self):
        process = self.popen(["printf", r"\377"], stdout=sp.PIPE, encoding="utf-8")
        with self.assertRaises(UnicodeDecodeError):
            process.stdout.read()
        process = self.popen(["printf", r"\377"], stdout=sp.PIPE, encoding="utf-8", errors="surrogateescape")
        self.assertEqual(process.stdout.read(), "\udcff")

    def test_wrong_types(self):
        process = self.cat("")
        with self.assertRaises(TypeError):
            process.stdin.write(b"bytes")
        with self.assertRaises(TypeError):
            process.stdin.buffer.write("text")


if __name__ == "__main__":
    unittest.main()
