"""The JSON Schema of thresholds and overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from pytest_antipasta.model import BLOCK_METRICS, JUDGED_METRICS, Comparison, Threshold
from pytest_antipasta.settings.shapes import GLOB, OFF, Schema, describe_table
from pytest_antipasta.settings.values import default_comparison

_LIMIT: Schema = {"type": "number", "minimum": 0}


def describe_thresholds(defaults: Mapping[str, Threshold]) -> Schema:
    """Return the schema of a table of thresholds; without defaults, of an override's."""
    return describe_table({metric: _describe_threshold(metric, defaults) for metric in JUDGED_METRICS})


def _describe_threshold(metric: str, defaults: Mapping[str, Threshold]) -> Schema:
    parts: dict[str, Schema] = {
        "limit": _LIMIT,
        "comparison": {"enum": list(get_args(Comparison)), "default": default_comparison(metric)},
    }
    if metric in BLOCK_METRICS and metric.startswith("halstead_"):
        parts["block_limit"] = {"anyOf": [_LIMIT, OFF]}
    # Nothing can be taken from a default that is not there. An override may have it from the settings.
    needed: Schema = {"required": ["limit"]} if defaults and metric not in defaults else {}
    schema: Schema = {"anyOf": [_LIMIT, OFF, describe_table(parts, **needed)]}
    return schema | ({"default": defaults[metric].limit} if metric in defaults else {})


def describe_overrides() -> Schema:
    """Return the schema of the list of overrides."""
    files = {"type": "array", "items": GLOB, "minItems": 1}
    table = describe_table(
        {"files": files, "thresholds": describe_thresholds({})}, required=["files", "thresholds"]
    )
    return {"type": "array", "items": table, "default": []}
