"""``docs/limits.md``: its examples do what it says, and its table says what holds."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.settings import Settings
from tests.documents.pages import run_page
from tests.limits import SLOW

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"


def test_its_commands_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "generated.py").write_bytes(SLOW)

    def run(command: str) -> str:
        main(shlex.split(command)[1:])
        return "".join(capsys.readouterr())

    assert run_page(PAGE, tmp_path, run) == 1


def test_its_defaults_are_those_of_the_settings() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    settings = Settings(root=Path(), source=None)
    assert {name: getattr(settings, name) for name, _ in rows} == {name: int(text) for name, text in rows}
    assert len(rows) == 4
