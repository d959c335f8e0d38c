"""Parse ``overrides``: limits for some files, folders or functions."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.registry import complete_name
from pytest_antipasta.settings.documents import Entry, format_key
from pytest_antipasta.settings.entries import MOST_PATTERNS, iter_entries, parse_list
from pytest_antipasta.settings.kinds import FUNCTION, GLOB, Schema, make_list
from pytest_antipasta.settings.places import OVERRIDE, advise_override
from pytest_antipasta.settings.thresholds import describe_table, describe_thresholds, parse_thresholds
from pytest_antipasta.settings.values import Override

_MOST = 1000


def parse_overrides(entry: Entry, base: Mapping[str, Threshold]) -> tuple[Override, ...]:
    """Parse the list of overrides; missing parts of a threshold come from ``base``."""
    if isinstance(entry.value, dict):
        entry.complain(f"expected a list of tables, got a table; write [[{format_key(entry.key)}]]")
        return ()
    items = parse_list(entry, "tables", _MOST) or []
    if (count := sum(map(_count_files, items))) > MOST_PATTERNS:
        entry.complain(f"expected at most {MOST_PATTERNS} patterns in all, got {count}")
        return ()
    return tuple(_parse_override(item, base) for item in items)


def _count_files(override: Entry) -> int:
    files = override.value.get("files") if isinstance(override.value, dict) else None
    return len(files) if isinstance(files, list) else 0


def _parse_override(entry: Entry, base: Mapping[str, Threshold]) -> Override:
    parts = {part.name: part for part in iter_entries(entry, OVERRIDE, advise=advise_override)}
    _require_parts(entry, parts)
    files = _FILES.parse(parts["files"]) if "files" in parts else ()
    functions = _FUNCTIONS.parse(parts["functions"]) if "functions" in parts else ()
    known = len(entry.remarks.problems)
    thresholds = parse_thresholds(parts["thresholds"], base) if "thresholds" in parts else {}
    if functions and "thresholds" in parts and len(entry.remarks.problems) == known:
        _require_block_limits(parts["thresholds"], thresholds)
    return Override(files, thresholds, functions)


def _require_parts(entry: Entry, parts: Mapping[str, Entry]) -> None:
    missing = [] if parts.keys() & {"files", "functions"} else ['"files" or "functions"']
    missing += [] if "thresholds" in parts else ['"thresholds"']
    if missing and isinstance(entry.value, dict):
        entry.complain(f"needs {' and '.join(missing)}")


_FILES, _FUNCTIONS = make_list(GLOB, least=1), make_list(FUNCTION, least=1)


def _require_block_limits(entry: Entry, thresholds: Mapping[str, Threshold | None]) -> None:
    """Report limits of files in an override for functions."""
    for name in entry.value if isinstance(entry.value, dict) else ():
        metric = judged_metrics().get(complete_name(name))
        if metric is None or metric.scope == "block":
            continue
        threshold = thresholds[metric.name]
        if threshold is None or threshold.block_limit is None:
            hint = "set its block_limit" if metric.has_block_limit else "use an override with `files`"
            entry.child(name, None).complain(f"limits files, and `functions` selects functions; {hint}")


def describe_overrides() -> Schema:
    """Return the schema of the list of overrides."""
    metrics = judged_metrics().values()
    of_files = [metric for metric in metrics if metric.scope == "file" and not metric.has_block_limit]
    names = [name for metric in of_files for name in (metric.name, metric.short) if name]
    table = describe_table(
        {"files": _FILES.schema, "functions": _FUNCTIONS.schema, "thresholds": describe_thresholds({})},
        required=["thresholds"],
        anyOf=[{"required": ["files"]}, {"required": ["functions"]}],
        **{
            "if": {"required": ["functions"]},
            "then": {"properties": {"thresholds": {"properties": dict.fromkeys(names, False)}}},
        },
    )
    return {"type": "array", "items": table}
