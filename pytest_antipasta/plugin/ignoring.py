"""Apply options that ignore parts of the named folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Set
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pytest_antipasta.engine import Task
from pytest_antipasta.files import Selection, display_path, rebase
from pytest_antipasta.plugin.arguments import Asked
from pytest_antipasta.plugin.items import SUFFIX


def narrow(
    config: pytest.Config, root: Path, asked: Asked, selection: Selection, tasks: list[Task]
) -> tuple[Selection, list[Task]]:
    """Return the requested locations without ignored ones, by the paths at the start of the run."""
    return leave_out_ignored(config, root, *leave_out_below(root, asked, selection, tasks))


def leave_out_ignored(
    config: pytest.Config, root: Path, selection: Selection, tasks: list[Task]
) -> tuple[Selection, list[Task]]:
    """Return the requested locations without those that pytest ignores, and their tasks."""
    paths, globs = config.getoption("ignore") or (), config.getoption("ignore_glob") or ()
    options = [*(f"--ignore {path}" for path in paths), *(f"--ignore-glob {glob}" for glob in globs)]
    if not options:
        return selection, tasks
    is_ignored = _make_filter(config.invocation_params.dir, root, paths, globs)
    kept = [task for task in tasks if not is_ignored(task.location)]
    if len(kept) == len(tasks):
        return selection, tasks
    return selection._replace(narrowed_by=(*(selection.narrowed_by or ()), *options)), kept


def leave_out_below(
    root: Path, asked: Asked, selection: Selection, tasks: list[Task]
) -> tuple[Selection, list[Task]]:
    """Return the requested locations without subfolders of folders whose items were requested."""
    locations = [rebase(root, location) for location in asked.locations or ()]
    items = filter(os.path.isdir, locations[: asked.items])
    folders = set(items).difference(locations[asked.items :])
    if not folders:
        return selection, tasks
    is_asked_for = _make_choice(folders, {*locations} - folders)
    kept = [task for task in tasks if is_asked_for(task.location)]
    names = {display_path(root, folder) for folder in folders}
    narrowed_by = (name + SUFFIX if name in names else name for name in selection.narrowed_by or ())
    return selection._replace(narrowed_by=tuple(narrowed_by)), kept


def _make_choice(folders: Set[str], others: Set[str]) -> Callable[[str], bool]:
    """Return a function that tests whether a file is directly in a folder, or at or below another place."""
    whole = tuple(os.path.join(other, "") for other in others)
    return lambda location: (
        os.path.dirname(location) in folders or location in others or location.startswith(whole)
    )


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
