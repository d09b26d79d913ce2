# SPDX-License-Identifier: MIT
"""Runs the steps of a conformance case on the package's public API: see ../../conformance/README.md."""

import errno
import os
import signal
import string
import threading
import time

import libsubprocess as sp

STREAMS = {"pipe": sp.PIPE, "devnull": sp.DEVNULL, "stdout": sp.STDOUT, "inherit": None}


class Disagreement(AssertionError):
    pass


def demand(what, expected, got):
    if got != expected:
        raise Disagreement(f"{what}: expected {expected!r:.200}, got {got!r:.200}")


def signal_number(name):
    return name if isinstance(name, int) else signal.Signals["SIG" + name]


def code_of(error):
    """The C code that an exception stands for: it says so itself, or its kind implies it."""
    if getattr(error, "code", ""):
        return error.code
    return "SP_EINVAL" if isinstance(error, (ValueError, TypeError, AttributeError)) else type(error).__name__


class Interpreter:
    """One case: its directory, its names, its verbs."""

    def __init__(self, directory):
        self.directory = directory
        self.processes, self.tokens, self.threads, self.files = {}, {}, {}, {}
        self.observed = {"stdout": b"", "stderr": b""}

    def close(self):
        for token in self.tokens.values():
            token.trigger()
        for process in self.processes.values():
            if not process._closed:
                process.kill()
                process.close()
        for thread, _failure in self.threads.values():
            thread.join()
        for file in self.files.values():
            os.close(file)

    # -- values ----------------------------------------------------------------------------------------------------

    def text(self, value):
        if isinstance(value, dict):
            return {self.text(key): self.text(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.text(item) for item in value]
        if not isinstance(value, str) or "${" not in value:
            return value
        numbers = {**{name: process.pid for name, process in self.processes.items()}, **self.files}
        whole = string.Template(value).substitute(numbers, tmp=self.directory)
        return int(whole) if value[2:-1] in numbers and value == "${" + value[2:-1] + "}" else whole

    def data(self, value):
        if value is None:
            return None
        if isinstance(value, str):
            text = self.text(value)
            return str(text).encode()
        if "hex" in value:
            return bytes.fromhex(value["hex"])
        if "pattern" in value:
            return (bytes(range(256)) * (value["size"] // 256 + 1))[:value["size"]]
        unit = value["repeat"].encode()
        return (unit * (value["size"] // len(unit) + 1))[:value["size"]]

    def stdio(self, value):
        if isinstance(value, str):
            return STREAMS[value]
        if "stream_of" in value:
            return self.processes[value["stream_of"]].stdout
        path = self.text(value["path"])
        return sp.Append(path) if value.get("append") else path

    def options(self, options):
        same = {"shell", "check", "new_group", "controlling_tty", "pipefail", "kill_on_free", "kill_group_on_timeout",
                "keep_signal_mask", "max_output", "umask", "executable", "cwd", "user", "group", "env", "env_extend"}
        renamed = {"capture": "capture_output", "new_session": "start_new_session", "join_group": "process_group",
                   "pipe_size": "pipesize", "uid": "user", "gid": "group", "groups": "extra_groups"}
        result = {}
        for name, value in options.items():
            value = value if name in ("stdin", "stdout", "stderr", "input") else self.text(value)
            if name in same:
                result[name] = value
            elif name in renamed:
                result[renamed[name]] = value
            elif name in ("stdin", "stdout", "stderr"):
                result[name] = self.stdio(value)
            elif name in ("timeout_ms", "drain_ms", "kill_grace_ms"):
                result[name[:-3]] = value / 1000
            else:
                self.special_option(name, value, result)
        return result

    def special_option(self, name, value, result):
        if name == "input":
            result[name] = self.data(value)
        elif name in ("keep_fds", "keep_signals"):
            result[{"keep_fds": "close_fds", "keep_signals": "restore_signals"}[name]] = not value
        elif name == "pass_fds":
            result[name] = [int(fd) for fd in value]
        elif name == "fd_map":
            result[name] = {int(child): int(host) for child, host in value.items()}
        elif name == "death_signal":
            result[name] = signal_number(value)
        elif name == "cancel":
            result[name] = self.tokens[value]
        elif name == "on_output":
            self.observed = {"stdout": b"", "stderr": b""}
            result[name] = {"collect": self.collect, "stop": self.collect_and_stop}[value]
        elif name == "universal_newlines":
            result.update(text=True, encoding="utf-8")
        else:
            raise Disagreement(f"unknown option {name}")

    def collect(self, stream, data):
        self.observed[stream] += data

    def collect_and_stop(self, stream, data):
        self.collect(stream, data)
        return False

    # -- steps -----------------------------------------------------------------------------------------------------

    def run_steps(self, steps):
        for number, step in enumerate(steps, 1):
            try:
                self.step(step)
            except Disagreement as disagreement:
                raise Disagreement(f"step {number} ({step['do']}): {disagreement}") from disagreement.__cause__

    def step(self, step):
        unknown = set(step) - {"do", "as", "of", "argv", "options", "stages", "input", "timeout_ms", "stage", "grace_ms",
                               "signal", "stream", "size", "data", "steps", "ms", "path", "mode", "inheritable", "line",
                               "name", "expect"}
        demand("unknown keys", set(), unknown)
        expect = step.get("expect", {})
        begin = time.monotonic()
        try:
            got = getattr(self, "do_" + step["do"])(step)
        except Disagreement:
            raise
        except Exception as error:
            if "error" not in expect:
                raise Disagreement(f"{type(error).__name__}: {error}") from error
            self.check_error(error, expect["error"])
            got = getattr(error, "result", None)
        else:
            if "error" in expect:
                raise Disagreement(f"expected {expect['error']}, got {got!r:.200}")
        self.check(expect, got, (time.monotonic() - begin) * 1000)

    def check_error(self, error, expected):
        seen = {"code": code_of(error), "step": getattr(error, "step", "call"), "path": getattr(error, "path", ""),
                "stage": getattr(error, "stage", 0)}
        for key, value in expected.items():
            if key == "errno":
                demand(key, value, errno.errorcode.get(getattr(error, "errno", 0)))
            elif key == "message_has":
                demand(key, True, value in error.message)
            else:
                demand(key, self.text(value), seen[key])

    def check(self, expect, got, milliseconds):
        for key, value in expect.items():
            if key == "value":
                demand(key, self.expected_value(value, got), got)
            elif key in ("stdout", "stderr"):
                output = getattr(got, key)
                demand(key, self.data(value), output.encode() if isinstance(output, str) else output)
            elif key == "returncode":
                demand(key, value, got.returncode)
            elif key == "stages":
                demand(key, value, got.stage_returncodes)
            elif key == "dropped":
                demand(key, value, got.dropped._asdict())
            elif key == "pipes_held":
                demand(key, value, got.pipes_held)
            elif key == "observed":
                demand(key, {name: self.data(data) for name, data in value.items()}, self.observed)
            elif key == "usage":
                demand(key, value, got.usage.wall > 0 and got.usage.max_rss > 0)
            elif key == "at_least_ms":
                demand(f"{milliseconds} >= {value}", True, milliseconds >= value)
            elif key == "at_most_ms":
                demand(f"{milliseconds} <= {value}", True, milliseconds <= value)
            elif key != "error":
                raise Disagreement(f"unknown expectation {key}")

    def expected_value(self, value, got):
        if isinstance(value, list) or value is None or isinstance(value, int):
            return value
        return self.data(value) if isinstance(got, bytes) else self.text(value)

    # -- verbs -----------------------------------------------------------------------------------------------------

    def process(self, step):
        process = self.processes[step["of"]]
        return process.stages[step["stage"]] if "stage" in step else process

    def stream(self, step):
        stream = getattr(self.processes[step["of"]], step.get("stream", "stdin"))
        stream.timeout = self.seconds(step)
        return stream

    @staticmethod
    def seconds(step):
        return step["timeout_ms"] / 1000 if "timeout_ms" in step else None

    def do_run(self, step):
        return sp.run(self.text(step["argv"]), **self.options(step.get("options", {})))

    def do_check_output(self, step):
        return sp.check_output(self.text(step["argv"]), **self.options(step.get("options", {})))

    def do_popen(self, step):
        self.processes[step["as"]] = sp.Popen(self.text(step["argv"]), **self.options(step.get("options", {})))

    def do_pipeline(self, step):
        stages = [sp.Command(self.text(stage["argv"]), **self.options(stage["options"])) if "options" in stage
                  else self.text(stage["argv"]) for stage in step["stages"]]
        self.processes[step["as"]] = sp.pipeline(*stages, **self.options(step.get("options", {})))

    def do_communicate(self, step):
        process = self.process(step)
        process.communicate(self.data(step.get("input")), self.seconds(step))
        return process.result

    def do_wait(self, step):
        return self.process(step).wait(self.seconds(step))

    def do_poll(self, step):
        return self.process(step).poll()

    def do_stop(self, step):
        return self.process(step).stop(step["grace_ms"] / 1000)

    def do_send_signal(self, step):
        self.process(step).send_signal(signal_number(step["signal"]))

    def do_terminate(self, step):
        self.process(step).terminate()

    def do_kill(self, step):
        self.process(step).kill()

    def do_kill_group(self, step):
        self.process(step).kill_group(signal_number(step["signal"]))

    def do_read(self, step):
        return self.stream(step).read1(step["size"])

    def do_read_line(self, step):
        return self.stream(step).readline()

    def do_read_all(self, step):
        return self.stream(step).read()

    def do_write(self, step):
        return self.stream({**step, "stream": "stdin"}).write(self.data(step["data"]))

    def do_close_stream(self, step):
        getattr(self.processes[step["of"]], step["stream"]).close()

    def do_close(self, step):
        self.process(step).close()

    def do_token(self, step):
        self.tokens[step["as"]] = sp.CancelToken()

    def do_trigger(self, step):
        self.tokens[step["of"]].trigger()

    def do_reset(self, step):
        self.tokens[step["of"]].reset()

    def do_thread(self, step):
        failures = []

        def work():
            try:
                self.run_steps(step["steps"])
            except BaseException as failure:
                failures.append(failure)

        thread = threading.Thread(target=work)
        self.threads[step["as"]] = thread, failures
        thread.start()

    def do_join(self, step):
        thread, failures = self.threads[step["of"]]
        thread.join()
        if failures:
            raise Disagreement(f"in the thread: {failures[0]}") from failures[0]

    def do_pause(self, step):
        time.sleep(step["ms"] / 1000)

    def do_write_file(self, step):
        path = self.text(step["path"])
        with open(path, "wb") as file:
            file.write(self.data(step["data"]))
        if "mode" in step:
            os.chmod(path, int(step["mode"], 8))

    def do_read_file(self, step):
        with open(self.text(step["path"]), "rb") as file:
            return file.read()

    def do_open_file(self, step):
        fd = os.open(self.text(step["path"]), os.O_RDONLY)
        os.set_inheritable(fd, bool(step.get("inheritable")))
        self.files[step["as"]] = fd

    def do_quote(self, step):
        return sp.quote(self.text(step["argv"]))

    def do_split(self, step):
        return sp.split(self.text(step["line"]))

    def do_which(self, step):
        return sp.which(step["name"], self.text(step["path"]))
