"""The entries of a settings file's tables and lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from pytest_antipasta.messages import format_value, suggest
from pytest_antipasta.settings.documents import Entry

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
    advise: Callable[[Entry], str] | None = None,
) -> Iterator[Entry]:
    """Yield the entries of a table with known names; report others as problems.

    Args:
        entry: the table.
        known: the names.
        noun: what a name denotes.
        advise: returns what to do about an unknown entry; without it, the most similar known name.
    """
    if not isinstance(entry.value, dict):
        refuse(entry, "a table")
        return
    for name, value in entry.value.items():
        child = entry.child(str(name), value)
        if name in known:
            yield child
        else:
            advice = advise(child) if advise else suggest(str(name), known)
            child.complain(f"unknown {noun}; {advice}")


def parse_parts(entry: Entry, known: Collection[str], required: Collection[str]) -> dict[str, Entry]:
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
