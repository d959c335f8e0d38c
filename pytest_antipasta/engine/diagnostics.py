"""Report the progress of a run, and collect its warnings until a report takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, TypeAlias

ReportProgress: TypeAlias = Callable[[int, int], object]
"""Called with the number of finished items, and the number of all items."""
WarningKind: TypeAlias = Literal["other", "store off", "unreadable record"]


def ignore_progress(done: int, total: int) -> None:
    """Ignore progress."""


class RunWarning(NamedTuple):
    """A warning that the user should see.

    Attributes:
        text: one line.
        kind: the kind, if only one warning of this kind should be shown.
    """

    text: str
    kind: WarningKind = "other"


class Diagnostics:
    """Collects the warnings of one process."""

    def __init__(self) -> None:
        """Start without warnings."""
        self._warnings: list[RunWarning] = []

    def warn(self, text: str, kind: WarningKind = "other") -> None:
        """Add a warning."""
        self._warnings.append(RunWarning(text, kind))

    def take(self) -> tuple[RunWarning, ...]:
        """Return the warnings added since the last call, oldest first."""
        warnings = tuple(self._warnings)
        self._warnings.clear()
        return warnings


def merge_warnings(warnings: Iterable[RunWarning]) -> list[str]:
    """Return the distinct warnings; of those about a broken store, only the first of the worst kind."""
    lines: dict[str, WarningKind] = {}
    for text, kind in warnings:
        lines.setdefault(text, kind)
    is_off = "store off" in lines.values()
    merged: list[str] = []
    seen: set[WarningKind] = {"unreadable record"} if is_off else set()
    for text, kind in lines.items():
        if kind == "other" or kind not in seen:
            merged.append(text)
        seen.add(kind)
    return merged
