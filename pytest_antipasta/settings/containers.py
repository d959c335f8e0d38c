"""Readers of tables and lists: what can't be read is noted and left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from pytest_antipasta.nearest import find_nearest, suggest
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import parse_text, refuse
from pytest_antipasta.settings.wording import format_key, format_value


def iter_entries(
    entry: Entry, known: Collection[str], noun: str = "key", below: tuple[str, Collection[str]] = ("", ())
) -> Iterator[Entry]:
    """Give the entries of a table whose names are known; note the others as problems.

    Args:
        entry: the table.
        known: the names.
        noun: what they are names of.
        below: the name of a table in this one, and the names that somebody may look for one table too high.
    """
    if not isinstance(entry.value, dict):
        refuse(entry, "a table")
        return
    for name, value in entry.value.items():
        child = entry.child(str(name), value)
        if name in known:
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
    """Read a table as its entries by name; note required ones that are missing.

    Args:
        entry: the table.
        known: the names that it may have.
        required: the names that it must have.

    Returns:
        What is there. A required entry can be missing all the same.
    """
    parts = {part.name: part for part in iter_entries(entry, known)}
    missing = [name for name in required if name not in parts]
    if missing and isinstance(entry.value, dict):
        entry.complain(f"needs {' and '.join(map(format_value, missing))}")
    return parts


def parse_list(entry: Entry, of_what: str) -> list[Entry] | None:
    """Read a list as the entries of its items."""
    if not isinstance(entry.value, list):
        refuse(entry, f"a list of {of_what}")
        return None
    return [entry.child(index, item) for index, item in enumerate(entry.value)]


def parse_texts(entry: Entry, parse: Callable[[Entry], str | None] = parse_text) -> tuple[str, ...]:
    """Read a list of strings, each with ``parse``; a lone string is refused with the way to write it."""
    if isinstance(entry.value, str):
        text = format_value(entry.value)
        entry.complain(f"expected a list of strings, got {text}; write [{text}]")
        return ()
    texts = [parse(item) for item in parse_list(entry, "strings") or ()]
    return tuple(text for text in texts if text is not None)


def parse_some_texts(entry: Entry, parse: Callable[[Entry], str | None] = parse_text) -> tuple[str, ...]:
    """Read a list of strings with at least one in it."""
    if entry.value == []:
        entry.complain("expected at least one string, got an empty list")
    return parse_texts(entry, parse)
