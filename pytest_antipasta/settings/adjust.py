"""Settings for one run: limits and exclusions that are asked for, in place of those of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pytest_antipasta.errors import UsageError
from pytest_antipasta.settings.entries import Entry, Remarks, format_key
from pytest_antipasta.settings.scalars import parse_glob
from pytest_antipasta.settings.thresholds import parse_thresholds
from pytest_antipasta.settings.values import Settings


def with_limits(settings: Settings, limits: Mapping[str, object]) -> Settings:
    """Return settings with other limits, which hold for every path.

    Args:
        settings: of a root.
        limits: by metric, each as a settings file has it: a number, a table of parts, or ``False`` for none.

    Raises:
        UsageError: a metric is not known, or a limit is none.
    """
    remarks = Remarks()
    asked = parse_thresholds(Entry((), dict(limits), remarks), settings.thresholds)
    _raise(remarks)
    thresholds = {**settings.thresholds, **asked}
    overrides = tuple(
        replace(one, thresholds={name: of for name, of in one.thresholds.items() if name not in asked})
        for one in settings.overrides
    )
    kept = {metric: threshold for metric, threshold in thresholds.items() if threshold is not None}
    return replace(settings, thresholds=kept, overrides=overrides)


def with_exclude(settings: Settings, patterns: Iterable[str]) -> Settings:
    """Return settings that leave out more files.

    Raises:
        UsageError: a pattern is not valid.
    """
    remarks = Remarks()
    found = [parse_glob(Entry((pattern,), pattern, remarks)) for pattern in patterns]
    _raise(remarks)
    return replace(settings, exclude=(*settings.exclude, *filter(None, found)))


def _raise(remarks: Remarks) -> None:
    if remarks.problems:
        raise UsageError("\n".join(f"{format_key(one.key)}: {one.text}" for one in remarks.problems))
