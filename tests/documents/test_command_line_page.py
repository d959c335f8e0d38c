"""``docs/command-line.md``: what it shows is what happens; ``test_reference`` holds its tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_antipasta import RunFacts
from pytest_antipasta.cli.program import make_parser
from pytest_antipasta.model.changes import BlockChange, Changes, MetricChange, NotCompared
from tests.conftest import Program
from tests.documents.reference import find_inner

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_every_command_has_a_section() -> None:
    commands = find_inner(make_parser())
    assert [name for name in commands if f"`{name}`" not in SECTIONS] == []


def test_every_key_of_the_report_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text("def f(:\n")
    report = json.loads(program("check", "--format", "json", code=3).out)
    section = SECTIONS["`check`"].partition("### The report for programs")[2]
    named = set(re.findall(r"`(\w+)`", section))
    assert {*report, *report["summary"], *report["run"], *report["files"][0]} <= named
    assert {*RunFacts.__struct_fields__} <= named, "the page of the Python API names this section for them"
    changes, number = BlockChange.__struct_fields__, MetricChange.__struct_fields__
    assert {*Changes.__struct_fields__, *changes, *number, *NotCompared.__struct_fields__} <= named
