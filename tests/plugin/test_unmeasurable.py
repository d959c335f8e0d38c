"""Files that can't be measured: never a pass, each in words of its own, with what is still known."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.plugin.conftest import PASSING, Project, outcomes, read_report, told
from tests.windows import NEEDS_PIPES

DELETING = """\
import pathlib
def pytest_collection_finish(session):
    pathlib.Path("x.py").unlink(missing_ok=True)
"""


Make: TypeAlias = Callable[[Path], object]


def content(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)


def failure(result: pytest.RunResult, name: str = "x.py") -> list[str]:
    """Return the lines of the failure of a file."""
    lines = result.outlines
    start = next(number for number, line in enumerate(lines) if line.strip("_ ") == name) + 1
    length = next(number for number, line in enumerate(lines[start:]) if line.startswith(("==", "__")))
    return [line for line in lines[start : start + length] if not line.startswith("[gw")]


# What is written, and what is said behind the name of the file.
CASES: dict[str, tuple[Make, str]] = {
    "a syntax error": (
        content(b"def f():\n    if x:\n    return 1\n"),
        ":3: not measured (syntax): expected an indented block after 'if' statement on line 2",
    ),
    "another encoding": (
        content("s = 1\nt = 'é'\n".encode("latin-1")),
        ":2: not measured (encoding): byte 0xe9 at offset 11 is not utf-8; save the file as UTF-8 or declare "
        "its encoding in the first line (PEP 263)",
    ),
    "a NUL": (content(b"x = 1\n\0"), "*: not measured (syntax): source code *null bytes*"),
    "a link to nothing": (
        lambda path: path.symlink_to("nowhere.py"),
        ": not measured (missing): file not found (deleted?)",
    ),
    "a FIFO without a writer": (
        lambda path: os.mkfifo(path),
        ": not measured (not_a_file): not a regular file",
    ),
    "a device without an end": (
        lambda path: path.symlink_to("/dev/zero"),
        ": not measured (not_a_file): not a regular file",
    ),
    "a link to itself": (
        lambda path: path.symlink_to(path),
        ": not measured (missing): the file can't be read: Too many levels of symbolic links",
    ),
    "a file that is too large": (
        content(b"#" * 2_100_000),
        ": not measured (too_large): 2.1 MB is over max_file_size_mb = 2; raise max_file_size_mb or exclude "
        "the file",
    ),
    "an expression that is too deep": (
        content(b"x = " + b"-" * 100_000 + b"1\n"),
        ": not measured (too_deep): nested too deeply for Python's parser; split the expression or exclude "
        "the file",
    ),
}
if sys.platform == "win32":  # which has no such files, or makes them only with a privilege
    for name in (
        "a link to nothing",
        "a FIFO without a writer",
        "a device without an end",
        "a link to itself",
    ):
        del CASES[name]


@pytest.fixture
def small(project: Project) -> Project:
    """A limit on the size of files, and a file that passes."""
    project.write({"pyproject.toml": "[tool.pytest-antipasta]\nmax_file_size_mb = 2\n", "y.py": PASSING})
    return project


def matches(lines: list[str], expected: str) -> bool:
    """Whether the first line fits; what is known of the file, and what to do about it, may follow."""
    pytest.LineMatcher(lines[:1]).fnmatch_lines([expected])
    rest = [
        line for line in lines[1:] if not line.startswith(("    still measured (partial): ", "    size: "))
    ]
    return len(rest) <= 1 and all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["here", "in a worker"])
def test_each_fails_in_words_of_its_own(small: Project, workers: list[str]) -> None:
    names = [name.replace(" ", "_") + ".py" for name in CASES]
    for name, (make, _) in zip(names, CASES.values(), strict=True):
        make(small.path / name)
    result = small.run("--antipasta-only", *names, "y.py", *workers)
    expected = {f"{name}::antipasta": "failed" for name in names} | {"y.py::antipasta": "passed"}
    assert outcomes(result) == expected
    for name, (_, first) in zip(names, CASES.values(), strict=True):
        lines = failure(result, name)
        assert matches(lines, name + first)
        assert f"FAILED {name}::antipasta - {lines[0].split(': ', 1)[1]}" in result.outlines
    counted = f"{len(names)} files not measured; {len(names) + 1} files checked"
    assert told(result)[0].startswith(f"no violations, {counted}")
    assert "Traceback" not in result.stdout.str()


def test_what_is_known_is_shown(small: Project) -> None:
    small.write({"x.py": "if y:\n    x = " + "-" * 10_000 + "1\n"})
    result = small.run("--antipasta-only", "--antipasta-report=json=report.json")
    assert failure(result)[1] == "    still measured (partial): lines_of_code 2"
    (broken, _) = read_report(small.path / "report.json")["files"]
    assert broken["partial"] is True
    assert broken["metrics"]["lines_of_code"] == 2
    assert broken["metrics"]["maintainability_index"] is None


@NEEDS_PIPES
@pytest.mark.parametrize("name", ["link.py", "pipe.py"])
def test_what_is_not_a_regular_file_is_left_out_unless_it_is_named(small: Project, name: str) -> None:
    (small.path / "link.py").symlink_to("y.py")
    os.mkfifo(small.path / "pipe.py")
    assert set(small.check()) == {"y.py::antipasta"}
    assert set(small.check(name)) == {f"{name}::antipasta"}


def test_a_file_that_vanishes_before_it_is_read(small: Project) -> None:
    small.write({"x.py": PASSING, "conftest.py": DELETING})
    result = small.run("--antipasta-only", "-n", "1")
    assert failure(result) == [
        "x.py: not measured (missing): file not found (deleted?)",
        "    run again if the file was moved; if it is a broken symlink, fix or remove it",
    ]
    assert outcomes(result)["y.py::antipasta"] == "passed"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(small: Project) -> None:
    small.write({"x.py": PASSING})
    (small.path / "x.py").chmod(0)
    result = small.run("--antipasta-only")
    assert failure(result) == [
        "x.py: not measured (unreadable): the file can't be read: Permission denied",
        "    make it readable (`chmod u+rX`), or exclude it",
    ]


def test_a_folder_named_like_a_file_is_a_folder(small: Project) -> None:
    small.write({"x.py/inner.py": PASSING})
    assert set(small.check("x.py")) == {"x.py/inner.py::antipasta"}


def test_a_run_can_be_reported_to_let_them_pass_with_a_warning(small: Project) -> None:
    small.write({"pyproject.toml": "[tool.pytest-antipasta]\non_error = 'warn'\n", "x.py": "\ndef f(:\n"})
    result = small.run("--antipasta-only", "--junitxml=junit.xml", "-o", "junit_family=xunit1")
    assert outcomes(result) == {"x.py::antipasta": "passed", "y.py::antipasta": "passed"}
    assert re.findall(r'file="x.py" line="(\d+)"', (small.path / "junit.xml").read_text()) == ["1"]  # from 0
    assert told(result)[:2] == [
        "no violations in 1 file, 1 file not measured",
        "warning: x.py:2: not measured (syntax): invalid syntax",
    ]


BREAKING = """\
import pytest_antipasta.engine.measuring.measurement as metrics
measure = metrics.measure
def broken(data, *limits, **options):
    if b"broken" in data:
        raise AssertionError("an invariant")
    return measure(data, *limits, **options)
metrics.measure = broken
"""


def test_an_internal_error_costs_one_file_and_not_the_run(small: Project, workers: list[str]) -> None:
    small.write({"x.py": "broken = 1\n", "conftest.py": BREAKING.replace('b"broken"', 'b"broken" + b" ="')})
    result = small.run("--antipasta-only", "x.py", "y.py", *workers)
    assert outcomes(result) == {"x.py::antipasta": "failed", "y.py::antipasta": "passed"}
    assert failure(result)[:2] == [
        (
            "x.py: not measured (internal): AssertionError: an invariant (conftest.py:5); this is a bug in "
            "pytest-antipasta; please report it"
        ),
        "Traceback (most recent call last):",
    ]
    assert 'raise AssertionError("an invariant")' in str(result.stdout)
