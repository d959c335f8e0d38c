"""Globs of the settings: gitignore's syntax, relative to the root."""

from __future__ import annotations

import os
import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import parse_text
from pytest_antipasta.settings.wording import format_value

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def parse_glob(entry: Entry) -> str | None:
    """Read a glob that can match something."""
    glob = parse_any_glob(entry)
    if glob is not None and glob.removeprefix("!").startswith(("./", "../")):
        entry.complain(f"expected a glob relative to the root without leading dots, got {format_value(glob)}")
        return None
    return glob


def parse_any_glob(entry: Entry) -> str | None:
    """Read a glob that pathspec understands."""
    glob = parse_text(entry)
    if glob is None or _is_valid(glob):
        return glob
    entry.complain(f"expected a glob in gitignore's syntax, got {format_value(glob)}")
    return None


def _is_valid(glob: str) -> bool:
    # pathspec takes longer to import than the settings to read; it can only trip over these.
    if not set(glob) & set("[\\!"):
        return True
    with warnings.catch_warnings():
        # The re module warns of sets inside sets: a POSIX class, which pathspec passes on unread.
        warnings.simplefilter("error")
        try:
            _compile((glob,))
        except (ValueError, re.error, FutureWarning):
            return False
    return True


def is_match(globs: tuple[str, ...], path: str) -> bool:
    """Tell whether a posix path relative to the root matches; one outside the root never does."""
    # pathspec would take an absolute path for a relative one.
    outside = path.startswith("../") or os.path.isabs(path)  # noqa: PTH117  # a Path costs ten times as much
    return not outside and _compile_once(globs).match_file(path)


def _compile(globs: tuple[str, ...]) -> GitIgnoreSpec:
    # The class and not a name of a pattern style: pathspec 0.12 and 1.x know different names.
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs)


_compile_once = lru_cache(maxsize=256)(_compile)
