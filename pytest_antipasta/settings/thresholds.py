"""Parsing thresholds: ``10``, ``{limit = 10, comparison = "<="}`` or ``false``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from msgspec.structs import replace

from pytest_antipasta.extension import default_comparison, is_missing, judged_metrics
from pytest_antipasta.messages import format_value
from pytest_antipasta.model import Comparison, Number, Threshold
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import is_limit, iter_entries, parse_limit

_COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
_MEANT = {
    "=<": "<=", "≤": "<=", "le": "<=", "=>": ">=", "≥": ">=", "ge": ">=", "lt": "<", "gt": ">",
    "=": "==", "eq": "==", "is": "==", "<>": "!=", "≠": "!=", "ne": "!=", "=!": "!=",
}  # fmt: skip


def parse_thresholds(entry: Entry, base: Mapping[str, Threshold]) -> dict[str, Threshold | None]:
    """Read a table of thresholds.

    Args:
        entry: the table.
        base: what a threshold that is not written in full takes the rest from.

    Returns:
        What the table says, and only that; ``None`` for a metric that it switches off.
    """
    missing = filter(is_missing, map(str, entry.value)) if isinstance(entry.value, dict) else ()
    children = iter_entries(entry, (*judged_metrics(), *missing), "metric")
    return {child.name: _parse_threshold(child, base.get(child.name)) for child in children}


def _parse_threshold(entry: Entry, base: Threshold | None) -> Threshold | None:
    if entry.value is False:
        return None
    if isinstance(entry.value, dict):
        return _parse_parts(entry, base)
    if is_limit(entry.value):  # short for a table with nothing else
        return _parse_parts(Entry(entry.key, {"limit": entry.value}, entry.remarks), base)
    value = format_value(entry.value)
    entry.complain(f'expected a finite number >= 0, {{limit = 10, comparison = "<="}} or false, got {value}')
    return None


def _parse_parts(entry: Entry, base: Threshold | None) -> Threshold | None:
    metric = entry.name
    parts: dict[str, Any] = {part.name: _PARTS[part.name](part) for part in iter_entries(entry, _PARTS)}
    if base is None and "limit" not in parts:
        entry.complain("has no limit to start from; write one, as in {limit = 10}")
        return None
    return replace(base or Threshold(metric, 0, default_comparison(metric)), **parts)


def parse_comparison(entry: Entry) -> Comparison | None:
    """Read a comparison."""
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
    if entry.key[-2] not in judged:
        entry.complain(f"only {', '.join(judged)} can have a limit for blocks")
        return None
    return parse_limit(entry)


_PARTS: dict[str, Callable[[Entry], object]] = {
    "limit": parse_limit,
    "comparison": parse_comparison,
    "block_limit": _parse_block_limit,
}
