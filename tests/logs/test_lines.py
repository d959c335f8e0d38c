"""Notes as lines: nothing in them steers a terminal, or begins a line of its own."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from pytest_antipasta.logs.lines import JsonLines, TextLines
from pytest_antipasta.messages import name_path, show_name

TEXT, JSON = TextLines(), JsonLines()
EVIL = "a\n2026-01-01T00:00:00.000Z error\x1b[2J\x9b1m\u202e\udcff"
SHOWN = r"a\x0a2026-01-01T00:00:00.000Z error\x1b[2J\u009b1m\u202e\xff"


def record(message: str, **extra: Any) -> logging.LogRecord:
    made = logging.getLogger("pytest_antipasta").makeRecord(
        "pytest_antipasta", logging.WARNING, "", 0, message, (), None, extra=extra
    )
    made.created, made.process = 1767323045.0678, 4711
    return made


def test_text_has_time_level_run_process_worker_kind_and_path() -> None:
    note = record("not measured", kind="file", path="a/b.py", worker="gw0", run="0a1b2c3d")
    line = "2026-01-02T03:04:05.067Z warning 0a1b2c3d 4711 gw0 file: a/b.py: not measured"
    assert TEXT.format(note) == line


def test_json_has_the_same_by_names() -> None:
    note = record("not measured", kind="file", path="a/b.py", worker="gw0", run="0a1b2c3d")
    assert json.loads(JSON.format(note)) == {
        "time": "2026-01-02T03:04:05.067Z",
        "level": "warning",
        "run": "0a1b2c3d",
        "process": 4711,
        "worker": "gw0",
        "kind": "file",
        "path": "a/b.py",
        "message": "not measured",
    }


def test_a_note_without_a_file_has_no_path() -> None:
    note = record("begins", kind="run", path="", worker="main", run="0a1b2c3d")
    assert TEXT.format(note).endswith(" main run: begins")
    assert "path" not in json.loads(JSON.format(note))


def test_what_names_and_messages_have_in_them_is_neutralised() -> None:
    name = name_path(EVIL)  # as verdicts have it
    note = record(EVIL, kind="file", path=name, worker="main", run="0a1b2c3d")
    for line in (TEXT.format(note), JSON.format(note)):
        assert line.isprintable()
        line.encode()
    assert TEXT.format(note).endswith(f" file: {show_name(name)}: {SHOWN}")
    said = json.loads(JSON.format(note))
    assert said["message"] == SHOWN
    assert said["path"] == name


def fail() -> None:
    raise ZeroDivisionError(EVIL)


@pytest.mark.parametrize("as_text", [True, False], ids=["as text", "as an exception"])
def test_a_traceback_stands_with_its_note(as_text: bool) -> None:
    note = record("oops", kind="error", path="", worker="main", run="0a1b2c3d")
    try:
        fail()
    except ZeroDivisionError:
        note.exc_info = sys.exc_info()
    if as_text:
        note.exc_text = logging.Formatter().formatException(note.exc_info)  # type: ignore[arg-type]
        note.exc_info = None
    first, *rest = TEXT.format(note).split("\n")
    assert first.endswith(" main error: oops")
    assert rest[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") and line.isprintable() for line in rest)
    line = JSON.format(note)
    assert line.isprintable()
    assert json.loads(line)["traceback"].splitlines() == [one[4:] for one in rest]


def test_a_note_of_an_extension_needs_nothing_but_its_message() -> None:
    made = logging.getLogger("pytest_antipasta.example").makeRecord(
        "pytest_antipasta.example", logging.INFO, "", 0, "%d rules", (3,), None
    )
    said = json.loads(JSON.format(made))
    assert (said["kind"], said["worker"], said["message"]) == ("pytest_antipasta.example", "main", "3 rules")
    assert TEXT.format(made).endswith(" main pytest_antipasta.example: 3 rules")
