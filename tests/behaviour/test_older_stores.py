"""What an earlier version has left: a store, a stat index, a memo, a history and a baseline.

``python -m tests.older COMMIT`` makes an archive of these with the code of a version.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from pytest_antipasta.engine.rules import read_rules
from pytest_antipasta.model.measured import RECORD_SCHEMA
from pytest_antipasta.store import fingerprint
from pytest_antipasta.store.fingerprint import make_fingerprint
from tests.memos import watch_memos
from tests.older.asking import ask
from tests.older.unpacking import ARCHIVES, Older

DAY = 86_400
COMMANDS = (
    ["check"],
    ["check", "--all", "--near=0.5"],
    ["check", "--format=json"],
    ["check", "--format=sarif-all"],
    ["check", "--no-baseline", "--no-ignore", "--format=csv"],
    ["check", "--list-suppressions"],
    ["check", "--staged", "--format=json"],
    ["check", "--diff=HEAD~1", "--format=json"],
    ["hook"],
    ["measure", "--format=json"],
    ["explain", "complex.py::worst", "--format=json"],
    ["trend", "--format=json"],
    ["trend", "plain.py::f"],
    ["baseline", "show"],
)


*OLDER, LAST = sorted(ARCHIVES.glob("*.tar.xz"))


@pytest.fixture(
    params=[*(pytest.param(path, marks=pytest.mark.slow) for path in OLDER), LAST], ids=lambda path: path.name
)
def older(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Older:
    """What a version has written, with its tree as the current folder.

    Only that version's number of records tells it from this one: Python and the packages that measure are
    said to be the same. The tree is large enough for a memo, and its files are settled.
    """
    older = Older(request.param, tmp_path)
    monkeypatch.chdir(older.tree)
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(older.store))
    monkeypatch.setattr(fingerprint, "python_minor", lambda: older.versions["python"])
    monkeypatch.setattr(fingerprint, "installed_version", lambda name: older.versions[name])
    monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    older.settle(read_rules(older.tree))
    set_time(monkeypatch, 10)
    return older


def test_the_version_before_this_one_has_an_archive() -> None:
    expected = f"records-{RECORD_SCHEMA - 1}.tar.xz"
    assert LAST.name == expected, (
        "`python -m tests.older main` writes it; commit it with the new RECORD_SCHEMA"
    )


def set_time(monkeypatch: pytest.MonkeyPatch, later: int) -> None:
    """Let so many seconds go by."""
    now, now_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: now() + later)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + later * 10**9)


@pytest.fixture
def check(older: Older, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Return the JSON of a check that prints nothing else."""

    def check(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["check", "--format=json", *arguments]) == 1
        printed = capsys.readouterr()
        assert printed.err == ""
        report: dict[str, Any] = json.loads(printed.out)
        return report

    return check


def test_every_command_answers_as_without_it(older: Older) -> None:
    kept = older.store.with_name("kept")
    shutil.copytree(older.store, kept)
    for words in COMMANDS:
        shutil.rmtree(older.store)
        shutil.copytree(kept, older.store)
        warm, cold = ask(words), ask([*words, "--no-cache"])
        assert warm == cold, words
        assert "Traceback" not in "".join(warm[1:])


def test_what_it_measured_is_measured_again_once(older: Older, check: Callable[..., dict[str, Any]]) -> None:
    first, second = check(), check()
    number = first["summary"]["files"]
    assert number > 5
    assert (first["run"]["hits"], first["run"]["missed"]) == (0, {"other_versions": number})
    assert (second["run"]["hits"], second["run"]["missed"]) == (number, {})
    assert older.count_rows(make_fingerprint()) >= number


def test_its_memo_is_not_taken_for_one_of_ours(older: Older, monkeypatch: pytest.MonkeyPatch) -> None:
    recalled: list[bool] = []
    watch_memos(monkeypatch, lambda memo: recalled.append(memo is not None))
    assert any(key.startswith(b"memo") for key in older.list_keys())
    answers = [ask(["check"]), ask(["check"]), ask(["check", "--no-cache"])]
    assert recalled == [False, True]
    assert answers[0] == answers[1] == answers[2]


def test_its_baseline_still_tolerates(check: Callable[..., dict[str, Any]]) -> None:
    found = {file["path"]: file for file in check()["files"]}
    tolerated = [(item["qualified_name"], item["why"]) for item in found["lib/more.py"]["tolerated"]]
    assert tolerated == 2 * [("recorded", "baseline")]
    assert found["lib/more.py"]["violations"] == []
    more = Path("lib/more.py")
    more.write_text(more.read_text().replace("    return b\n", "    return b if a and b else a\n", 1))
    worse = {file["path"]: file for file in check()["files"]}["lib/more.py"]
    assert {item["recorded"] for item in worse["violations"]} == {
        item["value"] for item in found["lib/more.py"]["tolerated"]
    }


def test_upkeep_removes_its_records(
    older: Older, check: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert older.count_rows(older.fingerprint) > 5
    check()
    assert older.count_rows(older.fingerprint) > 5
    set_time(monkeypatch, 31 * DAY)
    Path("plain.py").write_text("x = 1\n")
    check()
    assert older.count_rows(older.fingerprint) == 0
    assert older.count_rows(make_fingerprint()) > 0


def test_the_store_itself_is_in_order(older: Older, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "verify"]) == 0
    assert main(["cache", "status", "--format=json"]) == 0
    status = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert status["measurements"] > status["usable_measurements"] == 0
