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

Unknown keys, which antipasta ignores, are errors here, except for a table ``cache``: each of its keys is
reported with its replacement. Its upper bounds for limits are not kept.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from pytest_antipasta.extension import default_thresholds
from pytest_antipasta.model import OUR_METRICS, Threshold
from pytest_antipasta.settings.antipasta_languages import find_languages, parse_others, parse_python
from pytest_antipasta.settings.antipasta_metrics import read_number, read_truth
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.scalars import (
    iter_entries,
    parse_any_glob,
    parse_bool,
    parse_limit,
    parse_parts,
    parse_texts,
)

_DEFAULTS = {
    f"{'min' if metric.more_is_better else 'max'}_{metric.name}": Threshold(
        metric.name, metric.limit, metric.comparison
    )
    for metric in OUR_METRICS
    if metric.limit is not None
}
_FOREIGN_KEYS = ("profile", "tree_shape", "import_graph", "narrative", "duplication")
_KEYS = ("defaults", "languages", "ignore_patterns", "use_gitignore", *_FOREIGN_KEYS)
# Replacements for the keys of `cache`, by words in their names.
_OF_TABLE = "`{}` in [tool.pytest-antipasta]"
_REPLACED = {
    ("enabled", "disabled"): "the option --no-cache",
    ("redis", "shared", "remote", "url"): "the environment variable PYTEST_ANTIPASTA_SHARED_STORE",
    ("compress", "compression"): _OF_TABLE.format("cache_compression"),
    ("evict", "eviction", "policy"): _OF_TABLE.format("cache_eviction"),
    ("age", "ttl", "expire", "days"): _OF_TABLE.format("cache_max_age_days"),
    ("entries", "count", "items"): _OF_TABLE.format("cache_max_entries"),
    ("size", "mb", "bytes"): _OF_TABLE.format("cache_max_size_mb"),
    ("dir", "directory", "path", "location", "folder"): _OF_TABLE.format("cache_dir"),
}


def parse_antipasta_yaml(entry: Entry) -> dict[str, Any]:
    """Return the fields of ``Settings`` set by a file; they are invalid once a problem is reported."""
    parts = parse_parts(_pass_over_cache(entry), _KEYS)
    _report_unknown_keys(parts)
    languages = find_languages(parts["languages"]) if "languages" in parts else {}
    fields: dict[str, Any] = {"thresholds": _parse_judged(parts, languages.pop("python", None))}
    if languages:
        fields |= parse_others(languages)
    if "ignore_patterns" in parts:
        patterns = parse_texts(parts["ignore_patterns"], parse_any_glob)
        fields["exclude"] = (*patterns, *fields.get("exclude", ()))
    if "use_gitignore" in parts:
        fields["use_gitignore"] = parse_bool(read_truth(parts["use_gitignore"]))
    return fields


def _report_unknown_keys(parts: dict[str, Entry]) -> None:
    for name in _FOREIGN_KEYS:
        if name in parts and parts[name].value is not None:
            parts[name].note("is an antipasta setting; ignored here")


def _pass_over_cache(entry: Entry) -> Entry:
    """Return a file without its table ``cache``; replacements for its keys are reported."""
    if not isinstance(entry.value, dict) or "cache" not in entry.value:
        return entry
    _note_cache(entry.child("cache", entry.value["cache"]))
    rest = {name: value for name, value in entry.value.items() if name != "cache"}
    return Entry(entry.key, rest, entry.remarks)


def _note_cache(entry: Entry) -> None:
    table = entry.value if isinstance(entry.value, dict) else {}
    for name, value in table.items():
        words = str(name).lower().split("_")
        found = (by for keys, by in _REPLACED.items() if not set(keys).isdisjoint(words))
        by = next(found, None)
        why = "ignored here" if by is None else f"ignored here; use {by}"
        entry.child(str(name), value).note(why)
    if not table and entry.value is not None:
        entry.note(f"ignored here; use {_OF_TABLE.format('cache_dir')} and the related settings")


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
    for child in iter_entries(entry, _DEFAULTS):
        default = _DEFAULTS[child.name]
        limit = parse_limit(read_number(child))
        if limit is not None:
            found[default.metric] = Threshold(default.metric, limit, default.comparison)
    return found
