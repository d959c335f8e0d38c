"""Entries of ``metrics`` in ``.antipasta.yaml`` as thresholds."""

from __future__ import annotations

from contextlib import suppress

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.messages import format_value, suggest
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.entries import parse_parts
from pytest_antipasta.settings.kinds import FLAG, LIMIT
from pytest_antipasta.settings.thresholds import parse_comparison

FOREIGN_METRICS = (
    "message_chain_depth", "function_arity", "boolean_flag_parameters", "exception_discipline",
    "global_state_reach", "marker_density", "comment_density", "function_statements",
    "expression_flatness", "pipeline_linearity", "lack_of_cohesion", "weighted_methods_per_class",
    "coupling_between_objects", "depth_of_inheritance_tree", "number_of_children",
    "single_responsibility_index", "directory_children", "efferent_coupling", "afferent_coupling",
    "instability", "dependency_cycles", "stable_dependencies_violations", "abstractness",
    "distance_from_main_sequence", "dependency_inversion", "narrative_mixed_functions",
    "narrator_budget_exceeded", "computer_budget_exceeded", "step_down_ordering",
    "layering_violations", "name_clarity", "naming_antipatterns", "duplication_ratio",
    "clone_occurrences", "assertions_per_test", "mock_call_assertions", "big_literal_assertions",
    "code_churn", "change_coupling", "hotspot", "test_churn_ratio", "co_churn_multiplicity",
    "suite_redundancy_index", "blast_radius",
)  # fmt: skip

_TRUTHS: dict[object, bool] = {
    **dict.fromkeys(("true", "yes", "on", "y", "t", "1"), True),
    **dict.fromkeys(("false", "no", "off", "n", "f", "0"), False),
}


def read_number(entry: Entry) -> Entry:
    """Return the entry with text converted to a number, if possible."""
    if not isinstance(entry.value, str):
        return entry
    for kind in (int, float):
        with suppress(ValueError):
            return Entry(entry.key, kind(entry.value), entry.remarks)
    return entry


def read_truth(entry: Entry) -> Entry:
    """Return the entry with text converted to a truth value, if possible."""
    text = str(entry.value).lower()
    return Entry(entry.key, _TRUTHS[text], entry.remarks) if text in _TRUTHS else entry


_METRIC_KEYS = ("type", "threshold", "comparison", "enabled")


def parse_metric(entry: Entry) -> dict[str, Threshold | None]:
    """Parse one entry as metric and threshold (``None`` if disabled); empty for an unknown metric."""
    parts = parse_parts(entry, _METRIC_KEYS, required=("type", "threshold"))
    if "type" not in parts or "threshold" not in parts:
        return {}
    enabled = "enabled" not in parts or FLAG.parse(read_truth(parts["enabled"]))
    metric = _parse_type(parts["type"], bool(enabled))
    if metric is None:
        return {}
    threshold = _parse_threshold(metric, parts)
    # Parsed even if disabled, as antipasta rejects invalid ones too.
    return {metric: threshold if enabled else None}


def _parse_type(entry: Entry, enabled: bool) -> str | None:
    name = str(entry.value)
    if name in judged_metrics():
        return name
    if name not in FOREIGN_METRICS:
        entry.complain(f"unknown metric {format_value(entry.value)}; {suggest(name, judged_metrics())}")
    elif enabled:
        entry.note(f"{name} exists only in antipasta; not measured here")
    return None


def _parse_threshold(metric: str, parts: dict[str, Entry]) -> Threshold | None:
    limit = LIMIT.parse(read_number(parts["threshold"]))
    comparison = parse_comparison(parts["comparison"]) if "comparison" in parts else "<="
    if metric == "maintainability_index" and "comparison" not in parts:
        parts["type"].note('has no comparison; "<=" is used, as in antipasta, but ">=" is probably meant')
    return None if limit is None or comparison is None else Threshold(metric, limit, comparison)
