"""Settings that don't count, as they stand below the root or where none are read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_antipasta.fileio import read_regular
from pytest_antipasta.messages import format_argument, format_path
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings

_TABLE = re.compile(
    rb"""^[ \t]*\[\[?[ \t]*tool[ \t]*\.[ \t]*["']?pytest-antipasta["' \t]*[].]""", re.MULTILINE
)
_SECTION = re.compile(rb"^\[(?:tool:)?(?:pytest[-_])?antipasta\]", re.MULTILINE)
_MISNAMED = ("antipasta.toml", ".antipasta.toml", "pytest-antipasta.toml", ".antipasta.yml")
_MOST_NAMES = 5
_OURS = "[tool.pytest-antipasta] of"


def iter_nested_notes(settings: Settings, locations: Iterable[str]) -> Iterator[str]:
    """Yield a line where files, by their absolute locations, have nearer settings than they are judged by."""
    found = sorted(filter(None, map(_find_settings, _find_folders(settings.root, locations))))
    if not found:
        return
    names = [format_path(Path(path)) for path in found[:_MOST_NAMES]]
    option = f"--config {format_argument(names[0])} (pytest: --antipasta-config)"
    if len(found) > _MOST_NAMES:
        names.append(f"{len(found) - _MOST_NAMES} more")
    yield (
        f"settings that don't count in this run: {', '.join(names)}; they do for a run in their folder, or "
        f"with {option}"
    )


def iter_misplaced_notes(start: Path, settings: Settings) -> Iterator[str]:
    """Yield a line for each file that looks like settings and is not read, from a folder up to the root."""
    for folder in (start, *start.parents):
        for path in _iter_misplaced(folder):
            yield f"{format_path(path)}: has no effect; settings stand in {_OURS} pyproject.toml"
        if folder == settings.root:
            break
    pyproject, antipasta = (settings.root / name for name in SETTINGS_NAMES)
    if settings.source == pyproject and os.path.isfile(antipasta):
        yield f"{format_path(antipasta)}: has no effect beside {_OURS} {format_path(pyproject)}"


def _find_folders(root: Path, locations: Iterable[str]) -> set[str]:
    """Return the folders that lead from the root to some files, without the root."""
    below, found = os.path.join(root, ""), set[str]()
    for folder in {os.path.dirname(location) for location in locations}:
        while folder.startswith(below) and folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)
    return found


def _find_settings(folder: str) -> str | None:
    """Return the file of a folder that would be its settings."""
    pyproject, antipasta = (os.path.join(folder, name) for name in SETTINGS_NAMES)
    if _has(pyproject, _TABLE):
        return pyproject
    return antipasta if os.path.isfile(antipasta) else None


def _iter_misplaced(folder: Path) -> Iterator[Path]:
    yield from filter(os.path.isfile, (folder / name for name in _MISNAMED))
    if _has(config := folder / "setup.cfg", _SECTION):
        yield config


def _has(path: str | Path, pattern: re.Pattern[bytes]) -> bool:
    try:
        return os.path.isfile(path) and pattern.search(read_regular(Path(path))) is not None
    except OSError:
        return False
