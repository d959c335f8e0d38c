"""What stands for the bodies of functions is kept beside their record, and worked out once a content."""

from __future__ import annotations

import ast
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.metrics.source import parse_source
from tests.gate.conftest import Guarded, function

OF_BODIES = "length(key) = 41"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were parsed for their bodies."""
    found: list[str] = []

    def note(text: str) -> ast.Module:
        found.append(text)
        return parse_source(text)

    monkeypatch.setattr("pytest_antipasta.metrics.following.bodies.parse_source", note)
    return found


@pytest.fixture
def edited(guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """A repository in which functions are edited, renamed and commented, with a store of its own."""
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(tmp_path / "store"))
    guarded.stage("more.py", function(4, "g") + function(6, "h") + function(2, "same"))
    guarded.record()
    guarded.stage("old.py", function(5, end="return -a"))
    commented = function(6, "h").replace(":", ":  # new", 1)
    guarded.stage("more.py", "# moved\n" + function(4, "renamed") + commented + function(2, "same"))
    return guarded


def ask(store: Path, statement: str) -> list[tuple[bytes]]:
    """Return what the database of a store answers."""
    with closing(sqlite3.connect(store / "v1" / "cache.db")) as connection, connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("command", [["hook"], ["check", "--staged", "--format=json"]])
def test_a_second_look_at_the_same_change_parses_nothing(
    edited: Guarded, parsed: list[str], command: list[str]
) -> None:
    first = edited.say(*command)
    assert parsed
    assert not any("same" in text for text in parsed), "what has the text that it had is not parsed"
    parsed.clear()
    second = edited.say(*command)
    assert second.code == first.code
    assert second.out.partition('"run"')[0] == first.out.partition('"run"')[0]
    assert not parsed


def test_the_next_edit_takes_the_bodies_of_what_it_edits_alone(edited: Guarded, parsed: list[str]) -> None:
    edited.say("check", "--staged")
    edited.stage("old.py", function(5, end="return +a"))
    parsed.clear()
    edited.say("check", "--staged")
    assert len(parsed) == 1 and "return +a" in parsed[0]


def test_a_run_over_files_has_no_bodies(edited: Guarded, parsed: list[str], tmp_path: Path) -> None:
    edited.say("check")
    assert ask(tmp_path / "store", "SELECT key FROM Cache WHERE length(key) = 40")
    assert not ask(tmp_path / "store", f"SELECT key FROM Cache WHERE {OF_BODIES}")
    assert not parsed


@pytest.mark.parametrize("damage", ["CAST(value || x'00' AS BLOB)", "NULL"])
def test_bodies_that_are_damaged_are_worked_out_again(
    edited: Guarded, parsed: list[str], tmp_path: Path, damage: str
) -> None:
    first = edited.say("hook")
    number = len(parsed)
    assert ask(tmp_path / "store", f"SELECT key FROM Cache WHERE {OF_BODIES}")
    ask(tmp_path / "store", f"UPDATE Cache SET value = {damage} WHERE {OF_BODIES}")
    assert edited.say("cache", "verify").code == 1
    parsed.clear()
    assert edited.say("hook") == first
    assert len(parsed) == number
    assert edited.say("cache", "verify").code == 0


def test_bodies_of_a_content_go_with_its_record(edited: Guarded, tmp_path: Path) -> None:
    edited.say("check", "--staged")
    edited.say("cache", "prune", "old.py", "more.py")
    left = ask(tmp_path / "store", f"SELECT substr(key, 1, 32) FROM Cache WHERE {OF_BODIES}")
    records = ask(tmp_path / "store", "SELECT substr(key, 1, 32) FROM Cache WHERE length(key) = 40")
    assert left
    assert set(left) <= set(records), "those of what the files were before"
