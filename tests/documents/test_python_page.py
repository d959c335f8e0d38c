"""The page of the Python API names all that it has, and its example runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from inspect import signature
from pathlib import Path

import pytest

from pytest_antipasta import Finding, Report, check
from tests.documents.pages import run_page

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S))


def test_its_example_prints_what_it_shows(tmp_path: Path) -> None:
    def run(command: str) -> str:
        program, *args = shlex.split(command)
        assert program == "python"
        done = subprocess.run(
            [sys.executable, *args], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert run_page(PAGE, tmp_path, run) == 1


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Check files", list(signature(check).parameters)),
        ("Report", [*Report.__struct_fields__, "status", "measurements"]),
        ("Finding", Finding.__struct_fields__),
    ],
)
def test_every_name_has_a_row(title: str, names: list[str]) -> None:
    rows = [line.split(" | ")[0] for line in SECTIONS[title].split("\n") if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(names)
