"""What a partial clone lacks is never fetched: the repository's settings say by which program."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.git.conftest import configure

WAYS = {
    "check": ["pytest_antipasta", "check"],
    "measure": ["pytest_antipasta", "measure"],
    "hook with a file": ["pytest_antipasta", "hook", "a.py"],
    "pytest": ["pytest", "--antipasta-only", "-p", "no:cacheprovider"],
}


@pytest.fixture
def lacking(repository: Repository, tmp_path: Path) -> Path:
    """A repository whose `.gitignore` is neither in the worktree nor among its objects; return the mark."""
    mark = tmp_path / "mark"
    (repository.path / "a.py").write_text("x = 1\n")
    (repository.path / ".gitignore").write_text("b.py\n")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message=one")
    blob = repository.git("rev-parse", "HEAD:.gitignore").strip()
    repository.git("update-index", "--skip-worktree", ".gitignore")
    (repository.path / ".gitignore").unlink()
    (repository.path / "b.py").write_text("x = 1\n")  # without a file to ask about git reads no rules
    (repository.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    fetching = {"remote.e.url": "ssh://n/x", "remote.e.promisor": "true", "extensions.partialClone": "e"}
    program = {"core.sshCommand": f"touch {mark}; false", "core.repositoryFormatVersion": "1"}
    configure(repository, fetching | program)
    return mark


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_fetched_to_know_what_is_ignored(
    repository: Repository, lacking: Path, forked_python: ForkedPython, way: str
) -> None:
    module, *arguments = WAYS[way]
    done = forked_python.run(module, arguments, repository.path, os.environ)
    assert not lacking.exists()
    assert done.returncode == 0


def test_git_itself_would_fetch_it(repository: Repository, lacking: Path) -> None:
    subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard"], cwd=repository.path, check=False
    )
    assert lacking.exists()
