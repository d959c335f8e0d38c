"""Patterns of paths, with git's meaning (those of a ``.gitignore``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathspec import PathSpec

Match: TypeAlias = Callable[[str], bool]
"""Takes a posix path relative to the patterns' folder; a folder's ends with a slash."""

_EXTENSION = re.compile(r"\*(\.\w+)")


def compile_patterns(patterns: Sequence[str]) -> Match:
    """Return the test whether a path matches the last pattern that speaks of it, negations honoured."""
    extensions = [_EXTENSION.fullmatch(pattern) for pattern in patterns]
    if all(extensions):
        # The default, and the usual case: no need for a library. An empty tuple matches nothing.
        endings = tuple(match[1] for match in extensions if match)
        return lambda path: path.rstrip("/").endswith(endings)
    return make_spec(patterns).match_file


def make_spec(patterns: Iterable[str]) -> PathSpec:
    """Return the patterns compiled by pathspec.

    Raises:
        ValueError: a pattern is not valid.
    """
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
