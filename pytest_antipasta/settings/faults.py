"""Limits of metrics that nobody measures here, and extensions that are switched off."""

from __future__ import annotations

from pytest_antipasta.extension import find_distributions, is_missing
from pytest_antipasta.model import FOREIGN
from pytest_antipasta.settings.values import Settings


def find_faults(settings: Settings) -> tuple[str, ...]:
    """Return a line for each installed extension that is switched off, and each one that is not installed."""
    lines: list[str] = []
    if find_distributions():
        # Here, because hardly anybody has an extension.
        from pytest_antipasta.extension import load_extensions

        lines += load_extensions().faults
    limited = [*settings.thresholds, *(name for each in settings.overrides for name in each.thresholds)]
    for metric in dict.fromkeys(filter(is_missing, limited)):
        distribution = metric.partition(FOREIGN)[0]
        if not any(f"extension {distribution} " in line for line in lines):
            lines.append(
                f"{metric} has a limit, and no extension {distribution} is installed: install it into the "
                "environment of pytest-antipasta, or take the limit out of the settings"
            )
    return tuple(lines)
