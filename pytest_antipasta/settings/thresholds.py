"""Parse tables of limits, and make their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_threshold, is_missing, judged_metrics
from pytest_antipasta.messages import format_value
from pytest_antipasta.model.judged import Comparison, Level, Threshold
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.registry import SHORT_NAMES, JudgedMetric, complete_name
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.entries import iter_entries
from pytest_antipasta.settings.kinds import LIMIT, Kind, Schema, is_limit, make_choice
from pytest_antipasta.settings.places import advise_metric

_COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
_MEANT = {
    "=<": "<=", "≤": "<=", "le": "<=", "=>": ">=", "≥": ">=", "ge": ">=", "lt": "<", "gt": ">",
    "=": "==", "eq": "==", "is": "==", "<>": "!=", "≠": "!=", "ne": "!=", "=!": "!=",
}  # fmt: skip
_OFF: Schema = {"const": False}


def parse_thresholds(entry: Entry, base: Mapping[str, Threshold]) -> dict[str, Threshold | None]:
    """Parse a table of thresholds; ``None`` for a metric that it disables.

    Missing parts of a threshold come from ``base``.
    """
    missing = filter(is_missing, map(str, entry.value)) if isinstance(entry.value, dict) else ()
    known = (*judged_metrics(), *SHORT_NAMES, *missing)
    parsed: dict[str, Threshold | None] = {}
    written: dict[str, str] = {}
    for child in iter_entries(entry, known, "metric", advise_metric):
        metric = complete_name(child.name)
        if (other := written.setdefault(metric, child.name)) != child.name:
            child.complain(f'the same metric as "{other}"; remove one of them')
        parsed[metric] = _parse_threshold(child, base.get(metric))
    return parsed


def _parse_threshold(entry: Entry, base: Threshold | None) -> Threshold | None:
    if entry.value is False:
        return None
    if isinstance(entry.value, dict):
        return _parse_parts(entry, base)
    if is_limit(entry.value):  # short for a table with only a limit
        return _parse_parts(Entry(entry.key, {"limit": entry.value}, entry.remarks), base)
    value = format_value(entry.value)
    table = '{limit = 10, comparison = "<=", level = "error"}'
    entry.complain(f"expected a finite number >= 0, {table} or false (no limit), got {value}")
    return None


def _parse_parts(entry: Entry, base: Threshold | None) -> Threshold | None:
    metric = complete_name(entry.name)
    parts: dict[str, Any] = {part.name: _PARTS[part.name].parse(part) for part in iter_entries(entry, _PARTS)}
    if base is None and "limit" not in parts:
        entry.complain("has no default limit; set one, as in {limit = 10}")
        return None
    return replace(base or default_threshold(metric, 0), **parts)


def parse_comparison(entry: Entry) -> Comparison | None:
    """Parse a comparison."""
    for comparison in _COMPARISONS:
        if comparison == entry.value:
            return comparison
    meant = _MEANT.get(str(entry.value))
    hint = f'did you mean "{meant}"? ' if meant else ""
    entry.complain(f"unknown comparison {format_value(entry.value)}; {hint}known: {' '.join(_COMPARISONS)}")
    return None


def _parse_block_limit(entry: Entry) -> Number | None:
    if entry.value is False:
        return None
    judged = [metric.name for metric in judged_metrics().values() if metric.has_block_limit]
    if complete_name(str(entry.key[-2])) not in judged:
        entry.complain(f"only {', '.join(judged)} can have a block_limit")
        return None
    limit: Number | None = LIMIT.parse(entry)
    return limit


_PARTS: dict[str, Kind] = {
    "limit": LIMIT,
    "comparison": Kind(parse_comparison, {"enum": [*_COMPARISONS]}),
    "block_limit": Kind(_parse_block_limit, {"anyOf": [LIMIT.schema, _OFF]}),
    "level": make_choice(get_args(Level)),
}


def describe_table(properties: Mapping[str, Schema], **more: Any) -> Schema:
    """Return the schema of a table with only these keys."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def describe_thresholds(defaults: Mapping[str, Threshold]) -> Schema:
    """Return the schema of a table of thresholds; that of an override has no defaults."""
    metrics = judged_metrics().values()
    named = {metric.name: _describe_threshold(metric, defaults) for metric in metrics}
    short = {
        metric.short: {key: value for key, value in named[metric.name].items() if key != "default"}
        for metric in metrics
        if metric.short
    }
    either = [{"not": {"required": [metric.short, metric.name]}} for metric in metrics if metric.short]
    return describe_table(named | short, allOf=either)


def _describe_threshold(metric: JudgedMetric, defaults: Mapping[str, Threshold]) -> Schema:
    parts = {name: kind.schema for name, kind in _PARTS.items()}
    for name, default in (("comparison", metric.comparison), ("level", metric.level)):
        parts[name] = {**parts[name], "default": default}
    if not metric.has_block_limit:
        parts["block_limit"] = _OFF
    # Missing parts can't come from a missing default. In an override, they may come from the settings.
    needed: Schema = {"required": ["limit"]} if defaults and metric.name not in defaults else {}
    schema: Schema = {"anyOf": [LIMIT.schema, _OFF, describe_table(parts, **needed)]}
    return {**schema, "default": defaults[metric.name].limit} if metric.name in defaults else schema
