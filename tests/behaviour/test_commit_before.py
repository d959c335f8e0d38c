"""What the last commit has written, this version reads: a store, a stat index, a memo and a baseline."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pytest_antipasta.engine import memo_keeping
from pytest_antipasta.files import reading
from pytest_antipasta.store.fingerprint import list_versions
from tests.behaviour.test_older_stores import COMMANDS
from tests.conftest import Program
from tests.memos import watch_memos
from tests.older.asking import ask
from tests.older.commits import unpack_before
from tests.older.unpacking import FACTS, STORE, TREE
from tests.older.writing import write_all

pytestmark = pytest.mark.slow


@pytest.fixture
def is_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether records of the last commit are ours; the current folder is a project that it has checked."""
    write_all(tmp_path, unpack_before(tmp_path / "code", "pytest_antipasta").parent)
    monkeypatch.chdir(tmp_path / TREE)
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(tmp_path / STORE))
    monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    monkeypatch.setattr(reading, "_RACY_NANOSECONDS", -(10**9))
    found: bool = json.loads((tmp_path / FACTS).read_text())["versions"] == [*list_versions()]
    return found


def test_its_memo_and_its_records_are_found(
    is_same: bool, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    if not is_same:
        pytest.skip("records have another form now: tests/behaviour/test_older_stores.py")
    recalled: list[bool] = []
    watch_memos(monkeypatch, lambda memo: recalled.append(memo is not None))
    program("check", "--quiet", code=1)
    assert recalled == [sys.platform != "win32"]  # git ignores case there: no memos
    Path("plain.py").write_text("def new(a):\n    return a\n")
    report = json.loads(program("check", "--format=json", code=1).out)
    assert (report["run"]["hits"], report["run"]["misses"]) == (report["summary"]["files"] - 1, 1)


@pytest.mark.usefixtures("is_same")
def test_every_command_answers_as_without_it() -> None:
    for words in COMMANDS:
        warm, cold = ask(words), ask([*words, "--no-cache"])
        assert warm == cold, words
        assert "Traceback" not in "".join(warm[1:])
