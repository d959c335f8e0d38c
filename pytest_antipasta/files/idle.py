"""Patterns of the settings that match no source file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.files.selection import select_files
from pytest_antipasta.patterns import compile_file_patterns
from pytest_antipasta.settings import Settings

Idle: TypeAlias = tuple[tuple[str | int, ...], str]
"""The key of a pattern, and the pattern."""


def find_idle_patterns(settings: Settings) -> Iterator[Idle]:
    """Yield the patterns that match no source file, those of ``exclude`` none that it could leave out.

    Raises:
        UsageError: a path of the settings is not there.
    """
    files = [file.path for file in select_files(settings).files]
    yield from _find_idle(("include",), settings.include, files)
    if settings.exclude:
        unfiltered = select_files(replace(settings, exclude=())).files
        yield from _find_idle(("exclude",), settings.exclude, [file.path for file in unfiltered])
    yield from _find_idle(("critical_paths",), settings.critical_paths, files)
    for index, override in enumerate(settings.overrides):
        yield from _find_idle(("overrides", index, "files"), override.files, files)


def _find_idle(key: Sequence[str | int], patterns: Iterable[str], paths: Sequence[str]) -> Iterator[Idle]:
    for index, pattern in enumerate(patterns):
        # One with an exclamation mark takes back what others match.
        if not pattern.startswith("!") and not any(map(compile_file_patterns((pattern,)), paths)):
            yield (*key, index), pattern
