# SPDX-License-Identifier: MIT
"""Proves that each rule of lint.py fires on a tree that breaks it, alone, and that none fires on a good one; and the same
for symbols.py."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import lint
import symbols

SPDX = "// SPDX-License-Identifier: MIT\n"
GOOD_HEADER = """/* SPDX-License-Identifier: MIT */
/** Runs. @since 0.1 */
SP_API int sp_run(const char *const argv[], void *opt);
/**
 * Frees, on two
 * lines. @since 0.1
 */
SP_API void sp_free(void *memory);
/** Codes. */
enum sp_code { SP_OK = 0, SP_EINVAL = -1 /**< wrong */ };
/** A size. */
typedef struct sp_sized {
  size_t size; /**< its size */
  char name[8];
} sp_sized;
"""
GOOD_LAYOUT = "NUMBER(SP_OK, 0), NUMBER(SP_EINVAL, -1), FIELD(sp_sized, size, 0, 8), FIELD(sp_sized, name, 8, 8)\n"
GOOD_TREE = {
    "include/libsubprocess/sp.h": GOOD_HEADER,
    "include/libsubprocess/export.h": SPDX + "#if defined(_WIN32)\n#endif\n",
    "src/abi/symbols.txt": "# the list\nsp_run\nsp_free\n",
    "src/abi/guard.h": SPDX + '#include "core/run.h"\n#include <libsubprocess/sp.h>\nint f() { try {} catch (...) {} }\n',
    "src/core/run.h": SPDX + '#include "base/error.h"\n#include "os/spawn.h"\n// catch (this), __linux__ and sleep(1)\n',
    "src/core/options.h": SPDX + "#include <libsubprocess/sp.h>\n",
    "src/io/loop.cc": SPDX + '#include <uv.h>\nconst char* text = "catch (this) sleep(1)"; char c = \'"\'; long n = 9\'000;\n',
    "src/os/spawn.h": SPDX + "#if defined(__linux__)\n#endif\n",
    "src/os/uv/spawn.cc": SPDX + '#include <uv.h>\n#include "os/spawn.h"\n',
    "src/base/error.h": SPDX + "// #include <uv.h>\n#ifdef NDEBUG\n#endif\n",
    "tests/abi/layout.c": SPDX + GOOD_LAYOUT,
    "tests/one.c": SPDX + "int main(void) { return 0; }\n",
}
# (rule, the file that breaks it, its text)
BAD_FILES = [
    ("floors", "src/base/bad.cc", SPDX + '#include "core/run.h"\n'),
    ("floors", "src/io/bad.cc", SPDX + '#  include   "abi/guard.h"\n'),
    ("floors", "src/io/bad.cc", SPDX + '#include "loop.h"\n'),
    ("floors", "src/attic/bad.cc", SPDX),
    ("floors", "src/bad.cc", SPDX),
    ("libuv", "src/core/bad.cc", SPDX + "#include <uv.h>\n"),
    ("libuv", "src/os/linux/bad.cc", SPDX + "#include <uv.h>\n"),
    ("libuv", "src/abi/bad.cc", SPDX + "#include <uv/version.h>\n"),
    ("public-header", "src/core/bad.cc", SPDX + "#include <libsubprocess/sp.h>\n"),
    ("public-header", "src/base/bad.h", SPDX + "#include <libsubprocess/export.h>\n"),
    ("system-ifs", "src/core/bad.cc", SPDX + "#if defined(__linux__)\n#endif\n"),
    ("system-ifs", "include/libsubprocess/bad.h", SPDX + "#  ifdef _WIN32\n#  endif\n"),
    ("catches", "src/core/bad.cc", SPDX + "int f() { try { return 1; } catch (...) { return 2; } }\n"),
    ("catches", "src/abi/bad.cc", SPDX + "int f() { try { return 1; }\ncatch(int) { return 2; } }\n"),
    ("file-length", "src/core/bad.cc", SPDX + "\n" * lint.LONGEST_FILE),
    ("file-names", "src/core/run_impl.cc", SPDX),
    ("file-names", "tests/helper2.c", SPDX),
    ("unfinished", "src/core/bad.cc", SPDX + "// TO" "DO: all of it\n"),
    ("unfinished", "scripts/bad.sh", "# SPDX-License-Identifier: MIT\n# FIX" "ME\n"),
    ("sleeping", "tests/bad.c", SPDX + "void f(void) { sleep(1); }\n"),
    ("sleeping", "src/core/bad.cc", SPDX + "void f() { usleep (1); }\n"),
    ("sleeping", "src/core/bad.cc", SPDX + "void f() { std::this_thread::sleep_for(1s); }\n"),
    ("licence", "examples/bad.c", "int main(void) { return 0; }\n"),
    ("licence", "scripts/bad.sh", "echo\n"),
    ("licence", "tests/CMakeLists.txt", "message(STATUS)\n"),
    ("symbol-list", "src/abi/symbols.txt", "sp_run\n"),
    ("symbol-list", "src/abi/symbols.txt", "sp_run\nsp_free\nsp_gone\n"),
    ("symbol-list", "src/abi/symbols.txt", "sp_run\nsp_free\nsp_run\n"),
    ("symbol-list", "include/libsubprocess/sp.h", GOOD_HEADER + "/** @since 0.1 */\nSP_API int\nsp_new(void);\n"),
    ("manual", "include/libsubprocess/sp.h", GOOD_HEADER.replace("Runs. @since 0.1", "Runs.")),
    ("manual", "include/libsubprocess/sp.h", GOOD_HEADER.replace(" */\nSP_API void", " */\nint x;\nSP_API void")),
    ("frozen", "tests/abi/layout.c", SPDX + GOOD_LAYOUT.replace("NUMBER(SP_EINVAL", "NUMBER(SP_EIN")),
    ("frozen", "tests/abi/layout.c", SPDX + GOOD_LAYOUT.replace("FIELD(sp_sized, name", "FIELD(sp_sized, nam")),
    ("manual", "include/libsubprocess/sp.h", GOOD_HEADER.replace("/** Runs. @since 0.1 */", "/* Runs. @since 0.1 */")),
]


def write_tree(root, files):
    for name, text in files.items():
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class RulesTest(unittest.TestCase):
    def fired(self, files):
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, files)
            return lint.violations(root)

    def test_a_good_tree_passes(self):
        self.assertEqual(self.fired(GOOD_TREE), [])

    def test_each_rule_fires_alone(self):
        for rule, path, text in BAD_FILES:
            with self.subTest(rule=rule, path=path, text=text[:200]):
                found = self.fired({**GOOD_TREE, path: text})
                self.assertEqual({(name, file) for name, file, _, _ in found}, {(rule, self.blamed(rule, path))})

    @staticmethod
    def blamed(rule, path):
        blames = {"symbol-list": "src/abi/symbols.txt", "frozen": "include/libsubprocess/sp.h"}
        return blames.get(rule, path)

    def test_every_rule_has_a_bad_file(self):
        self.assertEqual({rule for rule, _, _ in BAD_FILES}, set(lint.RULES))

    def test_every_exception_is_used(self):
        root = Path(__file__).resolve().parents[2]
        for path in [*lint.PUBLIC_HEADER_READERS, *lint.SLEEPERS]:
            self.assertTrue((root / path).is_file(), path)

    def test_the_line_is_told(self):
        found = self.fired({**GOOD_TREE, "src/base/bad.cc": SPDX + '\n\n#include "core/run.h"\n'})
        self.assertEqual([(path, number) for _, path, number, _ in found], [("src/base/bad.cc", 4)])


class SymbolsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def compiled(self, output, source, *options):
        path = self.folder / output
        subprocess.run(["cc", "-fPIC", *options, "-x", "c", "-", "-o", path], input=source, text=True, check=True)
        return path

    def listed(self, text):
        path = self.folder / "names.txt"
        path.write_text(text, encoding="utf-8")
        return path

    def test_exports(self):
        library = self.compiled("lib.so", "void sp_a(void) {} void sp_b(void) {}", "-shared", "-nostdlib")
        self.assertEqual(symbols.exports(library, self.listed("# two\nsp_a\nsp_b # the second\n")), [])
        self.assertEqual(symbols.exports(library, self.listed("sp_a\n")), ["sp_b is exported and not listed"])
        self.assertEqual(symbols.exports(library, self.listed("sp_a\nsp_b\nsp_c\n")), ["sp_c is listed and not exported"])

    def test_references(self):
        source = "void *memcpy(void *, const void *, unsigned long); void f(void *a, void *b, long n) { memcpy(a, b, n); }"
        compiled = self.compiled("child.o", source, "-c", "-O2")
        self.assertIn("refers to memcpy", symbols.refers(compiled, self.listed("_GLOBAL_OFFSET_TABLE_\n")))
        self.assertEqual(symbols.refers(compiled, self.listed("_GLOBAL_OFFSET_TABLE_\nmemcpy\n")), [])
        alone = self.compiled("alone.o", "int f(int a) { return a + 1; }", "-c", "-O2")
        self.assertEqual(symbols.refers(alone, self.listed("")), [])


if __name__ == "__main__":
    unittest.main()
