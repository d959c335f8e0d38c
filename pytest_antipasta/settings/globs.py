"""Globs of the settings: gitignore's syntax, relative to the root."""

from __future__ import annotations

import re
import warnings

from pytest_antipasta.patterns import make_spec
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import parse_text
from pytest_antipasta.settings.wording import format_value


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
            make_spec((glob,))
        except (ValueError, re.error, FutureWarning):
            return False
    return True
