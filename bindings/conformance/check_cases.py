# SPDX-License-Identifier: MIT
"""Checks that a file of conformance cases says what README.md allows: python3 check_cases.py [cases.json]"""

import json
import re
import sys
from pathlib import Path

LANGUAGES = {"c": "C", "ruby": "Ruby", "go": "Go", "rust": "Rust", "python": "Python"}

# verb: (keys that it needs, keys that it may have, expectations about what it gives)
RESULT = {"returncode", "stdout", "stderr", "stages", "dropped", "observed", "pipes_held", "usage"}
VERBS = {
    "run": ({"argv"}, {"options"}, RESULT),
    "check_output": ({"argv"}, {"options"}, {"value"}),
    "popen": ({"as", "argv"}, {"options"}, set()),
    "pipeline": ({"as", "stages"}, {"options"}, set()),
    "communicate": ({"of"}, {"input", "timeout_ms"}, RESULT),
    "wait": ({"of"}, {"stage", "timeout_ms"}, {"value"}),
    "poll": ({"of"}, {"stage"}, {"value"}),
    "stop": ({"of", "grace_ms"}, set(), {"value"}),
    "send_signal": ({"of", "signal"}, {"stage"}, set()),
    "terminate": ({"of"}, set(), set()),
    "kill": ({"of"}, set(), set()),
    "kill_group": ({"of", "signal"}, set(), set()),
    "read": ({"of", "stream", "size"}, {"timeout_ms"}, {"value"}),
    "read_line": ({"of", "stream"}, {"timeout_ms"}, {"value"}),
    "read_all": ({"of", "stream"}, {"timeout_ms"}, {"value"}),
    "write": ({"of", "data"}, {"timeout_ms"}, {"value"}),
    "close_stream": ({"of", "stream"}, set(), set()),
    "close": ({"of"}, set(), set()),
    "token": ({"as"}, set(), set()),
    "trigger": ({"of"}, set(), set()),
    "reset": ({"of"}, set(), set()),
    "thread": ({"as", "steps"}, set(), set()),
    "join": ({"of"}, set(), set()),
    "pause": ({"ms"}, set(), set()),
    "write_file": ({"path", "data"}, {"mode"}, set()),
    "read_file": ({"path"}, set(), {"value"}),
    "open_file": ({"as", "path"}, {"inheritable"}, set()),
    "quote": ({"argv"}, set(), {"value"}),
    "split": ({"line"}, set(), {"value"}),
    "which": ({"name", "path"}, set(), {"value"}),
}
MAKES = {"popen": "process", "pipeline": "process", "token": "token", "thread": "thread", "open_file": "file"}
MEANS = {"trigger": "token", "reset": "token", "join": "thread"}
FLAGS = {"shell", "check", "capture", "keep_fds", "keep_signals", "keep_signal_mask", "new_session", "new_group",
         "controlling_tty", "pipefail", "kill_on_free", "universal_newlines", "kill_group_on_timeout"}
ERROR = {"code", "step", "path", "stage", "errno", "message_has"}
CODES = {"SP_EINVAL", "SP_ENOMEM", "SP_ESYS", "SP_ENOTFOUND", "SP_EACCESS", "SP_ETIMEDOUT", "SP_EFAILED", "SP_ECLOSED",
         "SP_ECANCELED", "SP_EINTR", "SP_ELOST", "SP_EUNSUPPORTED", "SP_EBUSY", "SP_EABI"}
STREAMS = {"stdin", "stdout", "stderr"}
VARIABLE = re.compile(r"\$\{([^}]*)\}")
NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


class Wrong(Exception):
    pass


def require(condition, complaint):
    if not condition:
        raise Wrong(complaint)


def no_double_keys(pairs):
    keys = [key for key, _ in pairs]
    double = {key for key in keys if keys.count(key) > 1}
    require(not double, f"keys that are there twice: {sorted(double)}")
    return dict(pairs)


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value):
    return is_integer(value) or isinstance(value, str) and VARIABLE.fullmatch(value) is not None


def is_text(value):
    return isinstance(value, str)


def is_texts(value):
    return isinstance(value, list) and all(map(is_text, value))


def is_signal(value):
    return is_integer(value) or isinstance(value, str) and value.isupper()


def is_data(value):
    if isinstance(value, str):
        return True
    if not isinstance(value, dict):
        return False
    if set(value) == {"hex"}:
        return re.fullmatch(r"([0-9a-f]{2})*", value["hex"]) is not None
    if set(value) == {"pattern", "size"}:
        return value["pattern"] == "bytes" and is_integer(value["size"])
    return set(value) == {"repeat", "size"} and bool(value["repeat"]) and is_integer(value["size"])


def is_stdio(value):
    if isinstance(value, str):
        return value in {"inherit", "pipe", "devnull"}
    if not isinstance(value, dict):
        return False
    if set(value) == {"stream_of"}:
        return is_text(value["stream_of"])
    return "path" in value and set(value) <= {"path", "append"} and is_text(value["path"])


def is_object_of(test):
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def is_list_of(test):
    return lambda value: isinstance(value, list) and all(map(test, value))


OPTIONS = {
    **{name: lambda value: value is True for name in FLAGS},
    **{name: is_text for name in ("executable", "cwd", "user", "group", "cancel")},
    **{name: is_number for name in ("uid", "gid", "umask", "join_group", "pipe_size", "max_output", "timeout_ms",
                                    "kill_grace_ms", "drain_ms")},
    "env": is_object_of(is_text),
    "env_extend": is_object_of(lambda value: value is None or is_text(value)),
    "stdin": is_stdio,
    "stdout": is_stdio,
    "stderr": lambda value: value == "stdout" or is_stdio(value),
    "groups": is_list_of(is_number),
    "pass_fds": is_list_of(is_number),
    "fd_map": is_object_of(is_number),
    "death_signal": is_signal,
    "input": is_data,
    "on_output": lambda value: value in ("collect", "stop"),
}
RUN_OPTIONS = {"input", "timeout_ms", "kill_grace_ms", "kill_group_on_timeout", "on_output"}

VALUES = {
    "as": lambda value: NAME.fullmatch(value) is not None and value != "tmp",
    "argv": is_texts,
    "input": is_data,
    "data": is_data,
    "timeout_ms": is_integer,
    "grace_ms": is_integer,
    "ms": is_integer,
    "size": is_integer,
    "stage": is_integer,
    "signal": is_signal,
    "stream": lambda value: value in STREAMS,
    "mode": lambda value: re.fullmatch(r"0[0-7]{3}", value) is not None,
    "inheritable": lambda value: value is True,
}
EXPECTATIONS = {
    "returncode": is_integer,
    "stdout": lambda value: value is None or is_data(value),
    "stderr": lambda value: value is None or is_data(value),
    "stages": is_list_of(is_integer),
    "dropped": lambda value: set(value) == {"stdout", "stderr"} and all(map(is_integer, value.values())),
    "observed": lambda value: set(value) <= {"stdout", "stderr"} and all(map(is_data, value.values())),
    "pipes_held": lambda value: isinstance(value, bool),
    "usage": lambda value: value is True,
    "at_least_ms": is_integer,
    "at_most_ms": is_integer,
    "error": lambda value: set(value) <= ERROR and value.get("code") in CODES,
    "value": lambda value: value is None or is_number(value) or is_data(value) or is_texts(value),
}


class Case:
    """The checks of one case; `things` are what its steps have made, by name."""

    def __init__(self, case):
        self.things = {}
        self.unjoined = set()
        self.expects = 0
        allowed = {"group", "name", "steps", "needs", "not_in"}
        require(set(case) <= allowed, f"unknown keys: {sorted(set(case) - allowed)}")
        require(NAME.fullmatch(case.get("name", "")), "the name is not lower_case")
        require(is_text(case.get("group")), "no group")
        require(case.get("needs", "root") == "root", "it can need root only")
        not_in = case.get("not_in", {})
        require(set(not_in) < set(LANGUAGES) and all(map(is_text, not_in.values())), "not_in: languages and reasons")
        self.check_steps(case["steps"])
        require(not self.unjoined, f"threads that are not joined: {sorted(self.unjoined)}")
        require(self.expects, "it expects nothing")

    def check_steps(self, steps):
        require(isinstance(steps, list) and steps, "no steps")
        for number, step in enumerate(steps, 1):
            try:
                self.check_step(step)
            except Wrong as wrong:
                raise Wrong(f"step {number}: {wrong}") from None

    def check_step(self, step):
        verb = step.get("do")
        require(verb in VERBS, f"no verb is called {verb!r}")
        needed, possible, expectations = VERBS[verb]
        keys = set(step) - {"do", "expect"}
        require(needed <= keys, f"{verb} lacks {sorted(needed - keys)}")
        require(keys <= needed | possible, f"{verb} does not know {sorted(keys - needed - possible)}")
        for key in keys & set(VALUES):
            require(VALUES[key](step[key]), f"{key} cannot be {step[key]!r}")
        if "of" in step:
            self.require_thing(step["of"], MEANS.get(verb, "process"))
        self.check_options(verb, step)
        self.check_variables({key: value for key, value in step.items() if key != "steps"})
        self.check_expect(step.get("expect", {}), expectations)
        self.make(verb, step)

    def make(self, verb, step):
        if verb == "join":
            self.unjoined.discard(step["of"])
        if verb not in MAKES:
            return
        require(step["as"] not in self.things, f"{step['as']} is made twice")
        self.things[step["as"]] = MAKES[verb]
        if verb == "thread":
            self.unjoined.add(step["as"])
            self.check_steps(step["steps"])

    def check_options(self, verb, step):
        self.check_option_values(step.get("options", {}), set() if verb in ("run", "check_output") else RUN_OPTIONS)
        for stage in step.get("stages", []):
            require("argv" in stage and set(stage) <= {"argv", "options"}, "a stage has argv and options")
            require(is_texts(stage["argv"]), "argv of a stage is a list of texts")
            self.check_option_values(stage.get("options", {}), RUN_OPTIONS)

    def check_option_values(self, options, refused):
        for name, value in options.items():
            require(name in OPTIONS and name not in refused, f"no option is called {name!r} here")
            require(OPTIONS[name](value), f"{name} cannot be {value!r}")
            if name == "cancel":
                self.require_thing(value, "token")
            if isinstance(value, dict) and "stream_of" in value:
                self.require_thing(value["stream_of"], "process")

    def check_expect(self, expect, about_value):
        known = about_value | {"error", "at_least_ms", "at_most_ms"}
        require(set(expect) <= known, f"cannot be expected here: {sorted(set(expect) - known)}")
        for key, value in expect.items():
            require(EXPECTATIONS[key](value), f"{key} cannot be {value!r}")
            self.expects += 1

    def require_thing(self, name, kind):
        require(self.things.get(name) == kind, f"no {kind} has been made that is called {name!r}")

    def check_variables(self, value):
        if isinstance(value, str):
            for name in VARIABLE.findall(value):
                known = name == "tmp" or self.things.get(name) in ("process", "file")
                require(known, f"nothing has been made that is called ${{{name}}}")
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            self.check_variables(inner)


def complaints(text):
    """What is wrong with a file of cases, a line each."""
    try:
        file = json.loads(text, object_pairs_hook=no_double_keys)
    except (ValueError, Wrong) as wrong:
        yield str(wrong)
        return
    seen, groups = set(), []
    for case in file["cases"]:
        name = case.get("name", "?")
        try:
            Case(case)
            require(name not in seen, "the name is there twice")
            require(case["group"] not in groups[:-1], f"group {case['group']!r} is not in one piece")
        except Wrong as wrong:
            yield f"{name}: {wrong}"
        seen.add(name)
        if groups[-1:] != [case.get("group")]:
            groups.append(case.get("group"))


def main(path):
    found = list(complaints(Path(path).read_text(encoding="utf-8")))
    for complaint in found:
        print(f"{path}: {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("cases.json")))
