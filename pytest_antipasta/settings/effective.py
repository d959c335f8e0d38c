"""Which thresholds apply to one file, and who says so."""

from __future__ import annotations

from pytest_antipasta.model import Threshold
from pytest_antipasta.patterns import compile_patterns
from pytest_antipasta.settings.values import DEFAULT_THRESHOLDS, Settings


def effective_thresholds(settings: Settings, path: str) -> dict[str, tuple[Threshold, str]]:
    """Give the thresholds of a file; metrics that are switched off there are absent.

    Args:
        settings: what applies to the root.
        path: posix path relative to the root; no override matches an absolute one.

    Returns:
        Each with its origin: ``default``, ``settings`` or ``overrides[n]``, counted from 0.
    """
    traced = trace_thresholds(settings, path)
    return {metric: (threshold, origin) for metric, (threshold, origin) in traced.items() if threshold}


def trace_thresholds(settings: Settings, path: str) -> dict[str, tuple[Threshold | None, str]]:
    """Give the same, with ``None`` for metrics that are switched off; later overrides win."""
    off = (metric for metric in DEFAULT_THRESHOLDS if metric not in settings.thresholds)
    traced: dict[str, tuple[Threshold | None, str]] = dict.fromkeys(off, (None, "settings"))
    for metric, threshold in settings.thresholds.items():
        is_default = threshold == DEFAULT_THRESHOLDS.get(metric)
        traced[metric] = (threshold, "default" if is_default else "settings")
    for index, override in enumerate(settings.overrides):
        if compile_patterns(override.files)(path):
            changed = override.thresholds.items()
            traced |= {metric: (threshold, f"overrides[{index}]") for metric, threshold in changed}
    return traced
