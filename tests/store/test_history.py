"""The store for contents of old commits, which stands apart from the other one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.cli import main
from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.engine.storage.storage import current_fingerprint, open_storage
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.store.records import encode_record

Capture = pytest.CaptureFixture[str]
DIGESTS = [bytes([number]) * 32 for number in range(60)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that was checked, and a store with the contents of some old ones."""
    (tmp_path / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(cache_dir: Path, **settings: Any) -> list[str]:
    """Keep something under each digest, and return what is told of it."""
    diagnostics = Diagnostics()
    changed = replace(load_settings(Path.cwd()).settings, **settings)
    memory = open_storage(changed, cache_dir, is_history=True, diagnostics=diagnostics)
    record = encode_record(measure(b"def f(a):\n    return a\n" * 40))
    for digest in DIGESTS:
        memory.keep(digest, record)
    memory.write()
    warnings = [warning.text for warning in diagnostics.take()]
    memory.close()
    return warnings


def ask(capsys: Capture, *args: str, code: int = 0) -> dict[str, Any]:
    """Return the JSON of a command."""
    capsys.readouterr()
    assert main(["cache", *args, "--format", "json"]) == code
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_status_tells_of_both(project: Path, cache_dir: Path, capsys: Capture) -> None:
    main(["check"])
    assert ask(capsys, "status")["history"] is None
    fill(cache_dir)
    facts = ask(capsys, "status")
    assert facts["measurements"] == 1
    assert (
        facts["history"].items() >= {"measurements": 60, "usable_measurements": 60, "max_size": 200e6}.items()
    )
    capsys.readouterr()
    main(["cache", "status"])
    assert " entries (60 measurements, 60 of this version), " in capsys.readouterr().out


def test_what_does_not_fit_goes_and_the_worktree_keeps_its_own(
    project: Path, cache_dir: Path, capsys: Capture
) -> None:
    main(["check"])
    (told,) = fill(cache_dir, history_max_size_mb=0.1)
    assert "set history_max_size_mb = " in told
    facts = ask(capsys, "status")
    assert facts["history"]["measurements"] < 60
    assert facts["measurements"] == 1


@pytest.mark.parametrize("args", [["clear"], ["prune", "--days", "0"]])
def test_both_are_emptied(project: Path, cache_dir: Path, capsys: Capture, args: list[str]) -> None:
    main(["check"])
    fill(cache_dir)
    assert ask(capsys, *args)["removed"] >= 61
    facts = ask(capsys, "status")
    assert (facts["measurements"], facts["history"]["measurements"]) == (0, 0)


def test_paths_are_pruned_from_the_worktrees_alone(project: Path, cache_dir: Path, capsys: Capture) -> None:
    main(["check"])
    fill(cache_dir)
    assert ask(capsys, "prune", "a.py")["removed"] == 1
    assert ask(capsys, "status")["history"]["measurements"] == 60


def test_bad_entries_are_found_and_removed(project: Path, cache_dir: Path, capsys: Capture) -> None:
    main(["check"])
    fill(cache_dir)
    with closing(sqlite3.connect(cache_dir / "history/v1/cache.db")) as database, database:
        database.execute("UPDATE Cache SET value = CAST('no' AS BLOB) WHERE key = ?", (key(3),))
    facts = ask(capsys, "verify", code=1)
    assert [one["key"] for one in facts["bad"]] == [key(3).hex()]
    assert facts["entries"] >= 62
    ask(capsys, "verify", "--repair")
    assert ask(capsys, "verify")["bad"] == []


def key(number: int) -> bytes:
    return DIGESTS[number] + current_fingerprint()
