"""``docs/coverage.md``: its commands print what it shows."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.documents.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def test_its_commands_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}

    def run(command: str) -> str:
        program, *arguments = shlex.split(command)
        if program == "python":
            done = subprocess.run(
                [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
            )
            return done.stdout
        main(arguments)
        return "".join(capsys.readouterr())

    assert run_page(PAGE, tmp_path, run) == 2
