"""Files that can't be measured: never a pass, each in words of its own, with what is still known."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugin.conftest import PASSING, Project, outcomes, read_report, told
from tests.tables import keep_quick

DELETING = """\
import pathlib
def pytest_collection_finish(session):
    pathlib.Path("x.py").unlink(missing_ok=True)
"""


def content(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def failure(result: pytest.RunResult) -> list[str]:
    """Return the lines of the only failure."""
    lines = result.outlines
    start = next(number for number, line in enumerate(lines) if line.strip("_ ") == "x.py") + 1
    length = next(number for number, line in enumerate(lines[start:]) if line.startswith("=="))
    return [line for line in lines[start : start + length] if not line.startswith("[gw")]


CASES = [
    pytest.param(
        content(b"def f():\n    if x:\n    return 1\n"),
        ["x.py:3: not measured (syntax): expected an indented block after 'if' statement on line 2"],
        id="a syntax error",
    ),
    pytest.param(
        content("s = 1\nt = 'é'\n".encode("latin-1")),
        [
            (
                "x.py:2: not measured (encoding): byte 0xe9 at offset 11 is not utf-8; save the file as "
                "UTF-8 or declare its encoding in the first line (PEP 263)"
            )
        ],
        id="another encoding",
    ),
    pytest.param(
        content(b"x = 1\n\0"), ["x.py*: not measured (syntax): source code *null bytes*"], id="a NUL"
    ),
    pytest.param(
        lambda path: path.symlink_to("nowhere.py"),
        ["x.py: not measured (missing): file not found (deleted?)"],
        id="a link to nothing",
    ),
    pytest.param(
        os.mkfifo, ["x.py: not measured (not_a_file): not a regular file"], id="a FIFO without a writer"
    ),
    pytest.param(
        lambda path: path.symlink_to("/dev/zero"),
        ["x.py: not measured (not_a_file): not a regular file"],
        id="a device without an end",
    ),
    pytest.param(
        lambda path: path.symlink_to(path),
        ["x.py: not measured (unreadable): the file can't be read: Too many levels of symbolic links"],
        id="a link to itself",
    ),
    pytest.param(
        content(b"#" * 2_100_000),
        [
            (
                "x.py: not measured (too_large): 2.1 MB is over max_file_size_mb = 2; raise max_file_size_mb "
                "or exclude the file"
            )
        ],
        id="a file that is too large",
    ),
    pytest.param(
        content(b"x = " + b"-" * 100_000 + b"1\n"),
        [
            (
                "x.py: not measured (too_deep): nested too deeply for Python's parser; split the "
                "expression or exclude the file"
            )
        ],
        id="an expression that is too deep",
    ),
]


@pytest.fixture
def small(project: Project) -> Project:
    """A limit on the size of files, and a file that passes."""
    project.write({"pyproject.toml": "[tool.pytest-antipasta]\nmax_file_size_mb = 2\n", "y.py": PASSING})
    return project


def matches(lines: list[str], expected: list[str]) -> bool:
    """Whether the first line fits; what is known of the file, and what to do about it, may follow."""
    pytest.LineMatcher(lines[:1]).fnmatch_lines(expected[:1])
    rest = [
        line for line in lines[1:] if not line.startswith(("    still measured (partial): ", "    size: "))
    ]
    return len(rest) <= 1 and all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize(
    ("make", "expected"),
    # All of them are in one run below.
    keep_quick(CASES, "a syntax error", "a NUL", "a FIFO without a writer", "a file that is too large"),
)
def test_it_fails_in_words_of_its_own(
    small: Project, make: Callable[[Path], object], expected: list[str]
) -> None:
    make(small.path / "x.py")
    result = small.run("--antipasta-only", "x.py", "y.py")
    assert outcomes(result) == {"x.py::antipasta": "failed", "y.py::antipasta": "passed"}
    assert matches(failure(result), expected)
    first = failure(result)[0].split(": ", 1)[1]
    assert f"FAILED x.py::antipasta - {first}" in result.outlines
    assert told(result)[0].startswith("no violations, 1 file not measured; 2 files checked")
    assert "Traceback" not in result.stdout.str()


def test_it_fails_likewise_in_a_worker(small: Project) -> None:
    names = [f"x{number}.py" for number in range(len(CASES))]
    for name, case in zip(names, CASES, strict=True):
        case.values[0](small.path / name)  # type: ignore[operator]
    here = small.run("--antipasta-only", *names, "--tb=line", "-r", "N")
    there = small.run("--antipasta-only", *names, "--tb=line", "-r", "N", "-n", "1")

    def lines(result: pytest.RunResult) -> set[str]:
        return {line for line in result.outlines if "not measured (" in line}

    assert len(lines(here)) == len(CASES)
    assert lines(there) == lines(here)


def test_what_is_known_is_shown(small: Project) -> None:
    small.write({"x.py": "if y:\n    x = " + "-" * 10_000 + "1\n"})
    result = small.run("--antipasta-only", "--antipasta-report=json=report.json")
    assert failure(result)[1] == "    still measured (partial): lines_of_code 2"
    (broken, _) = read_report(small.path / "report.json")["files"]
    assert broken["partial"] is True
    assert broken["metrics"]["lines_of_code"] == 2
    assert broken["metrics"]["maintainability_index"] is None


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
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
        "no violations in 2 files, 1 file not measured",
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


DYING = """\
import os
import stat
def pytest_runtest_logstart(nodeid):
    if "x.py" in nodeid and "PYTEST_XDIST_WORKER" in os.environ:
        os._exit(1)
"""


@pytest.mark.slow
def test_a_worker_that_dies_costs_no_file(small: Project) -> None:
    files = {f"y{number}.py": PASSING for number in range(9)}
    small.write(files | {"x.py": PASSING, "conftest.py": DYING, "sub/pytest.ini": "[pytest]\n"})
    args = ["--antipasta-only", "-n", "2", "-p", "conftest", "--antipasta-report=json=report.json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(small.path), prepend=os.pathsep)
        result = small.run(*args, "-c", "sub/pytest.ini")  # a root besides that of the files
    assert result.ret == pytest.ExitCode.OK
    assert "replacing crashed worker" in result.stdout.str()
    report = read_report(small.path / "report.json")
    assert [file["path"] for file in report["files"]] == ["conftest.py", "x.py", "y.py", *sorted(files)]
    assert report["summary"]["errors"] == 0
