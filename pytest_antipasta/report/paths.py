"""Convert paths to ones from the current folder, so that terminals and editors can open them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePath
from typing import TypeAlias

from pytest_antipasta.messages import show_name
from pytest_antipasta.model.judged import NAMELESS
from pytest_antipasta.model.run import RunFacts

ShowPath: TypeAlias = Callable[[str], str]
"""Converts the path of a verdict for display."""


def show_from(root: Path, folder: str | Path = os.curdir) -> ShowPath:
    """Return a function that converts a path to one from a folder, the current one by default."""
    # The root of a commit need not be on disk.
    is_same = os.path.realpath(root) == os.path.realpath(folder)
    return show_name if is_same else partial(_show_path, root, folder)


def _show_path(root: Path, folder: str | Path, path: str) -> str:
    if path != NAMELESS and not os.path.isabs(path):
        path = os.path.join(root, path)
        with suppress(ValueError):  # the root is on another drive
            path = os.path.relpath(path, folder)
        path = path.replace(os.sep, "/")
    return show_name(path)


def show_from_top(facts: RunFacts) -> ShowPath:
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


def make_uri(path: PurePath) -> str:
    """Return the URI of an absolute path.

    Since CPython 3.14, ``Path.as_uri`` imports a client for the web, from the current folder if that has one.
    """
    from urllib.parse import quote_from_bytes

    posix, drive = path.as_posix(), path.drive
    start = "file://"
    if len(drive) == len("C:"):
        start, posix = f"file:///{drive}", posix.removeprefix(drive)
    elif drive:  # a share of Windows, which has the slashes
        start = "file:"
    return start + quote_from_bytes(os.fsencode(posix))
