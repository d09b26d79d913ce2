# SPDX-License-Identifier: MIT
"""The parent's ends of the pipes: ordinary file objects on descriptors that belong to the library.

So both can use them: Python reads and writes them as any file, and communicate() leaves them to the library meanwhile.
"""

import io
import os
from _warnings import warn

from .. import _native

IN, OUT, ERR = range(3)


class Pipe(io.FileIO):
    """A descriptor that the library closes."""

    def __init__(self, process, stream):
        super().__init__(_native.stream_handle(process, stream), "rb" if stream else "wb", closefd=False)
        self._process = process
        self._stream = stream

    def close(self):
        if self.closed:
            return
        if self._finalizing:
            self._dealloc_warn(self)
        fd = self.fileno() if self._process is None else -1
        super().close()
        if fd >= 0:
            os.close(fd)
        else:
            _native.close_stream(self._process, self._stream)

    def release(self):
        """From now on the library knows nothing of it."""
        if not self.closed and self._process is not None and _native.stream_release(self._process, self._stream) >= 0:
            self._process = None

    def is_open(self):
        """Whether the library has not closed it meanwhile."""
        return self._process is None or _native.stream_handle(self._process, self._stream) >= 0

    def _dealloc_warn(self, source):
        if not self.closed:
            warn(f"unclosed file {source!r}", ResourceWarning, source=source)


class LentPipe(Pipe):
    """A Pipe while the library uses it; afterwards it gives out what the library has read.

    The file objects on top of it put that behind what they had in their own buffers, and decode it.
    """

    rest = None

    def fileno(self):
        raise self._in_use()

    def readall(self):
        data = self._rest()
        self.rest = b""
        return data

    def read(self, size=-1):
        data = self._rest()
        if size is None or size < 0:
            size = len(data)
        self.rest = data[size:]
        return data[:size]

    def readinto(self, buffer):
        with memoryview(buffer) as view, view.cast("B") as room:
            data = self.read(len(room))
            room[:len(data)] = data
            return len(data)

    def write(self, data):
        raise self._in_use()

    def _rest(self):
        if self.rest is None:
            raise self._in_use()
        return self.rest

    @staticmethod
    def _in_use():
        return ValueError("communicate() is using this stream")


def is_on(file, pipe):
    """Whether `file` is, or is on top of, this open pipe: whoever uses Popen may put another one into its place."""
    if isinstance(pipe, LentPipe):
        return file is not None
    try:
        return file.fileno() == pipe.fileno()
    except (AttributeError, ValueError, OSError):
        return False


def open_file(pipe, bufsize, text):
    """What io.open() makes of a descriptor. `text` is None, or the arguments of a TextIOWrapper."""
    if bufsize == 0:
        file = pipe
    else:
        if bufsize == 1 and text is None:
            warn("line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
                 RuntimeWarning, 4)
        size = bufsize if bufsize > 1 else pipe._blksize if pipe._blksize > 1 else io.DEFAULT_BUFFER_SIZE
        file = io.BufferedReader(pipe, size) if pipe._stream else io.BufferedWriter(pipe, size)
    return file if text is None else io.TextIOWrapper(file, **text)
