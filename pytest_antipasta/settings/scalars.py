"""Parsers of single values: each returns the value, or reports a problem and returns ``None``."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterator
from typing import Literal, TypeGuard

from pytest_antipasta.messages import find_nearest, format_value, suggest
from pytest_antipasta.model.measured import LARGEST, Number
from pytest_antipasta.settings.documents import Entry, format_key

LEAST_MEMORY = 64
MOST_PATTERNS = 10_000
"""Maximum number of patterns in a settings file or another list. Matching as many takes half a millisecond a
path."""


def refuse(entry: Entry, expected: str) -> None:
    """Report that a value is invalid."""
    entry.complain(f"expected {expected}, got {format_value(entry.value)}")


def parse_bool(entry: Entry) -> bool | None:
    """Parse ``true`` or ``false``."""
    if isinstance(entry.value, bool):
        return entry.value
    refuse(entry, "true or false")
    return None


def parse_limit(entry: Entry) -> Number | None:
    """Parse a finite number of 0 or more."""
    if is_limit(entry.value):
        return entry.value
    refuse(entry, "a finite number >= 0")
    return None


def is_limit(value: object) -> TypeGuard[Number]:
    """Return whether a value can be a limit; ``bool`` does not count as a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value) and 0 <= value <= LARGEST
    except OverflowError:  # an integer too large for a float can't be reported either
        return False


def parse_size(entry: Entry) -> Number | None:
    """Parse a finite number of more than 0."""
    if is_limit(entry.value) and entry.value:
        return entry.value
    refuse(entry, "a finite number > 0")
    return None


def parse_memory(entry: Entry) -> Number | None:
    """Parse megabytes; the minimum is what a process uses before it measures anything."""
    if is_limit(entry.value) and entry.value >= LEAST_MEMORY:
        return entry.value
    refuse(entry, f"a finite number >= {LEAST_MEMORY}")
    return None


def parse_count(entry: Entry) -> int | None:
    """Parse a whole number of 1 or more."""
    if is_limit(entry.value) and isinstance(entry.value, int) and entry.value:
        return entry.value
    refuse(entry, "a whole number >= 1")
    return None


def parse_jobs(entry: Entry) -> int | Literal["auto"]:
    """Parse a number of processes, or ``auto``."""
    if entry.value == "auto" or (is_limit(entry.value) and isinstance(entry.value, int) and entry.value):
        return entry.value
    refuse(entry, 'a whole number >= 1 or "auto"')
    return "auto"


def parse_choice(entry: Entry, choices: Collection[str]) -> str | None:
    """Parse one of several words."""
    if isinstance(entry.value, str) and entry.value in choices:
        return entry.value
    refuse(entry, " or ".join(format_value(choice) for choice in choices))
    return None


def parse_text(entry: Entry) -> str | None:
    """Parse a string that is not blank and valid in a file name."""
    if not isinstance(entry.value, str) or not entry.value.strip():
        refuse(entry, "a non-empty string")
        return None
    # YAML can spell half of a surrogate pair.
    if "\0" in entry.value or any("\ud800" <= char <= "\udfff" for char in entry.value):
        refuse(entry, "a string that is valid in a file name")
        return None
    return entry.value


def iter_entries(
    entry: Entry,
    known: Collection[str],
    noun: str = "key",
    below: tuple[str, Collection[str]] = ("", ()),
    short: Collection[str] = (),
) -> Iterator[Entry]:
    """Yield the entries of a table with known names; report others as problems.

    Args:
        entry: the table.
        known: the names.
        noun: what a name denotes.
        below: a subtable, with names that users may put one level too high.
        short: further names, which no message suggests.
    """
    if not isinstance(entry.value, dict):
        refuse(entry, "a table")
        return
    for name, value in entry.value.items():
        child = entry.child(str(name), value)
        if name in known or name in short:
            yield child
        else:
            child.complain(f"unknown {noun}; {_suggest_name(entry, str(name), known, below)}")


def _suggest_name(entry: Entry, name: str, known: Collection[str], below: tuple[str, Collection[str]]) -> str:
    table, names = below
    nearest = find_nearest(name, (*known, *names))
    if nearest in names:
        return f'put "{nearest}" under [{format_key((*entry.key, table))}]'
    return suggest(name, known)


def parse_parts(entry: Entry, known: Collection[str], required: Collection[str] = ()) -> dict[str, Entry]:
    """Return the entries of a table by name; missing required ones are reported and left out."""
    parts = {part.name: part for part in iter_entries(entry, known)}
    missing = [name for name in required if name not in parts]
    if missing and isinstance(entry.value, dict):
        entry.complain(f"needs {' and '.join(map(format_value, missing))}")
    return parts


def parse_list(entry: Entry, of_what: str, most: int = MOST_PATTERNS) -> list[Entry] | None:
    """Return the entries of a list's items; ``most`` is the maximum number."""
    if not isinstance(entry.value, list):
        refuse(entry, f"a list of {of_what}")
        return None
    if len(entry.value) > most:
        entry.complain(f"expected at most {most} {of_what}, got {len(entry.value)}")
        return None
    return [entry.child(index, item) for index, item in enumerate(entry.value)]


def parse_texts(
    entry: Entry, parse: Callable[[Entry], str | None] = parse_text, most: int = MOST_PATTERNS
) -> tuple[str, ...]:
    """Parse a list of strings, each with ``parse``; for a single string, the right notation is reported."""
    if isinstance(entry.value, str):
        text = format_value(entry.value)
        entry.complain(f"expected a list of strings, got {text}; write [{text}]")
        return ()
    texts = [parse(item) for item in parse_list(entry, "strings", most) or ()]
    return tuple(text for text in texts if text is not None)


def parse_some_texts(
    entry: Entry, parse: Callable[[Entry], str | None] = parse_text, most: int = MOST_PATTERNS
) -> tuple[str, ...]:
    """Parse a list of at least one string."""
    if entry.value == []:
        entry.complain("expected at least one string, got an empty list")
    return parse_texts(entry, parse, most)


def parse_folder(entry: Entry) -> str | None:
    """Parse a path that is not a whole file system, which nobody intends to measure."""
    path = parse_text(entry)
    if path is not None and os.path.isabs(path) and not os.path.basename(os.path.normpath(path)):
        entry.complain(f"expected a path in the project, got {format_value(path)} (the whole file system)")
        return None
    return path


def parse_glob(entry: Entry) -> str | None:
    """Parse a glob that can match a path."""
    glob = parse_any_glob(entry)
    if glob is not None and glob.removeprefix("!").startswith(("./", "../")):
        entry.complain(f"expected a glob relative to the root without leading dots, got {format_value(glob)}")
        return None
    return glob


def parse_any_glob(entry: Entry) -> str | None:
    """Parse a line as in a ``.gitignore``."""
    glob = parse_text(entry)
    if glob is None:
        return None
    if not _can_match(glob):
        entry.complain(f"expected a gitignore-style glob, got {format_value(glob)}")
        return None
    return glob


def _can_match(glob: str) -> bool:
    # All other characters can match, and nearly all settings contain only these.
    if not set(glob) & set("[\\!/ "):
        return True
    from pytest_antipasta.settings.globs import translate

    return glob.startswith("#") or translate(glob) is not None
