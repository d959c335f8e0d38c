"""The rules of a run: settings, baseline, and whether suppressions count."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.baseline import iter_unread_notes
from pytest_antipasta.model import BaselineEntry
from pytest_antipasta.settings import LoadedSettings, Settings, find_faults


class Rules(Struct, frozen=True):
    """What files are judged by: the settings, and what a command line and a baseline add to them.

    Attributes:
        settings: of the root; ``baseline`` is where ``recorded`` was read, if it was.
        recorded: what the baseline has; ``None`` without one.
        honours_suppressions: whether comments count.
        notes: what the user should know of the settings.
        named: the baseline, if an option names it.
        has_baseline: whether what is recorded is tolerated, if there is anything.
    """

    settings: Settings
    recorded: tuple[BaselineEntry, ...] | None = None
    honours_suppressions: bool = True
    notes: tuple[str, ...] = ()
    named: Path | None = None
    has_baseline: bool = True

    def with_nearer(self, found: LoadedSettings) -> Rules:
        """Return the rules with settings of folders below the root, and with what to tell of these."""
        settings, notes = found
        if settings is self.settings:
            return self
        return replace(self, settings=settings, notes=(*self.notes, *notes, *iter_unread_notes(settings)))

    def find_faults(self) -> tuple[str, ...]:
        """Return why metrics that have a limit can't be judged in any file, a line each."""
        return find_faults(self.settings)
