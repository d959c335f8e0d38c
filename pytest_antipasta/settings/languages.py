"""Parse ``languages``: names of languages measured by extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_antipasta.extension.installed import LIZARD_PREFIX, load_extensions
from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES
from pytest_antipasta.extension.loaded import normalise_name
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.messages import format_value, suggest
from pytest_antipasta.model.measured import FOREIGN
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.kinds import Kind, make_list, parse_text

_BARE = r"[a-z][a-z0-9_]*"
# A language of lizard has no distribution.
_LANGUAGE = rf"^[a-z0-9]+(?:-[a-z0-9]+)*:{_BARE}$"


def _parse_languages(entry: Entry) -> tuple[str, ...]:
    """Parse a list of languages, no two of which share a suffix.

    A language of an extension that is not installed is valid.
    """
    names = tuple(dict.fromkeys(_NAMES.parse(entry)))
    if names:  # no extension is loaded for none
        _require_distinct(entry, names)
    return names


def _parse_name(entry: Entry) -> str | None:
    name = parse_text(entry)
    if name is None:
        return None
    if not re.fullmatch(rf"{_LANGUAGE}|{_BARE}", name):
        if (meant := _find_meant(name)) is not None:
            entry.complain(f'unknown language {format_value(name)}; did you mean "{meant}"?')
            return None
        expected = 'a lizard language, such as "javascript", or "distribution:language"'
        entry.complain(f"expected {expected}, got {format_value(name)}")
        return None
    whole = name if FOREIGN in name else f"{LIZARD_PREFIX}{name}"
    if is_missing(whole) and not whole.startswith(LIZARD_PREFIX):
        return whole  # reported together with everything else that is not installed
    known = list(_iter_known())
    if whole not in known:
        entry.complain(f"unknown language {format_value(name)}; {_suggest(name, known)}")
        return None
    return whole


def _suggest(name: str, known: Sequence[str]) -> str:
    """Return a hint which language may be meant: one with that name in any distribution, or the nearest."""
    same = [item for item in known if item.rpartition(FOREIGN)[2] == name.rpartition(FOREIGN)[2]]
    if meant := same[0] if same else _find_meant(name):
        return f'did you mean "{meant}"?'
    return suggest(name, [item.removeprefix(LIZARD_PREFIX) for item in known])


def _find_meant(name: str) -> str | None:
    """Return a language with another spelling of a name, or lizard's with such a suffix, as ``ts``."""
    distribution, separator, language = name.partition(FOREIGN)
    spelled = f"{normalise_name(distribution)}{separator}{language}"
    if separator and spelled in _iter_known():
        return spelled
    plain = name.lower().lstrip(".").replace("-", "_").replace("+", "p").replace("#", "sharp")
    if plain in LIZARD_LANGUAGES:
        return plain
    return next((item for item, (endings, _) in LIZARD_LANGUAGES.items() if f".{plain}" in endings), None)


def _iter_known() -> Iterator[str]:
    """Yield the names of all languages: lizard's, installed or not, and those of extensions."""
    yield from (f"{LIZARD_PREFIX}{name}" for name in LIZARD_LANGUAGES)
    yield from (
        language.name
        for language in load_extensions().languages
        if not language.name.startswith(LIZARD_PREFIX)
    )


def _require_distinct(entry: Entry, names: tuple[str, ...]) -> None:
    owners: dict[str, str] = {}
    for language in load_extensions().languages:
        for ending in language.given.endings if language.name in names else ():
            if ending in owners:
                entry.complain(
                    f"{owners[ending]} and {language.name} both measure *{ending}; keep only one of them"
                )
            owners[ending] = language.name


_NAMES = make_list(
    Kind(_parse_name, {"anyOf": [{"enum": [*LIZARD_LANGUAGES]}, {"type": "string", "pattern": _LANGUAGE}]})
)
LANGUAGES = Kind(_parse_languages, _NAMES.schema)
"""Languages measured by extensions, no two of which share a suffix."""
