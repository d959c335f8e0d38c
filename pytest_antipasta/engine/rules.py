"""The rules of a run: settings, baseline, and whether suppressions count."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from pytest_antipasta.model import BaselineEntry
from pytest_antipasta.settings import Settings, find_faults


class Rules(Struct, frozen=True):
    """What files are judged by: the settings, and what a command line and a baseline add to them.

    Attributes:
        settings: of the root; ``baseline`` is where ``recorded`` was read, if it was.
        recorded: what the baseline has; ``None`` without one.
        honours_suppressions: whether comments count.
        notes: what the user should know of the settings.
        named: the baseline, if an option names it.
    """

    settings: Settings
    recorded: tuple[BaselineEntry, ...] | None = None
    honours_suppressions: bool = True
    notes: tuple[str, ...] = ()
    named: Path | None = None

    def find_faults(self) -> tuple[str, ...]:
        """Return why metrics that have a limit can't be judged in any file, a line each."""
        return find_faults(self.settings)
