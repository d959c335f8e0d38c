"""Convert between locations of files and the paths that reports show."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from pytest_antipasta.messages import name_path


def rebase(root: Path, location: str) -> str:
    """Return a location as the walk would spell it, whatever links lead to its folder, in whatever case.

    A folder that contains the root stands for the root.
    """
    folder, name = os.path.split(location)
    is_folder = os.path.isdir(location)
    real = os.path.realpath(location) if is_folder else os.path.join(os.path.realpath(folder), name)
    real_root = os.path.realpath(root)
    if real == real_root or real.startswith(os.path.join(real_root, "")):
        return os.path.normpath(os.path.join(root, spell(real_root, os.path.relpath(real, real_root))))
    return os.fspath(root) if is_folder and real_root.startswith(os.path.join(real, "")) else location


def list_names(folder: str) -> frozenset[str]:
    """Return the names in a folder; none if it can't be listed."""
    with suppress(OSError):
        return frozenset(os.listdir(folder))
    return frozenset()


def spell(folder: str, path: str, list_names: Callable[[str], frozenset[str]] = list_names) -> str:
    """Return a path relative to a folder in the case that its folders list, if the file system ignores case.

    ``list_names`` returns the names in a folder.
    """
    outer, name = os.path.split(path)
    if os.path.isabs(path) or not os.path.lexists(os.path.join(folder, outer, name.swapcase())):
        return path  # the file system tells names apart by case, or there is no such file
    place, names = folder, path.split(os.sep)
    for index, name in enumerate(names):
        listed = list_names(place)
        if name not in listed and os.path.lexists(os.path.join(place, name)):
            names[index] = next((each for each in listed if each.casefold() == name.casefold()), name)
        place = os.path.join(place, names[index])
    return os.sep.join(names)


def path_from(folder: str | Path, location: str, paths: ModuleType = os.path) -> str:
    """Return the posix path of a location from a folder; on another drive of Windows, an absolute one.

    Args:
        folder: folder that the path is relative to.
        location: an absolute path.
        paths: the path module of a system, such as ``ntpath`` for Windows.
    """
    try:
        found: str = paths.relpath(location, folder)
    except ValueError:
        found = location
    return found.replace(paths.sep, "/")


def display_path(root: Path, location: str) -> str:
    r"""Return a posix path for display: relative to the root, or absolute outside it.

    Bytes that are not UTF-8 are shown as ``\xff``; terminals need further escapes.
    """
    return name_path(name_below(root, location))


def name_below(root: Path, location: str) -> str:
    """Return a posix path relative to the root, or an absolute one, for matching and opening."""
    start = os.path.join(root, "")
    if location.startswith(start) and os.path.normpath(location) == location != start:
        inside = location[len(start) :]  # fifty times faster, for thousands of files
    else:
        inside = os.path.relpath(location, root) if Path(location).is_relative_to(root) else location
    return inside.replace(os.sep, "/")
