"""The meaning of ``.antipasta.yaml``, the settings of antipasta 1.2.0.

Its rule, which is followed here:

* The first entry of ``languages`` that is named ``python``, in any case, decides alone: what it lists is
  judged, a metric it does not list is not, and ``defaults`` count for nothing. An empty ``metrics``
  judges nothing. Of two entries for one metric the later counts, and ``enabled: false`` switches it off.
* Where an entry has no ``comparison`` it is ``<=``, for the maintainability index too.
* Without such an entry all six metrics of ``defaults`` are judged, cognitive complexity among them, and
  what is missing there has antipasta's default. An empty file therefore means the defaults.
* Quoted numbers and truth values count as what they say (YAML reads even a bare ``1e4`` as text).

Unknown keys, which antipasta passes over, are errors here. Its upper bounds for limits are not kept.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pytest_antipasta.extension import default_thresholds, judged_metrics, our_metrics
from pytest_antipasta.messages import format_value, suggest
from pytest_antipasta.model import Threshold
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.scalars import (
    iter_entries,
    parse_any_glob,
    parse_bool,
    parse_limit,
    parse_list,
    parse_parts,
    parse_text,
    parse_texts,
    refuse,
)
from pytest_antipasta.settings.table import parse_comparison

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


def _read_number(entry: Entry) -> Entry:
    """Give the entry with the number that its text spells, or as it is."""
    if not isinstance(entry.value, str):
        return entry
    for kind in (int, float):
        with suppress(ValueError):
            return Entry(entry.key, kind(entry.value), entry.remarks)
    return entry


def _read_truth(entry: Entry) -> Entry:
    """Give the entry with the truth value that its text spells, or as it is."""
    text = str(entry.value).lower()
    return Entry(entry.key, _TRUTHS[text], entry.remarks) if text in _TRUTHS else entry


_METRIC_KEYS = ("type", "threshold", "comparison", "enabled")


def _parse_metric(entry: Entry) -> dict[str, Threshold | None]:
    """Read one entry as metric and threshold, ``None`` where that is off; a foreign one is nothing."""
    parts = parse_parts(entry, _METRIC_KEYS, required=("type", "threshold"))
    if "type" not in parts or "threshold" not in parts:
        return {}
    enabled = "enabled" not in parts or parse_bool(_read_truth(parts["enabled"]))
    metric = _parse_type(parts["type"], bool(enabled))
    if metric is None:
        return {}
    threshold = _parse_threshold(metric, parts)
    # Read even if it is switched off: antipasta refuses a wrong one there too.
    return {metric: threshold if enabled else None}


def _parse_type(entry: Entry, enabled: bool) -> str | None:
    name = str(entry.value)
    if name in judged_metrics():
        return name
    if name not in FOREIGN_METRICS:
        entry.complain(f"unknown metric {format_value(entry.value)}; {suggest(name, judged_metrics())}")
    elif enabled:
        entry.note(f"{name} is antipasta's own and not measured here")
    return None


def _parse_threshold(metric: str, parts: dict[str, Entry]) -> Threshold | None:
    limit = parse_limit(_read_number(parts["threshold"]))
    comparison = parse_comparison(parts["comparison"]) if "comparison" in parts else "<="
    if metric == "maintainability_index" and "comparison" not in parts:
        parts["type"].note('has no comparison, which means "<=" as in antipasta; ">=" is probably meant')
    return None if limit is None or comparison is None else Threshold(metric, limit, comparison)


def _find_python(entry: Entry) -> Entry | None:
    """Find the first entry named so, which decides for Python; the others are noted as without effect."""
    found = None
    for language in parse_list(entry, "tables") or ():
        name = _read_name(language)
        if name != "python":
            language.note(f"has no effect here: {format_value(name)} is not measured")
        elif found is not None:
            language.note("has no effect: an earlier entry has the same name")
        else:
            found = language
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


def _parse_language(entry: Entry) -> dict[str, Threshold]:
    """Read the thresholds that the entry which decides for Python lists and does not switch off."""
    parts = parse_parts(entry, ("name", "extensions", "metrics"), required=("metrics",))
    if "extensions" in parts and parts["extensions"].value not in ([], [".py"]):
        parts["extensions"].note("has no effect: *.py files are measured, as by antipasta")
    found: dict[str, Threshold | None] = {}
    for item in parse_list(parts["metrics"], "tables") or () if "metrics" in parts else ():
        found |= _parse_metric(item)
    judged = {metric: threshold for metric, threshold in found.items() if threshold is not None}
    if not judged:
        entry.note("nothing is judged: it lists no metric that is measured here and switched on")
    return judged


_DEFAULTS = {
    f"{'min' if metric.more_is_better else 'max'}_{metric.name}": Threshold(
        metric.name, metric.limit, metric.comparison
    )
    for metric in our_metrics().values()
    if metric.limit is not None
}
_FOREIGN_KEYS = ("profile", "tree_shape", "import_graph", "narrative", "duplication")
_KEYS = ("defaults", "languages", "ignore_patterns", "use_gitignore", *_FOREIGN_KEYS)


def parse_antipasta_yaml(entry: Entry) -> dict[str, Any]:
    """Return the fields of ``Settings`` that a whole file sets; they mean nothing once a problem is noted."""
    parts = parse_parts(entry, _KEYS)
    _note_foreign_keys(parts)
    fields: dict[str, Any] = {"thresholds": _parse_judged(parts)}
    if "ignore_patterns" in parts:
        fields["exclude"] = parse_texts(parts["ignore_patterns"], parse_any_glob)
    if "use_gitignore" in parts:
        fields["use_gitignore"] = parse_bool(_read_truth(parts["use_gitignore"]))
    return fields


def _note_foreign_keys(parts: dict[str, Entry]) -> None:
    for name in _FOREIGN_KEYS:
        if name in parts and parts[name].value is not None:
            parts[name].note("is antipasta's own and has no effect here")


def _parse_judged(parts: dict[str, Entry]) -> dict[str, Threshold]:
    # Both are read, so that a mistake in the defaults is reported even where they don't count.
    defaults = _parse_defaults(parts["defaults"]) if "defaults" in parts else dict(default_thresholds())
    python = _find_python(parts["languages"]) if "languages" in parts else None
    if python is None:
        return defaults
    judged = _parse_language(python)
    if "defaults" in parts and any(judged.get(metric) != defaults[metric] for metric in defaults):
        parts["defaults"].note("has no effect: the entry for python in languages decides alone")
    return judged


def _parse_defaults(entry: Entry) -> dict[str, Threshold]:
    found = dict(default_thresholds())
    for child in iter_entries(entry, _DEFAULTS):
        default = _DEFAULTS[child.name]
        limit = parse_limit(_read_number(child))
        if limit is not None:
            found[default.metric] = Threshold(default.metric, limit, default.comparison)
    return found
