"""The thresholds that apply to a file, with the origin of each; and what nobody can measure."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_antipasta.extension import default_thresholds, find_distributions, is_missing
from pytest_antipasta.model import FOREIGN, Threshold
from pytest_antipasta.settings.patterns import compile_patterns
from pytest_antipasta.settings.values import Settings


def trace_thresholds(settings: Settings, path: str) -> dict[str, tuple[Threshold | None, str]]:
    """Give the thresholds of a file with their origins; ``None`` for metrics that are switched off there.

    An origin is ``default``, ``settings`` or ``overrides[n]``, counted from 0. The path is posix and
    relative to the root; no override matches an absolute one.
    """
    return _trace(settings, [compile_patterns(override.files)(path) for override in settings.overrides])


class ThresholdFinder:
    """Gives the thresholds of one file after another, worked out once for each set of overrides."""

    def __init__(self, settings: Settings) -> None:
        """Find thresholds by the settings of a root."""
        self._settings = settings
        self._overrides = [compile_patterns(override.files) for override in settings.overrides]
        self._known: dict[tuple[bool, ...], tuple[Threshold, ...]] = {}

    def find(self, path: str) -> tuple[Threshold, ...]:
        """Give the thresholds of a file, a posix path relative to the root."""
        speaking = tuple([matches(path) for matches in self._overrides])
        if speaking not in self._known:
            traced = _trace(self._settings, speaking).values()
            self._known[speaking] = tuple(threshold for threshold, _ in traced if threshold)
        return self._known[speaking]


def _trace(settings: Settings, speaking: Sequence[bool]) -> dict[str, tuple[Threshold | None, str]]:
    """Give the thresholds with their origins; ``speaking`` says which overrides are about the file."""
    off = (metric for metric in default_thresholds() if metric not in settings.thresholds)
    traced: dict[str, tuple[Threshold | None, str]] = dict.fromkeys(off, (None, "settings"))
    for metric, threshold in settings.thresholds.items():
        is_default = threshold == default_thresholds().get(metric)
        traced[metric] = (threshold, "default" if is_default else "settings")
    for index, override in enumerate(settings.overrides):
        if speaking[index]:
            changed = override.thresholds.items()
            traced |= {metric: (threshold, f"overrides[{index}]") for metric, threshold in changed}
    return traced


def find_faults(settings: Settings) -> tuple[str, ...]:
    """Return a line for each installed extension that is switched off, and each one that is not installed."""
    lines: list[str] = []
    if find_distributions():
        # Here, because hardly anybody has an extension.
        from pytest_antipasta.extension import load_extensions

        lines += load_extensions().faults
    limited = [*settings.thresholds, *(name for each in settings.overrides for name in each.thresholds)]
    named = dict.fromkeys(limited, ("has a limit", "the limit"))
    named |= dict.fromkeys(settings.languages, ("is one of `languages`", "it"))
    for name in filter(is_missing, named):
        distribution, (is_what, what) = name.partition(FOREIGN)[0], named[name]
        if not any(f"extension {distribution} " in line for line in lines):
            lines.append(
                f"{name} {is_what}, and no extension {distribution} is installed: install it into the "
                f"environment of pytest-antipasta, or take {what} out of the settings"
            )
    return tuple(lines)
