"""Entries of ``languages`` in ``.antipasta.yaml``: for Python, and for those that lizard measures."""

from __future__ import annotations

from pytest_antipasta.extension import LIZARD, is_missing
from pytest_antipasta.messages import format_value
from pytest_antipasta.model import FOREIGN, Threshold
from pytest_antipasta.settings.antipasta_metrics import parse_metric
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.scalars import parse_list, parse_parts, parse_text, parse_texts, refuse
from pytest_antipasta.settings.values import Override

_PREFIX = f"{LIZARD}{FOREIGN}"
# What measures the files of a language, first those that it has where its entry does not name any.
_OF_LIZARD = {
    "javascript": (f"{_PREFIX}javascript", f"{_PREFIX}tsx"),
    "typescript": (f"{_PREFIX}typescript", f"{_PREFIX}tsx"),
}
# What lizard measures of them, of what can have a limit there.
_GIVEN = frozenset(("cyclomatic_complexity", "lines_of_code", "source_lines_of_code"))
_LANGUAGE_KEYS = ("name", "extensions", "metrics")


def find_languages(entry: Entry) -> dict[str, Entry]:
    """Find the first entry of each name that is measured; the others are noted as without effect."""
    found: dict[str, Entry] = {}
    for language in parse_list(entry, "tables") or ():
        name = _read_name(language)
        if name in found:
            language.note("has no effect: an earlier entry has the same name")
        elif name in _OF_LIZARD and is_missing(_OF_LIZARD[name][0]):
            language.note(f"has no effect here without lizard, which measures {name}: `pip install lizard`")
        elif name is None or name not in ("python", *_OF_LIZARD):
            language.note(f"has no effect here: {format_value(name)} is not measured")
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
    """Read the thresholds that the entry which decides for Python lists and does not switch off."""
    parts = parse_parts(entry, _LANGUAGE_KEYS, required=("metrics",))
    if "extensions" in parts and parts["extensions"].value not in ([], [".py"]):
        parts["extensions"].note("has no effect: *.py files are measured, as by antipasta")
    return _parse_metrics(entry, parts)


def _parse_metrics(entry: Entry, parts: dict[str, Entry]) -> dict[str, Threshold]:
    found: dict[str, Threshold | None] = {}
    for item in parse_list(parts["metrics"], "tables") or () if "metrics" in parts else ():
        found |= parse_metric(item)
    judged = {metric: threshold for metric, threshold in found.items() if threshold is not None}
    if not judged:
        entry.note("nothing is judged: it lists no metric that is measured here and switched on")
    return judged


def parse_other(name: str, entry: Entry) -> tuple[tuple[str, ...], Override]:
    """Read the entry for a language of lizard's: what measures its files, and their thresholds."""
    parts = parse_parts(entry, _LANGUAGE_KEYS, required=("metrics",))
    endings = _parse_endings(name, parts["extensions"]) if "extensions" in parts else ()
    judged = _parse_metrics(entry, parts)
    for metric in judged.keys() - _GIVEN:
        entry.note(f"{metric} is not measured in {name}")
    languages = {ending: language for language in _OF_LIZARD[name] for ending in _list_endings(language)}
    endings = endings or _list_endings(_OF_LIZARD[name][0])
    thresholds = {metric: judged.get(metric) for metric in _GIVEN}
    named = tuple(dict.fromkeys(languages[ending] for ending in endings))
    return named, Override(tuple(f"*{ending}" for ending in endings), thresholds)


def _parse_endings(name: str, entry: Entry) -> tuple[str, ...]:
    known = [ending for language in _OF_LIZARD[name] for ending in _list_endings(language)]
    given = parse_texts(entry, parse_text)
    for ending in given:
        if ending not in known:
            entry.note(f"*{ending} files are not measured as {name}")
    return tuple(ending for ending in given if ending in known)


def _list_endings(language: str) -> tuple[str, ...]:
    from pytest_antipasta.extension import LIZARD_LANGUAGES  # here, because few name one

    return tuple(LIZARD_LANGUAGES[language.removeprefix(_PREFIX)][0].split())
