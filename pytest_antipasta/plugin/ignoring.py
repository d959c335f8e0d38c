"""Apply options that ignore parts of the named folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import pytest

from pytest_antipasta.engine.opening import Narrow, keep_files
from pytest_antipasta.files.selection import Selection
from pytest_antipasta.files.source import Source


def find_ignoring(config: pytest.Config, root: Path) -> Narrow | None:
    """Return what leaves out the files that pytest ignores; ``None`` if no option ignores any."""
    paths, globs = config.getoption("ignore") or (), config.getoption("ignore_glob") or ()
    options = [*(f"--ignore {path}" for path in paths), *(f"--ignore-glob {glob}" for glob in globs)]
    keeps = _make_filter(config.invocation_params.dir, root, paths, globs)
    return partial(_leave_out, keeps, options) if options else None


def _leave_out(
    keeps: Callable[[str], bool], options: Iterable[str], selection: Selection, sources: list[Source]
) -> tuple[Selection, list[Source]]:
    """Return the kept files; the options are named if they leave out any."""
    selection, kept = keep_files(keeps, selection, sources)
    if len(kept) == len(sources):
        return selection, sources
    return selection._replace(narrowed_by=(*(selection.narrowed_by or ()), *options)), kept


def _make_filter(
    folder: Path, root: Path, paths: Iterable[str], globs: Iterable[str]
) -> Callable[[str], bool]:
    """Return a function that tests that a file is not named, nor one of its folders up to the root.

    Upper and lower case are the same on Windows alone, as for pytest.
    """
    locations = {os.path.normcase(os.path.normpath(folder / path)) for path in paths}
    patterns = [os.path.normpath(folder / glob) for glob in globs]

    def is_named(path: str) -> bool:
        return os.path.normcase(path) in locations or any(fnmatch(path, pattern) for pattern in patterns)

    return lambda location: not any(map(is_named, _iter_upwards(location, str(root))))


def _iter_upwards(location: str, root: str) -> Iterator[str]:
    while location != root and location != (parent := os.path.dirname(location)):
        yield location
        location = parent
