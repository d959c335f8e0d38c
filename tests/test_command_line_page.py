"""``docs/command-line.md`` shows every option, and what it shows is what happens."""

from __future__ import annotations

import argparse
import io
import re
import shlex
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main, make_parser
from tests.documents import run_page

PAGE = Path(__file__).parent.parent / "docs" / "command-line.md"
OWN = ("check", "measure", "explain")


def test_every_command_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: str) -> str:
        line, _, source = command.partition(" < ")
        data = (tmp_path / source).read_bytes() if source else b""
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        program, *args = shlex.split(line)
        assert program == "pytest-antipasta"
        main(args)
        return "".join(capsys.readouterr())

    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run_page(PAGE, tmp_path, run) > 15


def find_commands() -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = (
        action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    return dict(subparsers.choices)


def test_every_command_is_there() -> None:
    rows = re.findall(r"^\| \[?`(\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(find_commands()) <= set(rows)


@pytest.mark.parametrize("name", OWN)
def test_every_option_is_there(name: str) -> None:
    """In the command's own section, or among those of several commands."""
    text = PAGE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    shown = sections[f"`{name}`"] + sections["Options of several commands"]
    options = {option for action in find_commands()[name]._actions for option in action.option_strings}
    assert sorted(option for option in options - {"-h", "--help"} if f"`{option}" not in shown) == []
