"""What ``--ignore`` and ``--ignore-glob`` leave out, of source files as of tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from itertools import filterfalse
from pathlib import Path

import pytest

from pytest_antipasta.engine import Run


def leave_out_ignored(config: pytest.Config, run: Run) -> None:
    """Leave out of a run what pytest is told to ignore."""
    paths, globs = config.getoption("ignore") or (), config.getoption("ignore_glob") or ()
    if not paths and not globs:
        return
    is_ignored = _make_filter(config.invocation_params.dir, run.rules.settings.root, paths, globs)
    locations = {task.location for task in run.tasks}
    kept = set(filterfalse(is_ignored, locations))
    if kept != locations:
        run.keep_to(kept)
        options = [f"--ignore {path}" for path in paths] + [f"--ignore-glob {glob}" for glob in globs]
        run.selection = run.selection._replace(narrowed_by=(*(run.selection.narrowed_by or ()), *options))


def _make_filter(
    folder: Path, root: Path, paths: Iterable[str], globs: Iterable[str]
) -> Callable[[str], bool]:
    """Return what tells whether a file or a folder above it, up to the root, is named."""
    locations = {os.path.normpath(folder / path) for path in paths}
    patterns = [os.path.normpath(folder / glob) for glob in globs]

    def is_named(path: str) -> bool:
        return path in locations or any(fnmatch(path, pattern) for pattern in patterns)

    return lambda location: any(map(is_named, _iter_upwards(location, str(root))))


def _iter_upwards(location: str, root: str) -> Iterator[str]:
    while location != root and location != (parent := os.path.dirname(location)):
        yield location
        location = parent
