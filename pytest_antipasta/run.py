"""All that a run over a root needs, put together in one place for every way in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from pytest_antipasta.engine import open_engine
from pytest_antipasta.memory import Memory
from pytest_antipasta.model import Verdict
from pytest_antipasta.selection import select_files
from pytest_antipasta.settings import Settings
from pytest_antipasta.sweep import Result, Sweep


class Run:
    """One run over the files of a root.

    Attributes:
        settings: what applies.
        selection: the files it is about.
        tasks: one for each of them, in the order of their paths.
        sweep: what judges them in this process.
        verdicts: what is known so far, by path.
        started: when, in seconds of ``time.perf_counter``.
    """

    def __init__(self, settings: Settings, asked_for: Sequence[str], cache_dir: Path | None) -> None:
        """Find the files and open the store.

        Args:
            settings: of the root.
            asked_for: absolute locations of files and folders to narrow the run to; none for all.
            cache_dir: the store's folder, or ``None`` for a run without one.
        """
        self.started = time.perf_counter()
        self.settings = settings
        self.selection = select_files(settings, asked_for)
        self._engine = open_engine(cache_dir)
        self._memory = Memory(settings.root, self._engine)
        self.tasks = self._memory.make_tasks(self.selection.files)
        self.sweep = Sweep(settings, self._engine)
        self.verdicts: dict[str, Verdict] = {}

    @property
    def troubles(self) -> tuple[str, ...]:
        """What the user should be told of the settings and the store, a line each."""
        return (*self.settings.notes, *self._engine.troubles)

    def note(self, result: Result) -> None:
        """Take what came of one file, from this process or another."""
        self.verdicts[result.verdict.path] = result.verdict
        self._memory.note(result)

    def finish(self) -> list[Verdict]:
        """Remember what was learned, and return all verdicts in the order of their paths."""
        is_whole = not self.selection.narrowed_by
        self._memory.write((file.path for file in self.selection.files) if is_whole else None)
        self._engine.close()
        return [self.verdicts[path] for path in sorted(self.verdicts)]
