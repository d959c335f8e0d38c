"""Data and settings that would take for ever, or all memory: a run ends with words."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.processes import child
from pytest_antipasta.processes.limits import ResourceLimits, Watch
from tests.conftest import Program
from tests.coverage.conftest import SETTINGS
from tests.tables import keep_quick
from tests.windows import NEEDS_SIGNALS

LIMITS = f"""
[tool.pytest-antipasta]
file_timeout = 0.5
memory_limit_mb = 100
max_file_size_mb = 20
{SETTINGS}"""
ENDLESS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id, 'a' AS {name} FROM n"
)
TIME = "took more than 0.5 s of CPU time (file_timeout)"
# Either limit may come first.
EXCESS = "reading coverage data .coverage "


def alter(*statements: str) -> None:
    """Change the data file."""
    with closing(sqlite3.connect(".coverage")) as data, data:
        for statement in statements:
            data.execute(statement)


def put_view(name: str) -> None:
    alter(f"ALTER TABLE {name} RENAME TO other", f"CREATE VIEW {name} AS {ENDLESS.format(name='path')}")


def write_bitmap() -> None:
    alter("UPDATE meta SET value = '0' WHERE key = 'has_arcs'", "DELETE FROM arc")
    with closing(sqlite3.connect(".coverage")) as data, data:
        bits = (b"\xff" * 10_000_000,)
        data.execute("INSERT INTO line_bits SELECT id, 1, ? FROM file WHERE path LIKE '%shop.py'", bits)


def write_report_of(path: str) -> None:
    empty: dict[str, list[int]] = {"executed_lines": [], "missing_lines": [], "excluded_lines": []}
    files = {path: empty} if path else {}
    Path(".coverage").write_text(json.dumps({"meta": {"version": "7.4"}, "files": files}))


def write_settings(text: str) -> None:
    Path(".coveragerc").write_text(text)


def exclude(pattern: str) -> None:
    write_settings(f"[report]\nexclude_also = {pattern}\n")
    with Path("shop.py").open("a") as source:
        source.write(f"# {'a' * 50}!\n")


def put_pipe() -> None:
    Path(".coverage").unlink()
    os.mkfifo(".coverage")


@pytest.mark.parametrize(
    ("make", "message"),
    keep_quick(
    [
        pytest.param(
            lambda: put_view("file"), "it has a view file, and coverage.py writes only tables", id="a view"
        ),
        pytest.param(
            lambda: alter("CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END"),
            "it has a trigger t",
            id="a trigger",
        ),

        pytest.param(
            lambda: alter(
                "DROP TABLE file",
                "CREATE TABLE file (id integer primary key, path AS (hex(zeroblob(400000000))))",
                "INSERT INTO file (id) VALUES (1)",
            ),
            EXCESS,
            id="a column that is computed",
            marks=pytest.mark.slow,
        ),
        pytest.param(write_bitmap, "reading coverage of shop.py ", id="a large bitmap"),
        pytest.param(
            lambda: os.truncate(".coverage", 21_000_000),
            ".coverage: 21 MB is over max_file_size_mb = 20; raise max_file_size_mb",
            id="a large file",
        ),
        pytest.param(put_pipe, "can't read .coverage: not a regular file", id="a pipe"),
        pytest.param(
            lambda: alter("UPDATE file SET path = 'sh' || char(0) || 'op.py' WHERE id = 1"),
            r".coverage has a path that no file can have: 'sh\x00op.py'",
            id="a NUL in a path",
        ),
        pytest.param(
            lambda: alter("UPDATE file SET path = CAST(x'ff' || zeroblob(9000) AS TEXT) WHERE id = 1"),
            ".coverage can't be read as coverage data: Could not decode to UTF-8",
            id="a long path that is not text",
        ),
        pytest.param(
            lambda: alter("UPDATE file SET path = CAST(path AS BLOB)"),
            ".coverage has a path that no file can have: b'/",
            id="paths that are bytes",
        ),
        pytest.param(
            lambda: write_report_of("a\0b"),
            r"has a path that no file can have: 'a\x00b'",
            id="a NUL in a report",
        ),
        pytest.param(lambda: write_report_of(""), "no file was measured", id="a report of nothing"),
        pytest.param(
            lambda: exclude("(a+)+$"),
            f"reading coverage of shop.py {TIME}; raise the limit, exclude the file, or simplify patterns",
            id="a pattern that backtracks",
        ),
        pytest.param(
            lambda: write_settings("[paths]\nsource =\n    a\0b\n    /old\n"),
            r"expected a path, got 'a\x00b'",
            id="a NUL in settings",
        ),
    ],
        "a view",
        "a large file",
        "a NUL in a path",
        "a NUL in settings",
    ),
)  # fmt: skip
def test_a_run_ends(project: Path, program: Program, make: Callable[[], None], message: str) -> None:
    (project / "pyproject.toml").write_text(LIMITS)
    make()
    said = program("check", "--no-cache", "--coverage", ".coverage", code=2).err
    assert message in said
    assert said.startswith("error: ")
    assert said.count("\n") == 1, said
    assert len(said) < 1000


@NEEDS_SIGNALS
@pytest.mark.parametrize(
    ("number", "message"),
    [
        (getattr(signal, "SIGXCPU", 24), f" {TIME}; "),
        (signal.SIGTERM, " ended (SIGTERM); run the check again"),
    ],
)
def test_a_process_that_is_killed_is_reported(
    project: Path,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    message: str,
) -> None:
    class Killing(Watch):
        def find_excess(self, limits: ResourceLimits) -> None:
            os.kill(self._pid, number)

    (project / "pyproject.toml").write_text(LIMITS)
    exclude("(a+)+$")
    monkeypatch.setattr(child, "Watch", Killing)
    assert message in program("check", "--no-cache", "--coverage", ".coverage", "shop.py", code=2).err


def test_without_a_process_nothing_is_read(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    said = program("check", "--no-cache", "--coverage", ".coverage", code=2)
    assert "error: can't start a process to read coverage data: can't find" in said.err


def test_files_measured_by_a_plugin_are_unknown(project: Path, program: Program) -> None:
    alter("INSERT INTO tracer SELECT id, 'some.plugin' FROM file")
    said = program("check", "--coverage", ".coverage").out
    assert "coverage: the data is of other files, such as " in said
    assert "coverage: .coverage has no data for any of the 2 checked files; " in said
