"""Writing settings as TOML."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_threshold, default_thresholds
from pytest_antipasta.messages import format_json
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.settings.documents import format_key
from pytest_antipasta.settings.values import WRITTEN, Override, Settings

_OF_DEFAULTS = (
    "# commented limits are defaults: they don't apply to generated files, nor the cyclomatic one to tests"
)


def format_short(threshold: Threshold) -> str:
    """Return a threshold as a number if nothing else is needed, or as a table with its level."""
    usual = default_threshold(threshold.metric, threshold.limit)
    if threshold == usual:
        return str(threshold.limit)
    if threshold == replace(usual, level=threshold.level):
        return f"{{ limit = {threshold.limit}, level = {format_json(threshold.level)} }}"
    return format_in_full(threshold)


def format_in_full(threshold: Threshold) -> str:
    """Return a threshold with all parts, independent of other thresholds."""
    parts = f"limit = {threshold.limit}, comparison = {format_json(threshold.comparison)}"
    if threshold.block_limit is not None:
        parts += f", block_limit = {threshold.block_limit}"
    elif threshold.metric.startswith("halstead_"):
        parts += ", block_limit = false"
    return f"{{ {parts}, level = {format_json(threshold.level)} }}"


CommentWriter: TypeAlias = Callable[..., str]
"""Takes the parts of a key below our table, and returns the comment for its line."""


def iter_toml_lines(settings: Settings, find_comment: CommentWriter | None = None) -> Iterator[str]:
    """Yield the lines of a table for ``pyproject.toml`` with all effective values, including defaults."""

    def line(name: str, value: str, *key: str | int) -> str:
        comment = f"  # {find_comment(*key)}" if find_comment else ""
        return f"{format_key((name,))} = {value}{comment}"

    yield "[tool.pytest-antipasta]"
    for name, value in _iter_keys(settings):
        yield line(name, value, name)
    yield from ("", "[tool.pytest-antipasta.thresholds]")
    if find_comment and not settings.thresholds.keys() <= set(settings.named):
        yield _OF_DEFAULTS
    for metric, text in _iter_thresholds(settings.thresholds):
        # A limit that is named has none of the defaults for tests and generated files.
        begin = "" if metric in settings.named else "# "
        yield begin + line(metric, text, "thresholds", metric)
    for index, override in enumerate(settings.overrides):
        yield from _iter_override(index, override, line)


def _iter_override(index: int, override: Override, line: Callable[..., str]) -> Iterator[str]:
    yield from ("", "[[tool.pytest-antipasta.overrides]]")
    for name, patterns in (("files", override.files), ("functions", override.functions)):
        if patterns:
            yield line(name, format_json(patterns), "overrides", index, name)
    yield from ("", "[tool.pytest-antipasta.overrides.thresholds]")
    for metric, threshold in override.thresholds.items():
        text = "false" if threshold is None else format_in_full(threshold)
        yield line(metric, text, "overrides", index, "thresholds", metric)


def _iter_keys(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in WRITTEN:
        value = getattr(settings, name)
        if name not in ("thresholds", "overrides") and value is not None:
            yield name, format_json(os.fspath(value) if isinstance(value, Path) else value)


def _iter_thresholds(thresholds: Mapping[str, Threshold]) -> Iterator[tuple[str, str]]:
    for metric, threshold in thresholds.items():
        yield metric, format_short(threshold)
    for metric in default_thresholds():
        if metric not in thresholds:
            yield metric, "false"
