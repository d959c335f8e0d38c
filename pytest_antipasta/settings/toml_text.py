"""Settings written as the TOML that would give them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from pytest_antipasta.model import Threshold
from pytest_antipasta.settings.values import DEFAULT_THRESHOLDS, Override, Settings, default_comparison
from pytest_antipasta.settings.wording import format_json

_PLAIN_KEYS = (
    "paths", "include", "exclude", "use_gitignore", "nested_blocks", "on_error", "max_file_size_mb",
    "judge", "time_budget", "strict_files", "critical_paths", "critical_functions", "fail_fast",
    "on_internal_error", "on_timeout",
)  # fmt: skip


def iter_toml_lines(settings: Settings) -> Iterator[str]:
    """Give the lines of a table for ``pyproject.toml`` that says all that applies, the defaults too."""
    yield from _iter_keys(settings)
    yield from _iter_thresholds(settings.thresholds)
    for override in settings.overrides:
        yield from _iter_override(override)


def _iter_keys(settings: Settings) -> Iterator[str]:
    yield "[tool.pytest-antipasta]"
    for name in _PLAIN_KEYS:
        yield f"{name} = {format_json(getattr(settings, name))}"
    if settings.cache_dir is not None:
        yield f"cache_dir = {format_json(os.fspath(settings.cache_dir))}"


def _iter_thresholds(thresholds: Mapping[str, Threshold]) -> Iterator[str]:
    yield ""
    yield "[tool.pytest-antipasta.thresholds]"
    for metric, threshold in thresholds.items():
        short = threshold == Threshold(metric, threshold.limit, default_comparison(metric))
        yield f"{metric} = {threshold.limit if short else _format_threshold(threshold)}"
    for metric in DEFAULT_THRESHOLDS:
        if metric not in thresholds:
            yield f"{metric} = false"


def _iter_override(override: Override) -> Iterator[str]:
    yield ""
    yield "[[tool.pytest-antipasta.overrides]]"
    yield f"files = {format_json(override.files)}"
    yield ""
    yield "[tool.pytest-antipasta.overrides.thresholds]"
    for metric, threshold in override.thresholds.items():
        yield f"{metric} = {'false' if threshold is None else _format_threshold(threshold)}"


def _format_threshold(threshold: Threshold) -> str:
    """Write every part, so that nothing is taken from another threshold."""
    parts = f"limit = {threshold.limit}, comparison = {format_json(threshold.comparison)}"
    if threshold.block_limit is not None:
        parts += f", block_limit = {threshold.block_limit}"
    elif threshold.metric.startswith("halstead_"):
        parts += ", block_limit = false"
    return f"{{ {parts} }}"
