"""Lists of path patterns (globs), with the meaning of lines in a ``.gitignore``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, groupby, product
from operator import attrgetter
from typing import TypeAlias

Match: TypeAlias = Callable[[str], bool]
"""Takes a posix path relative to the folder of the patterns; a folder ends with a slash."""

# A suffix; a few characters may have two forms each. Git compares bytes, so these are ASCII.
_EXTENSION = re.compile(r"\*(\.(?:\w*\[[a-zA-Z0-9]{2}\]){0,4}\w*)")
_FORMS = re.compile(r"\[(\w\w)\]|(.)")


class Patterns:
    """A list of patterns, of which the last one that matches a path decides."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile patterns; those that can't match anything are skipped."""
        from pytest_antipasta.settings.globs import as_bytes, translate

        self._as_bytes = as_bytes
        globs = [glob for glob in map(translate, patterns) if glob is not None]
        # Adjacent patterns with the same effect can be combined.
        runs = [(takes_back, [*run]) for takes_back, run in groupby(globs, attrgetter("takes_back"))]
        self._runs = [
            (
                not takes_back,
                _compile(glob.regex for glob in run),
                _compile(glob.regex for glob in run if not glob.is_of_folders),
            )
            for takes_back, run in reversed(runs)
        ]
        self._folders = {"": False}

    def decide(self, path: str) -> bool | None:
        """Return whether a path is selected or deselected; ``None`` if no pattern matches the path itself."""
        name = self._as_bytes(path)
        is_folder = name.endswith("/")
        name = name.rstrip("/")
        for is_selected, of_folders, of_files in self._runs:
            if (of_folders if is_folder else of_files)(name):
                return is_selected
        return None

    def select(self, path: str) -> bool:
        """Return whether a path or one of its folders is selected: inside, nothing can be deselected."""
        folder = path[: path.rstrip("/").rfind("/") + 1]
        if folder not in self._folders:
            self._folders[folder] = any(self.decide(step) is True for step in iter_steps(folder))
        return self._folders[folder] or self.decide(path) is True


def _compile(regexes: Iterable[str]) -> Callable[[str], object]:
    return re.compile("|".join(regexes) or "(?!)", re.DOTALL).fullmatch


@lru_cache(maxsize=256)
def compile_patterns(patterns: tuple[str, ...]) -> Match:
    """Return a function that tests whether patterns select a path, see :meth:`Patterns.select`.

    A path outside the patterns' folder, absolute or upwards, is never selected.
    """
    if not patterns:
        return lambda _: False
    if (endings := _find_endings(patterns)) is not None:
        return lambda path: _has_ending(path, endings) and not is_outside(path)
    select = Patterns(patterns).select
    return lambda path: not is_outside(path) and select(path)


@lru_cache(maxsize=256)
def compile_file_patterns(patterns: tuple[str, ...]) -> Match:
    """Return such a function for files only: ``*.py`` selects nothing in a folder with such a name."""
    if (endings := _find_endings(patterns)) is not None:
        last = frozenset(ending[-1] for ending in endings)  # faster than many comparisons
        return lambda path: path[-1:] in last and path.endswith(endings) and not is_outside(path)
    return compile_patterns(patterns)


def _find_endings(patterns: Iterable[str]) -> tuple[str, ...] | None:
    """Return the suffixes if the patterns consist only of suffixes."""
    matches = [_EXTENSION.fullmatch(pattern) for pattern in patterns]
    if not all(matches):
        return None
    return tuple(chain.from_iterable(_spell_out(match[1]) for match in matches if match))


def _spell_out(ending: str) -> Iterator[str]:
    """Yield the suffixes that a pattern such as ``.[pP]y`` selects."""
    return map("".join, product(*(match[1] or match[2] for match in _FORMS.finditer(ending))))


def _has_ending(path: str, endings: tuple[str, ...]) -> bool:
    return path.endswith(endings) or any(f"{ending}/" in path for ending in endings)


def is_outside(path: str) -> bool:
    """Return whether a path is outside the folder that patterns are relative to."""
    return path.startswith(("../", "/")) or (os.name == "nt" and os.path.isabs(path))


def make_path_filter(narrowed_by: tuple[str, ...] | None) -> Match:
    """Return a function that tests whether a path is one of some files or in some folders."""
    if narrowed_by is None or "." in narrowed_by:
        return lambda _: True
    folders = tuple(f"{name}/" for name in narrowed_by)
    return lambda path: path in narrowed_by or path.startswith(folders)


def iter_steps(path: str) -> Iterator[str]:
    """Yield the folders of a path, with a slash at their ends, and the path itself."""
    parts = path.split("/")
    for number in range(1, len(parts)):
        yield "/".join(parts[:number]) + "/"
    yield path
