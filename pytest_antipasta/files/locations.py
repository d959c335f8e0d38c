"""Convert between locations of files and the paths that reports show."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from pytest_antipasta.messages import name_path


def rebase(root: Path, location: str) -> str:
    """Return a location as the walk would spell it, whatever links lead to its folder.

    A folder that contains the root stands for the root.
    """
    folder, name = os.path.split(location)
    is_folder = os.path.isdir(location)
    real = os.path.realpath(location) if is_folder else os.path.join(os.path.realpath(folder), name)
    real_root = os.path.realpath(root)
    if real == real_root or real.startswith(os.path.join(real_root, "")):
        return os.path.normpath(os.path.join(root, os.path.relpath(real, real_root)))
    return os.fspath(root) if is_folder and real_root.startswith(os.path.join(real, "")) else location


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
    if location.startswith(start) and os.path.normpath(location) == location:
        inside = location[len(start) :]  # fifty times faster, for thousands of files
    else:
        inside = os.path.relpath(location, root) if Path(location).is_relative_to(root) else location
    return inside.replace(os.sep, "/")
