"""The entries of a settings file's tables and lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pytest_antipasta.messages import find_nearest, format_value, suggest
from pytest_antipasta.settings.documents import Entry, format_key

MOST_PATTERNS = 10_000
"""Maximum number of patterns in a settings file or another list. Matching as many takes half a millisecond a
path."""


def refuse(entry: Entry, expected: str) -> None:
    """Report that a value is invalid."""
    entry.complain(f"expected {expected}, got {format_value(entry.value)}")


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
