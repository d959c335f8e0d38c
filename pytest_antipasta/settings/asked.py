"""Settings with what options ask for in one run: other limits, and more files to exclude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.registry import complete_name
from pytest_antipasta.settings.documents import Entry, Remarks, format_key
from pytest_antipasta.settings.kinds import parse_glob
from pytest_antipasta.settings.thresholds import parse_thresholds
from pytest_antipasta.settings.values import Asked, Settings


def with_limits(settings: Settings, limits: Mapping[str, object]) -> Settings:
    """Return settings with other limits, which apply to every path.

    Each limit is written as in a settings file: a number, a table of parts, or ``False`` for none. Its level
    is ``error`` unless specified.

    Raises:
        UsageError: a metric is unknown, or a limit is invalid.
    """
    remarks = Remarks()
    asked = parse_thresholds(Entry((), dict(limits), remarks), settings.thresholds)
    _raise(remarks)
    limits = {complete_name(name): limit for name, limit in limits.items()}
    asked = {name: _with_level(item, limits[name]) for name, item in asked.items()}
    thresholds = {**settings.thresholds, **asked}
    overrides = tuple(
        replace(
            override, thresholds={name: of for name, of in override.thresholds.items() if name not in asked}
        )
        for override in settings.overrides
    )
    kept = {metric: threshold for metric, threshold in thresholds.items() if threshold is not None}
    return replace(
        settings,
        thresholds=kept,
        named=tuple(sorted({*settings.named, *asked})),
        overrides=overrides,
        projects=tuple(with_limits(project, limits) for project in settings.projects),
        asked=replace(settings.asked, limits={**settings.asked.limits, **limits}),
    )


def _with_level(threshold: Threshold | None, written: object) -> Threshold | None:
    """Return a limit with the level ``error`` unless specified."""
    has_level = isinstance(written, dict) and "level" in written
    return threshold if threshold is None or has_level else replace(threshold, level="error")


def with_exclude(settings: Settings, patterns: Sequence[str]) -> Settings:
    """Return settings that exclude more files."""
    remarks = Remarks()
    found = [parse_glob(Entry(("--exclude",), pattern, remarks)) for pattern in patterns]
    _raise(remarks)
    return replace(
        settings,
        exclude=(*settings.exclude, *filter(None, found)),
        asked=replace(settings.asked, exclude=(*settings.asked.exclude, *patterns)),
    )


def with_asked(settings: Settings, asked: Asked) -> Settings:
    """Return settings with what options ask for."""
    settings = with_limits(settings, asked.limits) if asked.limits else settings
    return with_exclude(settings, asked.exclude) if asked.exclude else settings


def _raise(remarks: Remarks) -> None:
    if remarks.problems:
        raise UsageError(
            "\n".join(f"{format_key(problem.key)}: {problem.text}" for problem in remarks.problems)
        )
