"""The meaning of ``.antipasta.yaml``, the settings of antipasta 1.2.0.

The rules of antipasta 1.2.0 apply:

* The first entry of ``languages`` that is named ``python``, in any case, decides alone. Only the metrics that
  it lists are judged, and ``defaults`` are ignored. An empty ``metrics`` judges nothing. Of two entries for
  one metric the later counts, and ``enabled: false`` switches it off.
* Where an entry has no ``comparison`` it is ``<=``, for the maintainability index too.
* Without such an entry all six metrics of ``defaults`` are judged, cognitive complexity among them, and
  what is missing there has antipasta's default. An empty file therefore means the defaults.
* Quoted numbers and truth values count as what they say (YAML reads even a bare ``1e4`` as text).
* Entries for JavaScript and TypeScript decide about their files in the same way if lizard is installed;
  metrics that lizard does not have are not judged.

The table ``cache`` has the settings of the store, whose names begin with ``cache`` in our table.

Unknown keys, which antipasta ignores, are errors here, except in ``cache``, where they are reported. Its
upper bounds for limits are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.messages import suggest
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.registry import OUR_METRICS
from pytest_antipasta.settings.antipasta_languages import find_languages, parse_others, parse_python
from pytest_antipasta.settings.antipasta_metrics import read_number, read_truth
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.entries import iter_entries, refuse
from pytest_antipasta.settings.kinds import FLAG, LIMIT, TEXT, Kind, make_list, parse_any_glob
from pytest_antipasta.settings.table import look_up_setting
from pytest_antipasta.settings.values import WRITTEN

DEFAULT_KEYS = {
    metric.name: f"{'min' if metric.more_is_better else 'max'}_{metric.name}"
    for metric in OUR_METRICS
    if metric.limit is not None
}
"""Keys of the table ``defaults``, by metric."""
_FOREIGN_KEYS = ("profile", "tree_shape", "import_graph", "narrative", "duplication")
_KEYS = ("defaults", "languages", "ignore_patterns", "use_gitignore", "cache", *_FOREIGN_KEYS)
CACHE_KEYS = {
    "enabled": "cache",
    **{name.removeprefix("cache_"): name for name in WRITTEN if name.startswith("cache_")},
}
"""Keys of the table ``cache``, each with its setting."""
_PATTERNS = make_list(Kind(parse_any_glob, {}))


def parse_antipasta_yaml(entry: Entry) -> dict[str, Any]:
    """Return the fields of ``Settings`` set by a file; they are invalid once a problem is reported."""
    parts = {part.name: part for part in iter_entries(entry, _KEYS, advise=_advise_key)}
    _report_unknown_keys(parts)
    languages = find_languages(parts["languages"]) if "languages" in parts else {}
    fields: dict[str, Any] = {
        "thresholds": _parse_judged(parts, languages.pop("python", None)),
        "named": tuple(default_thresholds()),  # antipasta has limits for all code
    }
    if languages:
        fields |= parse_others(languages)
    if "ignore_patterns" in parts:
        patterns = _PATTERNS.parse(parts["ignore_patterns"])
        _report_included_again(parts["ignore_patterns"], patterns)
        fields["exclude"] = (*patterns, *fields.get("exclude", ()))
    if "use_gitignore" in parts:
        fields["use_gitignore"] = FLAG.parse(read_truth(parts["use_gitignore"]))
    if "cache" in parts:
        fields |= _parse_cache(parts["cache"])
    return fields


def _advise_key(entry: Entry) -> str:
    """Return what to do about an unknown key, which may be one of our table."""
    if entry.name == "exclude":
        return 'did you mean "ignore_patterns"?'
    if entry.name in WRITTEN:
        return "put it under [tool.pytest-antipasta] in pyproject.toml, which is read instead of this file"
    return suggest(entry.name, _KEYS)


def _report_unknown_keys(parts: dict[str, Entry]) -> None:
    for name in _FOREIGN_KEYS:
        if name in parts and parts[name].value is not None:
            parts[name].note("is an antipasta setting; ignored here")


def _report_included_again(entry: Entry, patterns: Sequence[str]) -> None:
    """Report files that antipasta includes again though their folder is excluded; git does not, nor do we."""
    for index, pattern in enumerate(patterns):
        for folder in patterns[:index]:
            if folder.endswith("/") and pattern.startswith(f"!{folder}") and pattern != f"!{folder}":
                text = (
                    f'"{pattern}" has no effect, as "{folder}" excludes the folder; write "{folder}*" instead'
                )
                entry.note(text)


def _parse_cache(entry: Entry) -> dict[str, Any]:
    """Return the settings of the store."""
    if not isinstance(entry.value, dict):
        if entry.value is not None:
            refuse(entry, "a table, as in {enabled: false}")
        return {}
    fields: dict[str, Any] = {}
    for name, value in entry.value.items():
        child = entry.child(str(name), value)
        if name in CACHE_KEYS:
            setting = look_up_setting(CACHE_KEYS[name])
            if setting == FLAG:
                child = read_truth(child)
            elif setting != TEXT:
                child = read_number(child)
            fields[CACHE_KEYS[name]] = setting.parse(child)
        elif "redis" in str(name).lower():
            child.note("ignored here; use the environment variable PYTEST_ANTIPASTA_SHARED_STORE")
        else:
            child.note(f"ignored here; {suggest(str(name), CACHE_KEYS)}")
    return fields


def _parse_judged(parts: dict[str, Entry], python: Entry | None) -> dict[str, Threshold]:
    # Both are read, so that an error in the defaults is reported even if they are not used.
    defaults = _parse_defaults(parts["defaults"]) if "defaults" in parts else _find_defaults()
    if python is None:
        return defaults
    judged = parse_python(python)
    if "defaults" in parts and any(judged.get(metric) != defaults[metric] for metric in defaults):
        parts["defaults"].note("ignored: only the python entry in `languages` is used")
    return judged


def _find_defaults() -> dict[str, Threshold]:
    """Return the limits for files without their own; in antipasta, all of them are errors."""
    return {metric: replace(item, level="error") for metric, item in default_thresholds().items()}


def _parse_defaults(entry: Entry) -> dict[str, Threshold]:
    found = _find_defaults()
    for child in iter_entries(entry, DEFAULT_KEYS.values()):
        limit = LIMIT.parse(read_number(child))
        if limit is not None:
            metric = child.name.partition("_")[2]
            found[metric] = replace(found[metric], limit=limit)
    return found
