"""The table that settings of other tools become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_antipasta.model import JUDGED_METRICS
from pytest_antipasta.settings.migration.migrate import Migration
from pytest_antipasta.settings.migration.values import Setting
from pytest_antipasta.settings.values import DEFAULT_THRESHOLDS


def iter_migrated(migration: Migration) -> Iterator[str]:
    """Yield the lines of the table, each with its origin."""
    yield "[tool.pytest-antipasta]"
    for lost in migration.lost:
        yield f"# {lost.origin}: {lost.why}"
    for name in ("paths", "exclude"):
        yield from _iter_list(name, _select(migration, name))
    for setting in _select(migration, "use_gitignore"):
        yield f"use_gitignore = {setting.text}  # {setting.origin}"
    yield from _iter_thresholds(_select(migration, *JUDGED_METRICS))
    for setting in _select(migration, "overrides"):
        yield from ("", "[[tool.pytest-antipasta.overrides]]")
        yield f"files = [{setting.text}]  # {setting.origin}"
        yield "thresholds = { cyclomatic_complexity = false }"


def _select(migration: Migration, *keys: str) -> list[Setting]:
    return [setting for setting in migration.settings if setting.key in keys]


def _iter_list(name: str, items: Sequence[Setting]) -> Iterator[str]:
    if items:
        yield f"{name} = ["
        for item in items:
            yield f"    {item.text},  # {item.origin}"
        yield "]"


def _iter_thresholds(settings: Sequence[Setting]) -> Iterator[str]:
    """Yield the thresholds; what was not judged until now is switched off."""
    if not settings:
        return
    yield from ("", "[tool.pytest-antipasta.thresholds]")
    for setting in settings:
        yield f"{setting.key} = {setting.text}  # {setting.origin}"
    named = {setting.key for setting in settings}
    for metric, default in DEFAULT_THRESHOLDS.items():
        if metric not in named:
            limit = f"{default.comparison} {default.limit}"
            yield f"{metric} = false  # was not judged; without this line it is, {limit}"
