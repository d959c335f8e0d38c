"""Parsing ``languages``: the names of what extensions measure besides Python."""

from __future__ import annotations

import re

from pytest_antipasta.extension import is_missing
from pytest_antipasta.messages import format_value, suggest
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.scalars import parse_text, parse_texts

LANGUAGE = r"^[a-z0-9]+(?:-[a-z0-9]+)*:[a-z][a-z0-9_]*$"
"""The pattern of a name."""


def parse_languages(entry: Entry) -> tuple[str, ...]:
    """Read a list of languages, no two of which have an ending in common.

    One of an extension that is not installed is no mistake in the settings.
    """
    names = tuple(dict.fromkeys(parse_texts(entry, _parse_name)))
    if any(not is_missing(name) for name in names):
        _require_distinct(entry, names)
    return names


def _parse_name(entry: Entry) -> str | None:
    name = parse_text(entry)
    if name is None:
        return None
    if not re.fullmatch(LANGUAGE, name):
        entry.complain(f'expected "distribution:language", got {format_value(name)}')
        return None
    if not is_missing(name):
        from pytest_antipasta.extension import load_extensions  # here, because hardly anybody has one

        known = [one.name for one in load_extensions().languages]
        if name not in known:
            hint = suggest(name, known) if known else "no installed extension has any"
            entry.complain(f"unknown language {format_value(name)}; {hint}")
            return None
    return name


def _require_distinct(entry: Entry, names: tuple[str, ...]) -> None:
    from pytest_antipasta.extension import load_extensions  # likewise

    owners: dict[str, str] = {}
    for one in load_extensions().languages:
        for ending in one.language.endings if one.name in names else ():
            if ending in owners:
                entry.complain(f"{owners[ending]} and {one.name} both measure *{ending}; name one of them")
            owners[ending] = one.name
