"""Apply options that ignore parts of the named folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from itertools import filterfalse
from pathlib import Path

import pytest

from pytest_antipasta.files.selection import Selection
from pytest_antipasta.files.source import Source


def leave_out_ignored(
    config: pytest.Config, root: Path, selection: Selection, sources: list[Source]
) -> tuple[Selection, list[Source]]:
    """Return the requested locations without those that pytest ignores, and their sources."""
    paths, globs = config.getoption("ignore") or (), config.getoption("ignore_glob") or ()
    options = [*(f"--ignore {path}" for path in paths), *(f"--ignore-glob {glob}" for glob in globs)]
    if not options:
        return selection, sources
    is_ignored = _make_filter(config.invocation_params.dir, root, paths, globs)
    kept = [source for source in sources if not is_ignored(source.location)]
    selection = selection._replace(notebooks=tuple(filterfalse(is_ignored, selection.notebooks)))
    if len(kept) == len(sources):
        return selection, sources
    return selection._replace(narrowed_by=(*(selection.narrowed_by or ()), *options)), kept


def _make_filter(
    folder: Path, root: Path, paths: Iterable[str], globs: Iterable[str]
) -> Callable[[str], bool]:
    """Return a function that tests whether a file or one of its folders, up to the root, is named."""
    locations = {os.path.normpath(folder / path) for path in paths}
    patterns = [os.path.normpath(folder / glob) for glob in globs]

    def is_named(path: str) -> bool:
        return path in locations or any(fnmatch(path, pattern) for pattern in patterns)

    return lambda location: any(map(is_named, _iter_upwards(location, str(root))))


def _iter_upwards(location: str, root: str) -> Iterator[str]:
    while location != root and location != (parent := os.path.dirname(location)):
        yield location
        location = parent
