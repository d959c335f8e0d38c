"""Errors of files: one table for text, JSON and the documentation."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import get_args

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import ErrorKind, FileError, FileMetrics, Measurement
from pytest_antipasta.report.error_kinds import ERROR_KINDS, iter_error_facts, make_error
from pytest_antipasta.report.failure import format_failures
from pytest_antipasta.report.records import make_measurements
from pytest_antipasta.runtime.environment import python_minor
from tests.report.making import write_as

PAGE = (Path(__file__).parents[2] / "docs/errors.md").read_text()
ERROR = FileError("syntax", "'(' was never closed", 3)


def test_every_kind_has_its_facts() -> None:
    assert list(ERROR_KINDS) == list(get_args(ErrorKind)), "report/error_kinds.py says what to do about each"


def test_the_documentation_has_them() -> None:
    listed = PAGE.partition("## Kinds of errors\n\n")[2].partition("\n\n")[0]
    documented = dict(re.findall(r"^- `(\w+)`: (.+)$", listed, re.MULTILINE))
    assert documented == {kind: facts.advice for kind, facts in ERROR_KINDS.items()}


def test_the_documentation_shows_the_text() -> None:
    verdict = Verdict(
        "src/shop/cart.py", Measurement(FileMetrics(lines_of_code=41), (), ERROR), errors_fail=True
    )
    assert "\n".join(format_failures([verdict])) in PAGE


def test_the_documentation_shows_the_object() -> None:
    _, _, rest = PAGE.partition("```json\n")
    shown = json.loads(rest.partition("```")[0])
    (record,) = make_measurements(
        {"src/shop/cart.py": Measurement(FileMetrics(lines_of_code=41), (), ERROR)}
    )["files"]
    assert shown == {
        **{key: record[key] for key in ("path", "status", "partial")},
        "error": json.loads(json.dumps(record["error"]).replace(python_minor(), "3.11")),
    }


@pytest.mark.parametrize(("failed", "severity"), [(True, "error"), (False, "warning")])
def test_it_is_as_severe_as_it_is_judged(failed: bool, severity: str) -> None:
    verdict = Verdict("a.py", Measurement(FileMetrics(), (), ERROR), errors_fail=failed)
    assert json.loads(write_as("json", [verdict]))["files"][0]["error"]["severity"] == severity


@pytest.mark.parametrize(("path", "is_python"), [("a/b", True), ("a.b/c.pyw", True), ("README.rst", False)])
def test_what_is_not_python_by_its_name_needs_no_newer_one(path: str, is_python: bool) -> None:
    known = FileMetrics(total_cognitive_complexity=1)  # complexipy can parse it
    verdict = Verdict(path, Measurement(known, (), ERROR), errors_fail=True)
    assert ("run with a Python newer" in "\n".join(format_failures([verdict]))) is is_python
    assert (
        "not a Python file by its name"
        in json.loads(write_as("json", [verdict]))["files"][0]["error"]["advice"]
    ) is not is_python


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        pytest.param("print x", "fix it, or exclude it if it is Python 2", id="print"),
        pytest.param("exec 'x'", "fix it, or exclude it if it is Python 2", id="exec"),
        pytest.param("x = `y`", "fix it, or exclude it", id="no Python that complexipy knows"),
        pytest.param("def f(:", "fix it, or exclude it", id="no Python"),
        pytest.param("if x:\n\tif y:\n        z", "fix it, or exclude it", id="tabs that complexipy takes"),
    ],
)
def test_no_newer_python_is_advised_for_what_it_can_not_parse(source: str, advice: str) -> None:
    measurement = measure(f"{source}\n".encode())
    assert measurement.error is not None
    assert [*iter_error_facts("a.py", measurement.error, measurement)] == [f"    {advice}"]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="it can parse this")
@pytest.mark.parametrize(
    ("source", "exclude"),
    [
        ("x = t'{y}'", "exclude it"),
        ("try:\n    x\nexcept A, b:\n    y", "exclude it if it is Python 2"),
    ],
)
def test_a_newer_python_is_advised_for_what_it_can_parse(source: str, exclude: str) -> None:
    measurement = measure(f"{source}\n".encode())
    assert measurement.error is not None
    (advice,) = iter_error_facts("a.py", measurement.error, measurement)
    assert advice == f"    fix it, {exclude}, or run with a Python newer than {python_minor()}"


def test_no_newer_python_takes_null_bytes() -> None:
    error = FileError("syntax", "source code can't contain null bytes", 1)
    verdict = Verdict("a.py", Measurement(FileMetrics(), (), error), errors_fail=True)
    assert list(format_failures([verdict]))[1] == "    remove them, or exclude the file"


@pytest.mark.parametrize("kind", get_args(ErrorKind))
def test_what_is_in_a_message_can_not_steer_a_terminal(kind: ErrorKind) -> None:
    error = FileError(kind, "\x1b[2J\u202e\nx")
    verdict = Verdict("a.py", Measurement(FileMetrics(), (), error), errors_fail=True)
    first, *others = "\n".join(format_failures([verdict])).split("\n")
    assert first == f"a.py: not measured ({kind}): \\x1b[2J\\u202e\\x0ax"
    assert len(others) <= 1 and all(line.startswith("    ") and line.isprintable() for line in others)
    assert make_error("a.py", error, "error", verdict.measurement)["message"] == error.message


def test_messages_that_are_to_say_what_to_do_say_it(tmp_path: Path) -> None:
    from pytest_antipasta.files.reading import UnreadableError, read_file

    errors = [measure(data).error for data in (b"\xff", b"x = " + b"-" * 100_000 + b"1\n", b"def f(:\n")]
    (tmp_path / "large").write_bytes(b"12")
    names = ["large", "gone", "."]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        names.insert(0, "pipe")
    for name in names:
        with pytest.raises(UnreadableError) as caught:
            read_file(str(tmp_path / name), 1)
        errors.append(caught.value.error)
    found = {
        error.kind: "exclude" in error.message or "PEP 263" in error.message for error in errors if error
    }
    assert found == {kind: ERROR_KINDS[kind].message_has_advice for kind in found}
    assert len(found) == 6
