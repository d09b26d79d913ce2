# SPDX-License-Identifier: MIT
"""communicate(): the library moves the bytes; the files of Popen are lent to it and taken back."""

from _weakref import ref

from .. import _native
from ._errors import code_of
from ._pipes import ERR, IN, OUT, LentPipe, Pipe, is_on
from ._text import translate

_NAMES = ("stdin", "stdout", "stderr")


def _ignoring_broken_pipe(action, *arguments):
    """A child that does not read its input is no error."""
    try:
        action(*arguments)
    except BrokenPipeError:
        pass


class Exchange:
    """The state of communicate(), which survives a call that did not come to its end."""

    def __init__(self, process, pipes):
        self._process = process
        self._pipes = [pipe and ref(pipe) for pipe in pipes]  # to be closed when its user forgets it
        self._input = None
        self._outputs = {}  # by stream: all of it, as the file gives it

    def begin(self, popen, input):
        """Before the first call: what has been written before `input` goes out before it."""
        self._release_replaced(popen)
        stdin, pipe = popen.stdin, self._pipe(IN)
        if not stdin or (pipe is not None and pipe.closed and not input):
            return
        _ignoring_broken_pipe(stdin.flush)
        if pipe is not None and input:
            self._input = input.encode(stdin.encoding, stdin.errors) if popen.text_mode else input
            return
        if input:
            _ignoring_broken_pipe(stdin.write, input)
        _ignoring_broken_pipe(stdin.close)

    def run(self, popen, timeout_ms):
        """One call. Returns the return code when all is done."""
        self._release_replaced(popen)
        self._read_replacements(popen)
        lent = self._lend(popen)
        data, self._input = self._input, None  # the library keeps what it cannot send at once
        try:
            result = _native.communicate(self._process, data, timeout_ms)
        except BaseException as failure:
            result = getattr(failure, "result", None)
            if code_of(failure) != "SP_ELOST":
                self._take_back(lent, result)
                raise
        return self._finish(popen, lent, result)

    def outputs(self, popen):
        empty = "" if popen.text_mode else b""
        return tuple(None if file is None else self._outputs.get(index, empty)
                     for index, file in ((OUT, popen.stdout), (ERR, popen.stderr)))

    @staticmethod
    def partial(result):
        """The bytes that have come so far; None for none."""
        return [result and _native.result_output(result, index) or None for index in (OUT, ERR)]

    def _pipe(self, index):
        return self._pipes[index] and self._pipes[index]()

    # -- files that the user of Popen has put into the places of ours, or taken away ------------------------------------

    def _release_replaced(self, popen):
        for index, name in enumerate(_NAMES):
            pipe = self._pipe(index)
            if pipe is not None and not pipe.closed and not is_on(getattr(popen, name), pipe):
                pipe.release()
                self._pipes[index] = None

    def _read_replacements(self, popen):
        for index, file in ((OUT, popen.stdout), (ERR, popen.stderr)):
            if file is not None and self._pipe(index) is None and index not in self._outputs:
                self._outputs[index] = file.read()
                file.close()

    # -- lending --------------------------------------------------------------------------------------------------------

    def _lend(self, popen):
        pipes = [(index, self._pipe(index)) for index in (IN, OUT, ERR)]
        lent = [(index, pipe, getattr(popen, _NAMES[index])) for index, pipe in pipes if pipe and not pipe.closed]
        for _index, pipe, _file in lent:
            pipe.__class__ = LentPipe
        return lent

    def _take_back(self, lent, result):
        for index, pipe, file in lent:
            if pipe.is_open():
                pipe.__class__ = Pipe
            elif index == IN:
                file.close()
            elif result is not None:
                self._collect(index, pipe, file, result)

    def _finish(self, popen, lent, result):
        for index, pipe, file in lent:
            if index == IN:
                file.close()
            else:
                self._collect(index, pipe, file, result)
        for index, file in ((OUT, popen.stdout), (ERR, popen.stderr)):
            if index not in self._outputs and self._pipe(index) is not None:
                self._outputs[index] = self._of_closed(popen, file, _native.result_output(result, index))
        returncode = _native.result_returncode(result)
        return 0 if returncode == _native.NO_RETURNCODE else returncode

    def _collect(self, index, pipe, file, result):
        """Lets the file give out what the library has read: behind what is in its buffer, and decoded."""
        pipe.rest = _native.result_output(result, index)
        try:
            self._outputs[index] = file.read()
        finally:
            file.close()

    @staticmethod
    def _of_closed(popen, file, data):
        """Of a file that was closed after an earlier call had read from it."""
        return translate(data, file.encoding, file.errors) if popen.text_mode else data
