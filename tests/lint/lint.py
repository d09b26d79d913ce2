# SPDX-License-Identifier: MIT
"""Checks the rules of the house that no compiler checks: python3 lint.py ROOT

Each rule is a function that yields (file, line number, what is wrong). lint_test.py proves that each one fires.
"""

import re
import sys
from pathlib import Path

# A file includes only its own floor and those before it.
FLOORS = ["base", "os", "io", "core", "abi"]

# Files outside src/abi that may include the public header, each with its reason.
PUBLIC_HEADER_READERS = {
    "src/core/options.h": "turns the public structs into plain C++, once",
    "src/core/options.cc": "turns the public structs into plain C++, once",
}

# Files that may wait by the clock, each with its reason.
SLEEPERS = {
    "tests/fault/fault_exec.c": "nothing outside tells that a first attempt has failed",
    "tests/guest/guest_sigchld.c": "no event tells that a process has got a child to reap",
    "tests/guest/guest_storm.c": "the pace of a storm of signals",
    "tests/guest/host.c": "no event tells that another thread has gone to sleep",
    "tests/hang/hang_resume.c": "the pace at which calls are cut short",
}

LONGEST_FILE = 350
SOURCE_FOLDERS = ["src", "include", "tests", "examples", "bench", "cmake", "scripts"]
C_SUFFIXES = {".c", ".cc", ".h", ".hpp"}
SCRIPT_SUFFIXES = {".py", ".sh", ".cmake", ".txt"}
OS_MACRO = re.compile(r"\b(__linux__|__linux|_WIN32|_WIN64|__APPLE__|__MACH__|__FreeBSD__|__NetBSD__|__OpenBSD__|"
                      r"__DragonFly__|__sun|__unix__|__ANDROID__|__CYGWIN__)\b")
# Written in two parts so that this file passes.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME)\b")
SLEEP = re.compile(r"\b(?:sleep|usleep|nanosleep|clock_nanosleep|thrd_sleep|sleep_for|sleep_until)\s*\(")
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
PUBLIC_FUNCTION = re.compile(r"^SP_API\b[^;]*?\b(sp_\w+)\s*\(", re.MULTILINE)


class SourceFile:
    """One file of the project, with its text as written and with comments and literals blanked out."""

    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.suffix = path.suffix
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.is_c = path.suffix in C_SUFFIXES
        self.code = ""
        if self.is_c:
            self.code = NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), self.text)

    def below(self, *folders):
        return any(self.path.startswith(folder + "/") for folder in folders)

    @property
    def floor(self):
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def code_lines(self):
        return enumerate(self.code.splitlines(), 1)

    def includes(self):
        """(line number, name, whether it is quoted) of each #include that is no comment."""
        for number, code in self.code_lines():
            if re.match(r"\s*#\s*include\b", code):
                match = INCLUDE.match(self.lines[number - 1])
                if match:
                    yield number, match.group(1) or match.group(2), match.group(1) is not None


class Tree:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = [SourceFile(self.root, path) for path in self._paths()]

    def _paths(self):
        for folder in SOURCE_FOLDERS:
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_file() and path.suffix in C_SUFFIXES | SCRIPT_SUFFIXES:
                    yield path

    def sources(self):
        return [file for file in self.files if file.below("src") and file.is_c]

    def find(self, path):
        return next((file for file in self.files if file.path == path), None)


RULES = {}


def rule(function):
    RULES[function.__name__.replace("_", "-")] = function
    return function


@rule
def floors(tree):
    for file in tree.sources():
        if file.floor not in FLOORS:
            yield file, 1, "is on none of the floors: " + ", ".join(FLOORS)
            continue
        for number, name, quoted in file.includes():
            floor = name.split("/")[0]
            if not quoted:
                continue
            if floor not in FLOORS:
                yield file, number, f'"{name}" does not begin with a floor'
            elif FLOORS.index(floor) > FLOORS.index(file.floor):
                yield file, number, f'"{name}" is on a higher floor'


@rule
def libuv(tree):
    for file in tree.files:
        if file.is_c and file.below("src", "include") and not file.below("src/io", "src/os/uv"):
            for number, name, _ in file.includes():
                if name == "uv.h" or name.startswith("uv/"):
                    yield file, number, "libuv is named in src/io and src/os/uv only"


@rule
def public_header(tree):
    for file in tree.sources():
        if file.floor == "abi" or file.path in PUBLIC_HEADER_READERS:
            continue
        for number, name, _ in file.includes():
            if name.startswith("libsubprocess/"):
                yield file, number, "the public headers are read in src/abi and src/core/options only"


@rule
def system_ifs(tree):
    for file in tree.files:
        if not file.below("src", "include") or file.below("src/os") or file.path == "include/libsubprocess/export.h":
            continue
        for number, code in file.code_lines():
            if re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b", code) and OS_MACRO.search(code):
                yield file, number, "#if on the operating system belongs in src/os"


@rule
def catches(tree):
    for file in tree.sources():
        if file.path == "src/abi/guard.h":
            continue
        for number, code in file.code_lines():
            if re.search(r"\bcatch\s*\(", code):
                yield file, number, "exceptions are caught in src/abi/guard.h only"


@rule
def file_length(tree):
    for file in tree.sources():
        if len(file.lines) > LONGEST_FILE:
            yield file, len(file.lines), f"is longer than {LONGEST_FILE} lines"


@rule
def file_names(tree):
    for file in tree.files:
        if re.search(r"(_impl|_utils?|helper\d+)\.", file.path.rsplit("/", 1)[-1]):
            yield file, 1, "a file is named after the thing it holds"


@rule
def unfinished(tree):
    for file in tree.files:
        for number, line in enumerate(file.lines, 1):
            if UNFINISHED.search(line):
                yield file, number, "unfinished work is written down elsewhere"


@rule
def sleeping(tree):
    for file in tree.files:
        if file.path in SLEEPERS:
            continue
        for number, code in file.code_lines():
            if SLEEP.search(code):
                yield file, number, "wait for an event instead of sleeping"


@rule
def licence(tree):
    for file in tree.files:
        wanted = file.is_c or file.suffix in {".py", ".sh", ".cmake"} or file.path.endswith("CMakeLists.txt")
        if wanted and not any("SPDX-License-Identifier: MIT" in line for line in file.lines[:3]):
            yield file, 1, "lacks the line SPDX-License-Identifier: MIT at its top"


def public_functions(tree):
    """The functions that the public header declares, in order, with the offset of each declaration."""
    header = tree.find("include/libsubprocess/sp.h")
    if header is None:
        raise SystemExit("lint: no include/libsubprocess/sp.h")
    return header, [(match.group(1), match.start()) for match in PUBLIC_FUNCTION.finditer(header.code)]


def listed_symbols(tree):
    listed = tree.find("src/abi/symbols.txt")
    if listed is None:
        raise SystemExit("lint: no src/abi/symbols.txt")
    return listed, [line.strip() for line in listed.lines if line.strip() and not line.startswith("#")]


@rule
def symbol_list(tree):
    header, functions = public_functions(tree)
    declared = [name for name, _ in functions]
    file, symbols = listed_symbols(tree)
    for name in sorted(set(declared) - set(symbols)):
        yield file, 1, f"{name} is declared by the header and missing here"
    for name in sorted(set(symbols) - set(declared)):
        yield file, 1, f"{name} is not declared by the header"
    for name in sorted({name for name in symbols if symbols.count(name) > 1}):
        yield file, 1, f"{name} is here twice"
    if not declared:
        yield header, 1, "declares no function"


@rule
def manual(tree):
    header, functions = public_functions(tree)
    for name, offset in functions:
        above = header.text[:offset].rstrip()
        start = above.rfind("/**")
        comment = above[start:] if start >= 0 and above.endswith("*/") else ""
        number = header.text.count("\n", 0, offset) + 1
        if "*/" in comment[:-2] or not comment:
            yield header, number, f"{name} has no comment of its own"
        elif "@since" not in comment:
            yield header, number, f"the comment of {name} lacks @since"


@rule
def frozen(tree):
    """What programs were compiled with is asserted by a test: every enum number and every field."""
    header = tree.find("include/libsubprocess/sp.h")
    layout = tree.find("tests/abi/layout.c")
    asserted = layout.text if layout else ""
    for match in re.finditer(r"\b(SP_[A-Z0-9_]+)\s*=", header.code):
        if not re.search(rf"\bNUMBER\({match.group(1)},", asserted):
            number = header.text.count("\n", 0, match.start()) + 1
            yield header, number, f"{match.group(1)} is not asserted in tests/abi/layout.c"
    for struct in re.finditer(r"typedef struct (\w+) \{(.*?)\} \1;", header.code, re.DOTALL):
        for field in re.finditer(r"(\w+)(?:\[\d+\])?;", struct.group(2)):
            if f"FIELD({struct.group(1)}, {field.group(1)}," not in asserted:
                number = header.text.count("\n", 0, struct.start(2) + field.start()) + 1
                yield header, number, f"{struct.group(1)}.{field.group(1)} is not asserted in tests/abi/layout.c"


def violations(root):
    """All (rule, file, line, message) of a tree."""
    tree = Tree(root)
    found = []
    for name, check in RULES.items():
        found += [(name, file.path, number, message) for file, number, message in check(tree)]
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = violations(sys.argv[1])
    for name, path, number, message in found:
        print(f"{path}:{number}: [{name}] {message}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
