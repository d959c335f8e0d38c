"""Repositories with a history, and what ``trend`` says of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository
from tests.tables import ONE_LIMIT

DAY = 86_400
FIRST_DAY = 1_500_000_000


def function(complexity: int, name: str = "f", value: int = 0) -> str:
    """Return a function; the limit is 3."""
    body = "".join(f"    if a == {number}: a += 1\n" for number in range(complexity - 1))
    return f"def {name}(a):\n{body}    return a + {value}\n"


class Past(Repository):
    """A repository whose commits have a day each, with settings that are not tracked."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str] | None = None) -> None:
        """Create it; without ``capsys`` nothing can be asked of it."""
        super().__init__(path)
        self._capsys = capsys
        (path / "pyproject.toml").write_text(ONE_LIMIT)

    def record(self, files: Mapping[str, str | bytes | None] = {}, day: int = 0, subject: str = "x") -> str:
        """Commit files, ``None`` for those that are to go, and return the commit's name."""
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return commit_all(self.path, subject, FIRST_DAY + day * DAY, exclude=("pyproject.toml",))

    def record_rows(self, rows: Iterable[Sequence[Mapping[str, str | None]]]) -> None:
        """Commit the histories of a table's rows at once, each in a folder of its number, with own functions.

        The rows begin with the same commit, and have one a day.
        """
        histories = [
            [_put_apart(files, str(number)) for files in history] for number, history in enumerate(rows)
        ]
        for day, parts in enumerate(zip_longest(*histories, fillvalue={})):
            self.record({name: text for files in parts for name, text in files.items()}, day)

    def import_commits(self, number: int) -> None:
        """Make commits without files, before all others, and without a worktree of theirs."""
        who = f"committer A. Author <author@example.org> {FIRST_DAY} +0000\ndata 0\n"
        stream = f"commit refs/heads/main\n{who}\n" * number
        subprocess.run(["git", "fast-import", "--quiet"], cwd=self.path, input=stream.encode(), check=True)

    def run(self, *args: str, code: int = 0) -> str:
        """Run ``trend`` and return what it prints; what it warns of stands before."""
        assert self._capsys is not None
        self._capsys.readouterr()
        assert main(["trend", *args]) == code
        said = self._capsys.readouterr()
        return said.err + said.out

    def ask(self, *args: str, code: int = 0) -> dict[str, Any]:
        """Return its JSON."""
        answer: dict[str, Any] = json.loads(self.run(*args, "--format", "json", code=code))
        return answer

    def blob_file(self, name: str) -> Path:
        """Return the file that has an object."""
        blob = self.git("rev-parse", name).strip()
        return self.path / ".git/objects" / blob[:2] / blob[2:]


def _put_apart(files: Mapping[str, str | None], folder: str) -> dict[str, str | None]:
    """Return files in a folder, whose functions no other folder has, and that git takes for no other's."""
    own = "".join(f"# {folder} {number * number}\n" for number in range(50))
    return {
        f"{folder}/{name}": text and text.replace("return a", f"return {folder} + a") + own
        for name, text in files.items()
    }


@pytest.fixture
def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Past:
    """An empty one; the current folder."""
    past = Past(tmp_path / "past", capsys)
    monkeypatch.chdir(past.path)
    return past
