"""A project with a pull request, and clones of it as CI services make them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.commits import commit_all
from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.recipes.runner import BIN

SETTINGS = """\
[tool.pytest-antipasta]
paths = ["."]

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 2
"""
GOOD = "def {}(a):\n    return a\n"
BAD = "def {}(a):\n" + "    if a:\n        a += 1\n" * 4 + "    return a\n"


class Hosted:
    """A repository of a service, with the branch `topic` whose pull request is 1.

    ``main`` has fifty commits, a function over the limit from before, and one from after ``topic`` began.

    Attributes:
        path: of the repository.
        began: the commit at which the branch began.
    """

    def __init__(self, path: Path) -> None:
        self._work = Repository(path)
        self.path = path
        self.began = ""

    def build(self) -> None:
        """Make its commits."""
        # As services allow it, for what is not the tip of a branch.
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        for number in range(50):
            commit_all(self.path, str(number))
        self.commit("old.py", BAD.format("old"), "pyproject.toml", SETTINGS)
        self.began = self.head()
        self.git("checkout", "--quiet", "-b", "topic")
        self.commit("sub/new.py", BAD.format("new"), "good.py", GOOD.format("good"))
        self.git("checkout", "--quiet", "main")
        self.commit("other.py", BAD.format("other"))
        self.merge()

    def record_old(self, value: int) -> None:
        """Leave one function over the limit on ``main``, with an entry of the baseline."""
        entry = {"path": "old.py", "qualified_name": "old", "metric": "cyclomatic_complexity", "value": value}
        baseline = json.dumps({"schema_version": 1, "entries": [entry]})
        self.commit("other.py", GOOD.format("other"), "antipasta-baseline.json", baseline)

    def git(self, *args: str) -> str:
        """Run git in it."""
        return self._work.git(*args)

    def head(self, name: str = "HEAD") -> str:
        """Return the commit of a name."""
        return self.git("rev-parse", name).strip()

    def commit(self, *files: str) -> None:
        """Commit files, each a path and its text."""
        for name, text in zip(files[::2], files[1::2], strict=True):
            (self.path / name).parent.mkdir(exist_ok=True)
            (self.path / name).write_text(text)
        commit_all(self.path, "files")

    def merge(self) -> None:
        """Merge the pull request as services do, beside its branches."""
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--message=merge", "topic")
        self.git("update-ref", "refs/pull/1/merge", "HEAD")
        self.git("checkout", "--quiet", "main")

    def clone(self, ref: str, folder: Path, depth: int = 1) -> Repository:
        """Return a clone with some commits of one reference, checked out."""
        clone = Repository(folder)
        clone.git("remote", "add", "origin", self.path.as_uri())
        clone.git("fetch", "--quiet", "--no-tags", *([f"--depth={depth}"] if depth else []), "origin", ref)
        clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        return clone


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch, forked_python: ForkedPython) -> None:
    """Let scripts find our programs, the checker in a forked Python."""
    monkeypatch.setenv("PATH", str(BIN), prepend=os.pathsep)
    monkeypatch.setenv("PATH", str(forked_python.make_program()), prepend=os.pathsep)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Hosted:
    """The repository as it is in the beginning, which no test changes."""
    hosted = Hosted(tmp_path_factory.mktemp("built") / "hosted")
    hosted.build()
    return hosted


@pytest.fixture
def hosted(built: Hosted, tmp_path: Path) -> Hosted:
    """The repository at its service."""
    hosted = Hosted(shutil.copytree(built.path, tmp_path / "hosted"))
    hosted.began = built.began
    return hosted


def commit_store(clone: Repository, *, as_link: bool = False) -> None:
    """Commit what the templates have a store in, or a link in its place."""
    folder = clone.path / ".cache"
    if as_link:
        (clone.path.parent / "elsewhere/antipasta").mkdir(parents=True)
        folder.symlink_to("../elsewhere")
    else:
        (folder / "antipasta/v1").mkdir(parents=True)
        (folder / "antipasta/v1/cache.db").write_bytes(b"forged")
    clone.git("add", ".cache")
    clone.git("commit", "--quiet", "-m", "a store")
