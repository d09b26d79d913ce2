# SPDX-License-Identifier: MIT
"""Writes the support table of bindings/README.md from the results that the languages' runners have left.

    python3 support_table.py RESULTS_DIRECTORY            writes it
    python3 support_table.py RESULTS_DIRECTORY --check    compares it with what is there

Both fail if a language is missing, lacks a case, or fails one.
"""

import json
import sys
from pathlib import Path

from check_cases import LANGUAGES

HERE = Path(__file__).resolve().parent
BEGIN = "<!-- support table: written by conformance/support_table.py -->\n"
END = "<!-- end of the support table -->\n"
PASS = "✓"
NOT_EXPRESSIBLE = "–"
NEEDS_ROOT = "skip: needs root"


def read_results(directory):
    """Results by language; a file that is missing is an empty one."""
    results = {}
    for language in LANGUAGES:
        path = Path(directory) / f"{language}.json"
        file = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"language": language, "results": {}}
        results[language] = file["results"] if file["language"] == language else {}
    return results


def expected_result(case, language):
    reason = case.get("not_in", {}).get(language)
    return f"skip: {reason}" if reason else "pass"


def is_as_expected(case, language, result, lenient):
    """`lenient`: an ordinary user has no say on cases that need root."""
    if lenient and case.get("needs") == "root" and result == NEEDS_ROOT:
        return True
    return result == expected_result(case, language)


def complaints(cases, results, lenient):
    names = {case["name"] for case in cases}
    for language, title in LANGUAGES.items():
        for case in cases:
            result = results[language].get(case["name"], "no result")
            if not is_as_expected(case, language, result, lenient):
                yield f"{title}: {case['name']}: {result}"
        for name in sorted(set(results[language]) - names):
            yield f"{title}: {name}: there is no such case"


def cell(case, language):
    return NOT_EXPRESSIBLE if language in case.get("not_in", {}) else PASS


def row(cells):
    return "| " + " | ".join(cells) + " |\n"


def heading(first):
    return row([first, *LANGUAGES.values()]) + row(["---", *["---"] * len(LANGUAGES)])


def summary(groups):
    text = heading("Cases")
    for group, cases in groups.items():
        counts = [[cell(case, language) for case in cases].count(PASS) for language in LANGUAGES]
        text += row([group, *[f"{count}/{count}" for count in counts]])
    totals = [sum(cell(case, language) == PASS for cases in groups.values() for case in cases) for language in LANGUAGES]
    return text + row(["**all**", *[f"**{total}/{total}**" for total in totals]])


def details(groups):
    text = ""
    for group, cases in groups.items():
        text += f"\n#### {group}\n\n" + heading("Case")
        for case in cases:
            text += row([case["name"].replace("_", " "), *[cell(case, language) for language in LANGUAGES]])
    return text


def reasons(cases):
    text = f"\n{NOT_EXPRESSIBLE}: the language's API cannot even express it.\n\n"
    for case in cases:
        for language, reason in case.get("not_in", {}).items():
            text += f"- {case['name'].replace('_', ' ')}, {LANGUAGES[language]}: {reason}\n"
    return text


def table(cases):
    """The text between the markers: what it says holds only if there are no complaints."""
    groups = {}
    for case in cases:
        groups.setdefault(case["group"], []).append(case)
    return "\n" + summary(groups) + "\n<details><summary>Case by case</summary>\n" + details(groups) + reasons(
        cases) + "\n</details>\n\n"


def replaced(readme, new):
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the README lacks the markers of the support table")
    return before + begin + new + end + after


def main(directory, check):
    readme = HERE.parent / "README.md"
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))["cases"]
    found = list(complaints(cases, read_results(directory), lenient=check))
    for complaint in found:
        print(complaint)
    if found:
        return 1
    old = readme.read_text(encoding="utf-8")
    new = replaced(old, table(cases))
    if not check:
        readme.write_text(new, encoding="utf-8")
    elif old != new:
        print(f"{readme}: the support table is out of date: run support_table.py {directory}")
        return 1
    return 0


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    sys.exit(main(arguments[0], "--check" in sys.argv))
