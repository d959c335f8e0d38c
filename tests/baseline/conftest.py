"""Roots with a baseline, asked through the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_antipasta.baseline.file import DEFAULT_NAME
from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository

LIMIT = 3
SETTINGS = """\
[tool.pytest-antipasta]
{keys}
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
cognitive_complexity = false
maintainability_index = {index}
halstead_volume = false
halstead_difficulty = false
halstead_effort = false
"""


class Said(NamedTuple):
    """What a command answered.

    Attributes:
        code: its exit code.
        out: the lines that it printed.
        err: the lines that it warned of.
    """

    code: int
    out: list[str]
    err: list[str]


def function(complexity: int, name: str = "f", end: str = "return a") -> str:
    """Return a function; the limit is 3."""
    body = "".join(f"    if a == {number}: a += 1\n" for number in range(complexity - 1))
    return f"def {name}(a):\n{body}    {end}\n"


class Root(Repository):
    """A folder with settings, and git around it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Create it."""
        super().__init__(path)
        self._capsys = capsys
        self.baseline = path / DEFAULT_NAME
        self.configure()

    def configure(self, keys: str = "", index: str = "false", more: str = "") -> None:
        """Write the settings, with a limit by which files fail, and more limits."""
        limit = index if index == "false" else f'{{ limit = {index}, level = "error" }}'
        self.write("pyproject.toml", SETTINGS.format(keys=keys, index=limit) + more)

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, *args: str) -> Said:
        """Run a command in it."""
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.path)
            code = main(args)
        out, err = self._capsys.readouterr()
        return Said(code, out.splitlines(), err.splitlines())

    def check(self, *args: str) -> list[str]:
        """Return the lines that `check` prints of what is over a limit."""
        said = self.run("check", "--quiet", *args)
        assert said.err == []
        lines = [line for line in said.out if "violation" not in line]
        assert said.code == (1 if lines else 0)
        return lines

    def record(self, *entries: dict[str, Any]) -> None:
        """Write a baseline of some entries."""
        self.baseline.write_text(json.dumps({"schema_version": 1, "entries": entries}))

    def entries(self) -> list[tuple[str, int | float]]:
        """Return the places and values of the baseline, in its order."""
        return [
            (f"{entry['path']}::{entry.get('qualified_name', entry['metric'])}", entry["value"])
            for entry in read_entries(self.baseline)
        ]

    def commit(self) -> None:
        """Commit everything."""
        commit_all(self.path, "a commit")


def read_entries(path: Path) -> Sequence[dict[str, Any]]:
    """Return the entries of a file as they are there."""
    return [entry for entry in json.loads(path.read_bytes())["entries"] if entry is not None]


@pytest.fixture
def root(made_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Root:
    """A root without files."""
    return Root(tmp_path / "root", capsys)
