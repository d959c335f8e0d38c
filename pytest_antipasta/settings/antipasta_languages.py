"""Entries of ``languages`` in ``.antipasta.yaml``: for Python, and for languages measured by lizard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from pytest_antipasta.extension.installed import LIZARD_PREFIX, LIZARD_WANTED
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.messages import format_value
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.antipasta_metrics import parse_metric
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.entries import parse_list, parse_parts, refuse
from pytest_antipasta.settings.kinds import TEXT, make_list, parse_text
from pytest_antipasta.settings.values import Override

# lizard's languages by antipasta's names, and the language that handles JSX of both.
_OF_LIZARD = ("javascript", "typescript")
_SHARED = "tsx"
# lizard's metrics of these languages that can have a limit.
_GIVEN = ("cyclomatic_complexity", "lines_of_code", "source_lines_of_code")
_LANGUAGE_KEYS = ("name", "extensions", "metrics")


def find_languages(entry: Entry) -> dict[str, Entry]:
    """Find the first entry of each measured language; the others are reported as ignored."""
    found: dict[str, Entry] = {}
    for language in parse_list(entry, "tables") or ():
        name = _read_name(language)
        if name in found:
            language.note("ignored: an earlier entry has the same name")
        elif name in _OF_LIZARD and is_missing(f"{LIZARD_PREFIX}{name}"):
            how = f'`pip install "{LIZARD_WANTED}"`'
            language.note(f"ignored without lizard, which measures {name}: {how}")
        elif name is None or name not in ("python", *_OF_LIZARD):
            language.note(f"ignored: {format_value(name)} is not measured here")
        else:
            found[name] = language
    return found


def _read_name(entry: Entry) -> str | None:
    if not isinstance(entry.value, dict):
        refuse(entry, "a table")
        return None
    if "name" not in entry.value:
        entry.complain('needs "name"')
        return None
    name = parse_text(entry.child("name", entry.value["name"]))
    return name and name.lower()


def parse_python(entry: Entry) -> dict[str, Threshold]:
    """Parse the enabled thresholds of the entry for Python."""
    parts = parse_parts(entry, _LANGUAGE_KEYS, required=("metrics",))
    if "extensions" in parts and parts["extensions"].value not in ([], [".py"]):
        parts["extensions"].note("ignored: *.py files are always measured, as in antipasta")
    return _parse_metrics(entry, parts)


def _parse_metrics(entry: Entry, parts: dict[str, Entry]) -> dict[str, Threshold]:
    found: dict[str, Threshold | None] = {}
    for item in parse_list(parts["metrics"], "tables") or () if "metrics" in parts else ():
        found |= parse_metric(item)
    judged = {metric: threshold for metric, threshold in found.items() if threshold is not None}
    if not judged:
        entry.note("nothing is checked: none of its enabled metrics is measured here")
    return judged


def parse_others(languages: Mapping[str, Entry]) -> dict[str, Any]:
    """Parse the entries for lizard's languages: languages and thresholds of their files.

    Other languages that lizard would include are left out unless an entry lists them.
    """
    found = [_parse_other(name, entry) for name, entry in languages.items()]
    endings = [ending for some, _ in found for ending in some]
    named = dict.fromkeys(_find_language(ending) for ending in endings)
    measured = chain.from_iterable(map(_list_endings, named))
    left_out = (ending for ending in measured if ending not in endings)
    return {
        "languages": tuple(f"{LIZARD_PREFIX}{language}" for language in named),
        "overrides": tuple(Override(_make_globs(some), limits) for some, limits in found if some),
        "exclude": _make_globs(left_out),
    }


def _parse_other(name: str, entry: Entry) -> tuple[tuple[str, ...], dict[str, Threshold | None]]:
    """Parse one entry: the suffixes of its files, and their thresholds."""
    parts = parse_parts(entry, _LANGUAGE_KEYS, required=("metrics",))
    endings = _list_endings(name)
    if "extensions" in parts and parts["extensions"].value != []:
        endings = _parse_endings(name, parts["extensions"])
    judged = _parse_metrics(entry, parts)
    for metric in judged:
        if metric not in _GIVEN:
            entry.note(f"{metric} is not measured in {name}")
    return endings, {metric: judged.get(metric) for metric in _GIVEN}


def _parse_endings(name: str, entry: Entry) -> tuple[str, ...]:
    known = (*_list_endings(name), *_list_endings(_SHARED))
    given = make_list(TEXT).parse(entry)
    for ending in given:
        if ending not in known:
            entry.note(f"*{ending} files are not measured as {name}")
    return tuple(ending for ending in given if ending in known)


def _make_globs(endings: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"*{ending}" for ending in endings)


def _find_language(ending: str) -> str:
    return next(language for language in (*_OF_LIZARD, _SHARED) if ending in _list_endings(language))


def _list_endings(language: str) -> tuple[str, ...]:
    from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES  # few projects name a language

    return LIZARD_LANGUAGES[language][0]
