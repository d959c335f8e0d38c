"""Commits of several sizes, judged before they are made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.timing import Command
from benchmarks.trees import run_git
from pytest_antipasta.messages import count

SIZES = (1, 5, 20, 100)


class Commits:
    """Command lines that judge what is staged in one tree."""

    def __init__(self, own: Path, peers: Path, tree: Path, store: Path) -> None:
        """Take where programs are, the repository, and a store that knows what is committed there."""
        self._own = own
        self._peers = peers
        self._tree = tree
        self._store = store

    def floor(self) -> Command:
        """Return what any program pays that imports GitPython."""
        line = (str(self._own / "python"), "-c", "import git")
        return Command("python -c 'import git'", line, self._tree)

    def judge(self) -> Iterator[Command]:
        """Yield our hook and complexipy over commits of several sizes, none of which was seen before."""
        hook = (str(self._own / "pytest-antipasta"), "hook", "--cache-dir", str(self._store))
        complexipy = (str(self._peers / "complexipy"), ".", "--staged", "-q")
        for size in SIZES:
            stage = self._stager(size)
            yield Command(f"hook, {count(size, 'file')}", hook, self._tree, prepare=stage)
            yield Command(
                f"complexipy --staged, {count(size, 'file')}", complexipy, self._tree, prepare=stage
            )

    def _stager(self, size: int) -> Callable[[], object]:
        return partial(_stage, self._tree, size)


def _stage(tree: Path, size: int) -> None:
    """Stage a new function in as many files, spread evenly over the tree."""
    run_git(tree, "reset", "--quiet", "--hard")
    files = sorted(tree.rglob("*.py"))
    for path in files[:: len(files) // size][:size]:
        with path.open("a") as file:
            file.write(f"\n\ndef added(value):\n    return value if value > {time.time_ns()} else None\n")
    run_git(tree, "add", "--all")
