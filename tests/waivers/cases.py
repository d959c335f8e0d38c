"""Changes with a policy in them: those that loosen something, and honest ones beside them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from textwrap import indent
from typing import NamedTuple

from tests.tables import ONE_LIMIT

CEILING = "# antipasta: ignore[cyclomatic_complexity<=5]"
ANYTHING = "# antipasta: ignore[cyclomatic_complexity]"
BASELINE = "antipasta-baseline.json"
NOTEBOOK = "notes.ipynb"


def function(complexity: int, name: str = "f", comment: str = "") -> str:
    """Return a function; the limit is 3."""
    body = "".join(f"    if a == {number}: a += 1\n" for number in range(complexity - 1))
    above = f"{comment}\n" if comment else ""
    return f"{above}def {name}(a):\n{body}    return a\n"


def settings(lines: str = "", limits: str = ONE_LIMIT) -> str:
    """Return a ``pyproject.toml`` with more keys, before the limits."""
    return f"[tool.pytest-antipasta]\n{lines}\n{limits}"


def limited(limit: object) -> str:
    """Return limits with another one of complexity."""
    return ONE_LIMIT.replace("cyclomatic_complexity = 3", f"cyclomatic_complexity = {limit}")


def override(files: str, limit: object = 9) -> str:
    """Return limits with other ones for some files."""
    return (
        f'{ONE_LIMIT}[[tool.pytest-antipasta.overrides]]\nfiles = ["{files}"]\n'
        f"thresholds = {{ cyclomatic_complexity = {limit} }}\n"
    )


def by_function(pattern: str, limit: object = "false") -> str:
    """Return limits with other ones for some functions."""
    return (
        f'{ONE_LIMIT}[[tool.pytest-antipasta.overrides]]\nfunctions = ["{pattern}"]\n'
        f"thresholds = {{ cyclomatic_complexity = {limit} }}\n"
    )


def entry(path: str, value: int, name: str = "f", **more: object) -> dict[str, object]:
    """Return an entry of a baseline."""
    return {
        "path": path,
        "qualified_name": name or None,
        "metric": "cyclomatic_complexity",
        "value": value,
        **more,
    }


def baseline(*entries: Mapping[str, object]) -> str:
    """Return a baseline."""
    lines = "".join(f"{json.dumps(one)},\n" for one in entries)
    return f'{{\n"schema_version": 1,\n"entries": [\n{lines}null\n]\n}}\n'


def yaml(limit: int | None, ignored: str = "") -> str:
    """Return an ``.antipasta.yaml``."""
    others = ("cognitive_complexity", "maintainability_index", "halstead_volume")
    more = "".join(
        f"      - type: {one}\n        threshold: 1\n        enabled: false\n"
        for one in (*others, "halstead_difficulty", "halstead_effort")
    )
    patterns = f"ignore_patterns:\n  - {ignored}\n" if ignored else ""
    is_on = "true" if limit is not None else "false"
    return (
        "languages:\n  - name: python\n    metrics:\n      - type: cyclomatic_complexity\n"
        f'        threshold: {limit or 3}\n        comparison: "<="\n        enabled: {is_on}\n'
        f"{more}{patterns}"
    )


class Link(str):
    """What a symbolic link leads to, in place of a file's text."""

    __slots__ = ()


PYPROJECT = "pyproject.toml"
GOOD, BAD, WORSE = function(2), function(5), function(7)
# complexipy rejects the semicolon, so that nobody knows whether this limit is kept.
UNPARSED = "def f():\n    raise;\n"
OF_COGNITIVE = f"""{ONE_LIMIT}
[[tool.pytest-antipasta.overrides]]
functions = ["f"]
thresholds.cognitive_complexity = 9
"""
CHECKED = ONE_LIMIT.replace("cognitive_complexity = false", "cognitive_complexity = 15")


class Case(NamedTuple):
    """A change.

    Attributes:
        name: what it does, in words.
        before: the files before it.
        after: the files that it leaves; what is not named stays, and ``None`` deletes.
        waivers: what it adds: kind and text, or part of the text; empty for an honest change.
    """

    name: str
    before: Mapping[str, str]
    after: Mapping[str, str | None]
    waivers: tuple[tuple[str, str], ...] = ()


def case(
    name: str,
    before: Mapping[str, str],
    after: Mapping[str, str | None],
    *waivers: tuple[str, str],
) -> Case:
    """Return a change, with settings where it names none."""
    has_settings = PYPROJECT in before or ".antipasta.yaml" in before
    return Case(name, before if has_settings else {PYPROJECT: settings(), **before}, after, waivers)


def choose(cases: Sequence[Case], names: Iterable[str]) -> list[Case]:
    """Return the cases of some names."""
    by_name = {case.name: case for case in cases}
    return [by_name[name] for name in names]


def leave_out(cases: Sequence[Case], names: Collection[str]) -> list[Case]:
    """Return the cases of all other names."""
    return [case for case in cases if case.name not in names]


def moved(old: str, new: str, content: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return both sides of a file that is renamed."""
    return {old: content}, {old: None, new: content}


def critical(pattern: str, text: str = "") -> tuple[Mapping[str, str]]:
    """Return a function that settings name critical."""
    return ({PYPROJECT: settings(f'critical_functions = ["{pattern}"]'), "a.py": text or GOOD},)


KEY = "thresholds.cyclomatic_complexity"
COMMENTED = function(5, comment=ANYTHING)
NOT_BAD = "import os\n\n\n" + GOOD
DEFAULTS = {PYPROJECT: "[tool.pytest-antipasta]\n"}
TANGLED, GENERATED = function(12), "# Generated by a program. Do not edit.\n"
# Only its cognitive complexity is over the limit.
NESTED = (
    "def f(a):\n" + "".join(f"{'    ' * depth}if a:\n" for depth in range(1, 7)) + f"{'    ' * 7}return a\n"
)
LOOSER = (
    # Limits by what a function is.
    case(
        "a decorator whose functions have no limit",
        {PYPROJECT: settings(limits=by_function("@*.route")), "a.py": BAD},
        {"a.py": f'@app.route("/")\n{BAD}'},
        ("moved", "a.py::f"),
    ),
    case(
        "a file that becomes a generated one",
        {**DEFAULTS, "a.py": TANGLED},
        {"a.py": GENERATED + TANGLED},
        ("moved", "not generated"),
    ),
    case(
        "a function renamed to one without a limit, and edited",
        {PYPROJECT: settings(limits=by_function("test_*")), "a.py": BAD},
        {"a.py": function(6, "test_f")},
        ("moved", "a.py::f"),
    ),
    case(
        "a strict name given up, with an edit",
        {PYPROJECT: settings(limits=by_function("core_*", 2)), "a.py": function(3, "core_f")},
        {"a.py": function(3).replace("return a", "return -a")},
        ("moved", "a.py::core_f"),
    ),
    case(
        "a function that moves into a generated file",
        {**DEFAULTS, "a.py": NESTED, "b.py": GENERATED + GOOD},
        {"a.py": None, "b.py": f"{GENERATED}{GOOD}\n\n{NESTED}"},
        ("moved", "a.py"),
    ),
    case(
        "a function that moves out of a folder with a strict limit",
        {PYPROJECT: settings(limits=override("src/*", 2)), "src/a.py": function(3), "b.py": NOT_BAD},
        {"src/a.py": NOT_BAD, "b.py": f"{NOT_BAD}\n\n{function(3)}"},
        ("moved", "src/a.py"),
    ),
    # Comments.
    case("a comment at a new function", {}, {"a.py": function(5, comment=ANYTHING)}, ("comment", "ignore")),
    case(
        "a ceiling raised",
        {"a.py": function(5, comment=CEILING)},
        {"a.py": function(7, comment=CEILING.replace("5", "8"))},
        ("comment", "<=8"),
    ),
    case(
        "a comment about the whole file",
        {"a.py": GOOD},
        {"a.py": f"# antipasta: ignore-file\n{GOOD}{function(5, 'g')}{function(6, 'h')}"},
        ("comment", "ignore-file"),
    ),
    case(
        "a comment at a class",
        {"a.py": GOOD},
        {"a.py": f"{ANYTHING}\nclass A:\n" + "".join(f"    {one}\n" for one in BAD.splitlines())},
        ("comment", "ignore"),
    ),
    case(
        "a copy of a function with its comment",
        {"a.py": function(5, comment=ANYTHING)},
        {"a.py": function(5, comment=ANYTHING), "b.py": function(5, "g", comment=ANYTHING)},
        ("comment", "ignore"),
    ),
    case(
        "a copy of a function in the same file, where the first one gets worse",
        {"a.py": function(5, comment=ANYTHING)},
        {"a.py": function(5, "g", comment=ANYTHING) + function(7, comment=ANYTHING)},
        ("comment", "ignore"),
    ),
    case(
        "the comment of a function moved to two files, edited in one",
        {"a.py": COMMENTED},
        {"a.py": None, "b.py": COMMENTED, "c.py": function(6, comment=ANYTHING)},
        ("comment", "ignore"),
    ),
    case(
        "a second function of that name, with the comment",
        {"a.py": COMMENTED},
        {"a.py": f"{COMMENTED}\n{function(6, comment=ANYTHING)}"},
        ("comment", "ignore"),
    ),
    case(
        "a method made of a function, which keeps its comment, too",
        {"a.py": COMMENTED},
        {"a.py": f"class A:\n{indent(COMMENTED, '    ')}{function(4, comment=ANYTHING)}"},
        ("comment", "ignore"),
    ),
    case(
        "another tool's comment, where it counts",
        {PYPROJECT: settings('foreign_suppressions = ["noqa"]'), "a.py": GOOD},
        {"a.py": BAD.replace("):", "):  # noqa: C901", 1)},
        ("comment", "C901"),
    ),
    case(
        "other tools' comments count now",
        {PYPROJECT: settings(), "a.py": BAD.replace("):", "):  # noqa: C901", 1)},
        {PYPROJECT: settings('foreign_suppressions = ["noqa"]')},
        ("settings", "foreign_suppressions"),
    ),
    case(
        "comments without a reason count now",
        {PYPROJECT: settings("require_reasons = true"), "a.py": function(5, comment=ANYTHING)},
        {PYPROJECT: settings()},
        ("settings", "require_reasons"),
    ),
    # The baseline.
    case(
        "an entry for a new function",
        {},
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        ("entry", BASELINE),
    ),
    case(
        "an entry raised",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {"a.py": WORSE, BASELINE: baseline(entry("a.py", 7))},
        ("entry", BASELINE),
    ),
    case(
        "another baseline named, which has more",
        {"a.py": BAD, "other.json": baseline(entry("a.py", 5))},
        {PYPROJECT: settings('baseline = "other.json"')},
        ("entry", "other.json"),
    ),
    case(
        "a baseline that is a link",
        {"a.py": BAD, "other.json": baseline(entry("a.py", 5))},
        {BASELINE: Link("other.json")},
        ("entry", BASELINE),
    ),
    case(
        "an entry raised behind a link",
        {"a.py": BAD, "other.json": baseline(entry("a.py", 5)), BASELINE: Link("other.json")},
        {"a.py": WORSE, "other.json": baseline(entry("a.py", 7))},
        ("entry", BASELINE),
    ),
    # Limits.
    case("a limit raised", {"a.py": BAD}, {PYPROJECT: settings(limits=limited(9))}, ("settings", KEY)),
    case(
        "a limit made a warning",
        {"a.py": BAD},
        {PYPROJECT: settings(limits=limited('{limit = 3, level = "warning"}'))},
        ("settings", KEY),
    ),
    case(
        "a warning for a function that the change makes worse",
        {"a.py": GOOD},
        {"a.py": BAD, PYPROJECT: settings(limits=limited('{limit = 3, level = "warning"}'))},
        ("settings", KEY),
    ),
    case(
        "an .antipasta.yaml without which files are warned of",
        {".antipasta.yaml": "defaults: {max_halstead_volume: 1}\n", "a.py": "a = b + c\n" * 9},
        {".antipasta.yaml": None, PYPROJECT: "[tool.pytest-antipasta.thresholds]\nhalstead_volume = 1\n"},
        ("settings", "thresholds.halstead_volume"),
    ),
    case(
        "a metric switched off",
        {"a.py": BAD},
        {PYPROJECT: settings(limits=limited("false"))},
        ("settings", KEY),
    ),
    case(
        "a comparison turned round",
        {"a.py": BAD},
        {PYPROJECT: settings(limits=limited('{limit = 3, comparison = ">="}'))},
        ("settings", KEY),
    ),
    case(
        "an override added",
        {"a.py": BAD},
        {PYPROJECT: settings(limits=override("a.py"))},
        ("settings", "overrides[0]"),
    ),
    case(
        "an override of functions added",
        {"a.py": BAD},
        {PYPROJECT: settings(limits=by_function("f", 9))},
        ("settings", "overrides[0]"),
    ),
    case(
        "an override widened",
        {PYPROJECT: settings(limits=override("b.py")), "a.py": BAD, "b.py": BAD},
        {PYPROJECT: settings(limits=override("*.py"))},
        ("settings", "overrides[0]"),
    ),
    case(
        "a strict override removed",
        {PYPROJECT: settings(limits=limited(9) + override("a.py", 3)[len(ONE_LIMIT) :]), "a.py": BAD},
        {PYPROJECT: settings(limits=limited(9))},
        ("settings", KEY),
    ),
    case(
        "a limit off that can't be checked",
        {PYPROJECT: settings(limits=CHECKED), "a.py": UNPARSED},
        {PYPROJECT: settings()},
        ("settings", "thresholds.cognitive_complexity"),
    ),
    case(
        "a limit of one function taken away that could not be checked",
        {PYPROJECT: settings(limits=OF_COGNITIVE), "a.py": UNPARSED},
        {PYPROJECT: settings()},
        ("settings", "overrides"),
    ),
    case(
        "a limit that can't be checked, where files without numbers pass now",
        {PYPROJECT: settings(limits=CHECKED), "a.py": UNPARSED},
        {PYPROJECT: settings('on_error = "warn"', limits=CHECKED)},
        ("settings", "on_error"),
    ),
    case(
        "functions in functions not judged any more",
        {"a.py": "def outer():\n" + "".join(f"    {one}\n" for one in WORSE.splitlines())},
        {PYPROJECT: settings("nested_blocks = false")},
        ("settings", "nested_blocks"),
    ),
    # Which files are measured.
    case(
        "a folder excluded with new code in it",
        {"src/a.py": GOOD},
        {"src/a.py": BAD, PYPROJECT: settings('exclude = ["src/"]')},
        ("settings", "exclude"),
    ),
    case(
        "a file without numbers excluded",
        {"a.py": "def f(:\n"},
        {PYPROJECT: settings('exclude = ["a.py"]')},
        ("settings", "exclude"),
    ),
    case(
        "a smaller file size that a file of the tree is over, where such files pass",
        {PYPROJECT: settings('on_error = "warn"'), "a.py": BAD},
        {PYPROJECT: settings('on_error = "warn"\nmax_file_size_mb = 0.0001')},
        ("settings", "max_file_size_mb"),
    ),
    case(
        "a folder made a virtual environment, and a limit raised in it",
        {"src/a.py": BAD},
        {"src/pyvenv.cfg": "", PYPROJECT: settings(limits=override("src/"))},
        ("settings", "overrides[0]"),
    ),
    case(
        "paths narrowed",
        {"a.py": BAD, "src/b.py": GOOD},
        {PYPROJECT: settings('paths = ["src"]')},
        ("settings", "paths"),
    ),
    case(
        "include narrowed",
        {"a.py": BAD, "b.py": GOOD},
        {PYPROJECT: settings('include = ["b.py"]')},
        ("settings", "include"),
    ),
    case(
        "notebooks not measured any more",
        {
            PYPROJECT: settings("notebooks = true"),
            NOTEBOOK: json.dumps(
                {
                    "cells": [{"cell_type": "code", "source": BAD, "metadata": {}, "outputs": []}],
                    "metadata": {"language_info": {"name": "python"}},
                    "nbformat": 4,
                    "nbformat_minor": 5,
                }
            ),
        },
        {PYPROJECT: settings()},
        ("settings", "notebooks"),
    ),
    case(
        "settings below the root added that exclude their own bad code",
        {PYPROJECT: settings("nested = true"), "a.py": GOOD},
        {"src/pyproject.toml": settings('exclude = ["a.py"]'), "src/a.py": BAD},
        ("settings", "exclude"),
    ),
    case(
        "strict settings below the root deleted",
        {PYPROJECT: settings("nested = true", limited(9)), "src/pyproject.toml": settings(), "src/a.py": BAD},
        {"src/pyproject.toml": None},
        ("settings", KEY),
    ),
    case(
        "a folder renamed, and its settings loosened",
        {PYPROJECT: settings("nested = true"), "src/pyproject.toml": settings(), "src/a.py": BAD},
        {
            "src/pyproject.toml": None,
            "src/a.py": None,
            "lib/pyproject.toml": settings(limits=limited(9)),
            "lib/a.py": BAD,
        },
        ("settings", KEY),
    ),
    case(
        "settings below the root loosened",
        {
            PYPROJECT: settings("nested = true"),
            "src/pyproject.toml": settings(limits=limited(4)),
            "src/a.py": BAD,
        },
        {"src/pyproject.toml": settings(limits=limited(9))},
        ("settings", KEY),
    ),
    case(
        "strict settings below the root do not count any more",
        {
            PYPROJECT: settings("nested = true", limited(9)),
            "src/pyproject.toml": settings(),
            "src/a.py": BAD,
        },
        {PYPROJECT: settings(limits=limited(9))},
        ("settings", KEY),
    ),
    case(
        "settings below the root that are a link",
        {PYPROJECT: settings("nested = true"), "loose.toml": settings(limits=limited(9)), "src/a.py": BAD},
        {"src/pyproject.toml": Link("../loose.toml")},
        ("settings", KEY),
    ),
    case(
        "a limit raised behind a link",
        {PYPROJECT: Link("limits.toml"), "limits.toml": settings(), "a.py": BAD},
        {"limits.toml": settings(limits=limited(9))},
        ("settings", KEY),
    ),
    # Where settings are.
    case("the table removed", {"a.py": BAD}, {PYPROJECT: "[project]\nname = 'x'\n"}, ("settings", KEY)),
    case(
        "settings moved into a folder, where they do not count",
        {"src/a.py": BAD},
        {PYPROJECT: None, "src/pyproject.toml": settings(limits=limited(9))},
        ("settings", KEY),
    ),
    case(
        "settings moved to .antipasta.yaml, and loosened",
        {"a.py": BAD},
        {PYPROJECT: None, ".antipasta.yaml": yaml(9)},
        ("settings", KEY),
    ),
    case(
        "a limit raised in .antipasta.yaml",
        {".antipasta.yaml": yaml(3), "a.py": BAD},
        {".antipasta.yaml": yaml(9)},
        ("settings", KEY),
    ),
    # Files that go where other limits hold.
    case(
        "a file renamed to an excluded path",
        {PYPROJECT: settings('exclude = ["vendor/"]'), **moved("a.py", "vendor/a.py", BAD)[0]},
        moved("a.py", "vendor/a.py", BAD)[1],
        ("moved", "a.py"),
    ),
    case(
        "a program renamed to an ending that is not measured, and made worse",
        {"a.py": "".join(function(2, f"g{number}") for number in range(9)) + GOOD},
        {"a.py": None, "a.pyi": "".join(function(2, f"g{number}") for number in range(9)) + BAD},
        ("moved", "a.py"),
    ),
    case(
        "a file renamed to a path with a looser limit",
        {PYPROJECT: settings(limits=override("tests/**")), "a.py": BAD},
        {"a.py": None, "tests/a.py": BAD},
        ("moved", "a.py"),
    ),
    # How strictly is judged.
    case("errors are warnings now", {}, {PYPROJECT: settings('on_error = "warn"')}, ("settings", "on_error")),
    case("a shorter time", {}, {PYPROJECT: settings("time_budget = 4")}, ("settings", "time_budget")),
    case(
        "a shorter time for a file",
        {},
        {PYPROJECT: settings("file_timeout = 4")},
        ("settings", "file_timeout"),
    ),
    case(
        "less memory for a file",
        {},
        {PYPROJECT: settings("memory_limit_mb = 400")},
        ("settings", "memory_limit_mb"),
    ),
    case(
        "changes alone are judged now",
        {PYPROJECT: settings('judge = "all"')},
        {PYPROJECT: settings()},
        ("settings", "judge"),
    ),
    case(
        "a critical function is none any more",
        {PYPROJECT: settings('critical_functions = ["f"]'), "a.py": GOOD},
        {PYPROJECT: settings()},
        ("settings", "critical_functions"),
    ),
    case(
        "a critical path is none any more",
        {PYPROJECT: settings('critical_paths = ["a.py"]'), "a.py": GOOD},
        {PYPROJECT: settings()},
        ("settings", "critical_paths"),
    ),
    case(
        "files may get worse now",
        {PYPROJECT: settings("strict_files = true")},
        {PYPROJECT: settings()},
        ("settings", "strict_files"),
    ),
    case(
        "waivers are reported alone now",
        {PYPROJECT: settings('new_waivers = "fail"')},
        {PYPROJECT: settings()},
        ("settings", "new_waivers"),
    ),
    case(
        "a critical function with an old comment",
        {PYPROJECT: settings('critical_functions = ["f"]'), "a.py": function(5, comment=ANYTHING)},
        {PYPROJECT: settings()},
        ("settings", "critical_functions"),
    ),
    case(
        "a critical function with an old entry",
        {
            PYPROJECT: settings('critical_functions = ["f"]'),
            "a.py": BAD,
            BASELINE: baseline(entry("a.py", 5)),
        },
        {PYPROJECT: settings()},
        ("settings", "critical_functions"),
    ),
    case(
        "files may get worse now, with an old entry",
        {
            PYPROJECT: settings("strict_files = true", f"{ONE_LIMIT}lines_of_code = 3\n"),
            "a.py": GOOD + NOT_BAD,
            BASELINE: baseline({"path": "a.py", "metric": "lines_of_code", "value": 4}),
        },
        {PYPROJECT: settings("", f"{ONE_LIMIT}lines_of_code = 3\n")},
        ("settings", "strict_files"),
    ),
    case("a critical function renamed", *critical("f"), {"a.py": function(2, "g")}, ("moved", "a.py::f")),
    case(
        "a critical function without its decorator",
        *critical("@*.route", f'@app.route("/")\n{GOOD}'),
        {"a.py": GOOD},
        ("moved", "a.py::f"),
    ),
    case(
        "a critical function moved to another file",
        *critical("a.py::f"),
        {"a.py": None, "b.py": GOOD},
        ("moved", "a.py::f"),
    ),
    case(
        "a critical function renamed, which takes its comment along",
        *critical("f", COMMENTED),
        {"a.py": function(5, "g", comment=ANYTHING)},
        ("moved", "a.py::f"),
    ),
    case(
        "a critical function that is too complex and leaves its code to another one",
        *critical("f", BAD),
        {"a.py": function(5, "g") + "def f(a):\n    return g(a)\n"},
        ("moved", "a.py::f"),
    ),
)
HONEST = (
    case("a new test", {**DEFAULTS, "test_a.py": GOOD}, {"test_a.py": f"{GOOD}\n\n{function(12, 'test_f')}"}),
    case(
        "a generated file that grows",
        {**DEFAULTS, "a.py": GENERATED + TANGLED},
        {"a.py": GENERATED + TANGLED + function(13, "g")},
    ),
    case(
        "a function edited under its own limit",
        {PYPROJECT: settings(limits=by_function("f", 9)), "a.py": BAD},
        {"a.py": WORSE},
    ),
    case(
        "a folder renamed with its settings",
        {
            PYPROJECT: settings("nested = true"),
            "src/pyproject.toml": settings(limits=limited(9)),
            "src/a.py": BAD,
        },
        {
            "src/pyproject.toml": None,
            "src/a.py": None,
            "lib/pyproject.toml": settings(limits=limited(9)),
            "lib/a.py": BAD,
        },
    ),
    case(
        "strict settings below the root added",
        {PYPROJECT: settings("nested = true", limited(9)), "src/a.py": BAD},
        {"src/pyproject.toml": settings()},
    ),
    case("a critical function deleted", *critical("f"), {"a.py": "x = 1\n"}),
    case(
        "a part of a critical function in another one",
        *critical("f", function(3)),
        {"a.py": GOOD + function(2, "g")},
    ),
    case(
        "a critical function renamed, and named by its new name",
        *critical("f"),
        {PYPROJECT: settings('critical_functions = ["g"]'), "a.py": function(2, "g")},
    ),
    case(
        "a critical function with other arguments of its decorator",
        *critical("@*.route", f'@app.route("/")\n{GOOD}'),
        {"a.py": f'@app.route("/f")\n{GOOD}'},
    ),
    case(
        "a critical function in a file renamed, named without a path",
        *critical("f"),
        {"a.py": None, "b.py": GOOD},
    ),
    case(
        "a smaller file size, and a file that was too large before, too",
        {PYPROJECT: settings('on_error = "warn"\nmax_file_size_mb = 0.00002'), "a.py": BAD},
        {PYPROJECT: settings('on_error = "warn"\nmax_file_size_mb = 0.00001')},
    ),
    case(
        "a function that grows under a comment without ceiling",
        {"a.py": COMMENTED},
        {"a.py": function(7, comment=ANYTHING)},
    ),
    case(
        "a ceiling lowered",
        {"a.py": function(5, comment=CEILING.replace("5", "8"))},
        {"a.py": function(5, comment=CEILING)},
    ),
    case("a comment removed, which fails", {"a.py": COMMENTED}, {"a.py": BAD}),
    case(
        "a reason written behind a comment",
        {"a.py": COMMENTED},
        {"a.py": function(5, comment=f"{ANYTHING} a parser")},
    ),
    case(
        "a comment taken to the def's line",
        {"a.py": COMMENTED},
        {"a.py": BAD.replace("):", f"):  {ANYTHING}", 1)},
    ),
    case(
        "a function moved within its file, with its comment",
        {"a.py": COMMENTED + "\n\n" + function(2, "g")},
        {"a.py": function(2, "g") + "\n\n" + COMMENTED},
    ),
    case(
        "a function moved to another file, with its comment",
        {"a.py": COMMENTED + function(2, "g"), "b.py": GOOD.replace("f", "h")},
        {"a.py": function(2, "g"), "b.py": function(2, "h") + COMMENTED},
    ),
    case(
        "a function renamed, with its comment",
        {"a.py": COMMENTED},
        {"a.py": COMMENTED.replace("def f", "def g")},
    ),
    case(
        "a function moved with its comment out of a file that is not measured any more",
        {"a.py": "".join(function(2, f"g{number}") for number in range(9)) + COMMENTED},
        {
            "a.py": None,
            "a.txt": "".join(function(2, f"g{number}") for number in range(9)) + COMMENTED,
            "b.py": COMMENTED,
        },
    ),
    case("a file renamed with its comments", *moved("a.py", "b.py", COMMENTED)),
    case("a file deleted with its comments", {"a.py": COMMENTED, "b.py": GOOD}, {"a.py": None}),
    case(
        "a file renamed with its entries",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {"a.py": None, "b.py": BAD, BASELINE: baseline(entry("b.py", 5))},
    ),
    case(
        "a file renamed, its entries as they were",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {"a.py": None, "b.py": BAD},
    ),
    case(
        "the baseline deleted",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {"a.py": GOOD, BASELINE: None},
    ),
    case(
        "entries in another layout",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {BASELINE: json.dumps({"schema_version": 1, "entries": [entry("a.py", 5)]}, indent=4)},
    ),
    case(
        "the baseline under another name",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {
            BASELINE: None,
            "known.json": baseline(entry("a.py", 5)),
            PYPROJECT: settings('baseline = "known.json"'),
        },
    ),
    case(
        "a reason written into an entry",
        {"a.py": BAD, BASELINE: baseline(entry("a.py", 5))},
        {BASELINE: baseline(entry("a.py", 5, reason="a parser"))},
    ),
    case(
        "settings in another layout",
        {"a.py": BAD},
        {PYPROJECT: f"# limits\n{settings()}\n\n[tool.other]\nx = 1\n"},
    ),
    case(
        "a warning made an error",
        {PYPROJECT: settings(limits=limited('{limit = 3, level = "warning"}')), "a.py": GOOD},
        {PYPROJECT: settings()},
    ),
    case(
        "a comment that takes a warning away",
        {PYPROJECT: settings(limits=limited('{limit = 3, level = "warning"}')), "a.py": BAD},
        {"a.py": function(5, comment=ANYTHING)},
    ),
    case("a limit raised that nothing is over", {"a.py": GOOD}, {PYPROJECT: settings(limits=limited(9))}),
    case(
        "an override that follows its folder",
        {PYPROJECT: settings(limits=override("old/**")), "old/a.py": BAD},
        {PYPROJECT: settings(limits=override("new/**")), "old/a.py": None, "new/a.py": BAD},
    ),
    case(
        "a file excluded that is within all limits",
        {"a.py": GOOD},
        {PYPROJECT: settings('exclude = ["a.py"]')},
    ),
    case("settings moved to .antipasta.yaml", {"a.py": BAD}, {PYPROJECT: None, ".antipasta.yaml": yaml(3)}),
    case(
        "a stricter policy",
        {},
        {PYPROJECT: settings('new_waivers = "fail"\nstrict_files = true\njudge = "all"')},
    ),
    case(
        "a critical function renamed with its pattern",
        {PYPROJECT: settings('critical_functions = ["f"]'), "a.py": GOOD},
        {PYPROJECT: settings('critical_functions = ["g"]'), "a.py": function(2, "g")},
    ),
    case(
        "a shorter time, where what it leaves blocks",
        {PYPROJECT: settings('on_timeout = "block"')},
        {PYPROJECT: settings('on_timeout = "block"\ntime_budget = 4\nfile_timeout = 4')},
    ),
    case(
        "a baseline that was a link",
        {"a.py": BAD, "other.json": baseline(entry("a.py", 5)), BASELINE: Link("other.json")},
        {BASELINE: baseline(entry("a.py", 5)), "other.json": None},
    ),
    case(
        "a file renamed to a path with a stricter limit",
        {PYPROJECT: settings(limits=override("tests/**")), "tests/a.py": GOOD},
        {"tests/a.py": None, "a.py": GOOD},
    ),
    case(
        "a file renamed that was excluded",
        {PYPROJECT: settings('exclude = ["vendor/"]'), "vendor/a.py": BAD},
        {"vendor/a.py": None, "vendor/b.py": BAD},
    ),
    case(
        "a new file where a looser limit holds",
        {PYPROJECT: settings(limits=override("tests/**"))},
        {"tests/a.py": BAD},
    ),
)
