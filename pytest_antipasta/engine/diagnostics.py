"""Warnings of a run: whatever finds one puts it here, and whoever reports takes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

WarningKind: TypeAlias = Literal["other", "store off", "unreadable record"]


class RunWarning(NamedTuple):
    """Something that the user should know of a run.

    Attributes:
        text: a line.
        kind: what it is about, as far as only one warning of a kind is worth a line.
    """

    text: str
    kind: WarningKind = "other"


class Diagnostics:
    """Collects the warnings of one process."""

    def __init__(self) -> None:
        """Begin without any."""
        self._warnings: list[RunWarning] = []

    def warn(self, text: str, kind: WarningKind = "other") -> None:
        """Add a warning."""
        self._warnings.append(RunWarning(text, kind))

    def take(self) -> tuple[RunWarning, ...]:
        """Return the warnings that were not taken yet, oldest first."""
        warnings = tuple(self._warnings)
        self._warnings.clear()
        return warnings


def merge_warnings(warnings: Iterable[RunWarning]) -> list[str]:
    """Return the lines of warnings, each once, and of a broken store only the first of the worst kind."""
    lines: dict[str, WarningKind] = {}
    for text, kind in warnings:
        lines.setdefault(text, kind)
    is_off = "store off" in lines.values()
    told: list[str] = []
    seen: set[WarningKind] = {"unreadable record"} if is_off else set()
    for text, kind in lines.items():
        if kind == "other" or kind not in seen:
            told.append(text)
        seen.add(kind)
    return told
