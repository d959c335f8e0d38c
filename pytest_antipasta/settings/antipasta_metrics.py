"""The entries of ``languages[].metrics`` in antipasta's settings."""

from __future__ import annotations

from pytest_antipasta.model import JUDGED_METRICS, Threshold
from pytest_antipasta.nearest import suggest
from pytest_antipasta.settings.antipasta_foreign import FOREIGN_METRICS
from pytest_antipasta.settings.containers import parse_parts
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import parse_bool, parse_limit
from pytest_antipasta.settings.thresholds import parse_comparison
from pytest_antipasta.settings.unquoting import read_number, read_truth
from pytest_antipasta.settings.wording import format_value

_KEYS = ("type", "threshold", "comparison", "enabled")


def parse_metric(entry: Entry) -> dict[str, Threshold | None]:
    """Read one entry.

    Returns:
        Its metric with the threshold, ``None`` where that is switched off; nothing at all for a metric
        that is not measured here.
    """
    parts = parse_parts(entry, _KEYS, required=("type", "threshold"))
    if "type" not in parts or "threshold" not in parts:
        return {}
    enabled = "enabled" not in parts or parse_bool(read_truth(parts["enabled"]))
    metric = _parse_type(parts["type"], bool(enabled))
    if metric is None:
        return {}
    threshold = _parse_threshold(metric, parts)
    # Read even if it is switched off: antipasta refuses a wrong one there too.
    return {metric: threshold if enabled else None}


def _parse_type(entry: Entry, enabled: bool) -> str | None:
    name = str(entry.value)
    if name in JUDGED_METRICS:
        return name
    if name not in FOREIGN_METRICS:
        entry.complain(f"unknown metric {format_value(entry.value)}; {suggest(name, JUDGED_METRICS)}")
    elif enabled:
        entry.note(f"{name} is antipasta's own and not measured here")
    return None


def _parse_threshold(metric: str, parts: dict[str, Entry]) -> Threshold | None:
    limit = parse_limit(read_number(parts["threshold"]))
    comparison = parse_comparison(parts["comparison"]) if "comparison" in parts else "<="
    if metric == "maintainability_index" and "comparison" not in parts:
        parts["type"].note('has no comparison, which means "<=" as in antipasta; ">=" is probably meant')
    return None if limit is None or comparison is None else Threshold(metric, limit, comparison)
