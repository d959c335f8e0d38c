"""Convert paths to ones from the current folder, so that terminals and editors can open them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.messages import show_name
from pytest_antipasta.model.judged import NAMELESS, Verdict
from pytest_antipasta.model.run import RunFacts


def place_path(path: str, root: Path, folder: str | Path = os.curdir) -> str:
    """Return a path relative to the root as one from a folder, the current one by default, for a terminal."""
    if path != NAMELESS and not os.path.isabs(path):
        with suppress(ValueError):  # the root is on another drive
            path = os.path.relpath(root / path, folder).replace(os.sep, "/")
    return show_name(path)


def place_at_top(facts: RunFacts) -> Callable[[str], str]:
    """Return a function that converts a path of a verdict to one from git's top, for services.

    Without a repository, paths stay relative to the root; outside both, they are absolute.
    """
    root = facts.root
    start = posixpath.join(facts.git_top or root, "")

    def place(path: str) -> str:
        if path == NAMELESS or os.path.isabs(path):
            return path.removeprefix(start)
        return posixpath.join(root, path).removeprefix(start)

    return place


def place_verdicts(verdicts: Sequence[Verdict], root: Path, folder: str | Path = os.curdir) -> list[Verdict]:
    """Return verdicts with paths from a folder, the current one by default."""
    if os.path.samefile(root, folder):
        return show_verdicts(verdicts)
    return [replace(verdict, path=place_path(verdict.path, root, folder)) for verdict in verdicts]


def show_verdicts(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return verdicts with paths relative to the root, for a terminal."""
    return [*map(show_verdict, verdicts)]


def show_verdict(verdict: Verdict) -> Verdict:
    """Return a verdict with its path relative to the root, for a terminal."""
    path = show_name(verdict.path)
    return verdict if path == verdict.path else replace(verdict, path=path)
