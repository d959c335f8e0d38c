"""A threshold written as TOML."""

from __future__ import annotations

from pytest_antipasta.model import Threshold
from pytest_antipasta.settings.values import default_comparison
from pytest_antipasta.settings.wording import format_json


def format_short(threshold: Threshold) -> str:
    """Write a threshold as a number where nothing else needs to be said."""
    short = threshold == Threshold(threshold.metric, threshold.limit, default_comparison(threshold.metric))
    return str(threshold.limit) if short else format_in_full(threshold)


def format_in_full(threshold: Threshold) -> str:
    """Write every part, so that nothing is taken from another threshold."""
    parts = f"limit = {threshold.limit}, comparison = {format_json(threshold.comparison)}"
    if threshold.block_limit is not None:
        parts += f", block_limit = {threshold.block_limit}"
    elif threshold.metric.startswith("halstead_"):
        parts += ", block_limit = false"
    return f"{{ {parts} }}"
