"""Patterns of paths (globs), with the meaning that git gives them in a ``.gitignore``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from pytest_antipasta.runtime import trusted_first

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Match: TypeAlias = Callable[[str], bool]
"""Takes a posix path relative to the patterns' folder; a folder's ends with a slash."""

_EXTENSION = re.compile(r"\*(\.\w+)")


@lru_cache(maxsize=256)
def compile_patterns(patterns: tuple[str, ...]) -> Match:
    """Return the test whether the last pattern that speaks of a path, or of a folder above it, selects it.

    A path outside of the patterns' folder, absolute or upwards, is never selected.

    Raises:
        ValueError: a pattern is not valid.
    """
    if not patterns:
        return lambda _: False
    if (endings := _find_endings(patterns)) is not None:
        # The usual case: no need for a library.
        return lambda path: _has_ending(path, endings) and not is_outside(path)
    spec = make_spec(patterns)
    return lambda path: not is_outside(path) and spec.match_file(path)


@lru_cache(maxsize=256)
def compile_file_patterns(patterns: tuple[str, ...]) -> Match:
    """Return the same test for files alone: ``*.py`` selects nothing in a folder of such a name.

    Raises:
        ValueError: a pattern is not valid.
    """
    if (endings := _find_endings(patterns)) is not None:
        return lambda path: path.endswith(endings) and not is_outside(path)
    return compile_patterns(patterns)


def _find_endings(patterns: Iterable[str]) -> tuple[str, ...] | None:
    """Return what names end in, where that is all that the patterns speak of."""
    matches = [_EXTENSION.fullmatch(pattern) for pattern in patterns]
    return tuple(match[1] for match in matches if match) if all(matches) else None


def _has_ending(path: str, endings: tuple[str, ...]) -> bool:
    return path.endswith(endings) or any(f"{ending}/" in path for ending in endings)


def make_spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns compiled by pathspec.

    Raises:
        ValueError: a pattern is not valid.
    """
    with trusted_first():
        from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def is_outside(path: str) -> bool:
    """Whether a path is not below the folder that patterns are relative to."""
    # pathspec would take an absolute path for a relative one.
    return path.startswith(("../", "/")) or (os.name == "nt" and os.path.isabs(path))


def make_path_filter(narrowed_by: tuple[str, ...] | None) -> Match:
    """Return the test whether a path is one of some files, or in one of some folders; all for ``None``."""
    if narrowed_by is None or "." in narrowed_by:
        return lambda _: True
    folders = tuple(f"{name}/" for name in narrowed_by)
    return lambda path: path in narrowed_by or path.startswith(folders)


def iter_steps(path: str) -> Iterator[str]:
    """Yield the folders that lead to a path, with a slash at their ends, and the path itself."""
    parts = path.split("/")
    for number in range(1, len(parts)):
        yield "/".join(parts[:number]) + "/"
    yield path
