"""All that a run over a root needs, put together in one place for every way in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pytest_antipasta.engine import open_engine
from pytest_antipasta.memory import Memory
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.summary import Facts
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

    def __init__(self, settings: Settings, asked_for: Sequence[str] | None, cache_dir: Path | None) -> None:
        """Find the files and open the store.

        Args:
            settings: of the root.
            asked_for: absolute locations of files and folders to narrow the run to; ``None`` for all.
            cache_dir: the store's folder, or ``None`` for a run without one.
        """
        self.started = time.perf_counter()
        self.settings = settings
        self.selection = select_files(settings, asked_for)
        self._engine = open_engine(cache_dir)
        self._has_store = cache_dir is not None
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

    def finish(self) -> None:
        """Remember what was learned."""
        is_whole = self.selection.narrowed_by is None
        self._memory.write((file.path for file in self.selection.files) if is_whole else None)
        self._engine.close()

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts in the order of their paths."""
        return [self.verdicts[path] for path in sorted(self.verdicts)]

    def facts(self) -> dict[str, object]:
        """Return what may differ between two runs over the same tree."""
        hits = sum(verdict.from_store for verdict in self.verdicts.values())
        return {"seconds": self._seconds(), "hits": hits, "misses": len(self.verdicts) - hits}

    def summary_facts(self) -> Facts:
        """Return what a summary tells besides the verdicts."""
        return Facts(
            total=self.selection.total,
            narrowed_by=self.selection.narrowed_by,
            seconds=self._seconds(),
            troubles=self.troubles,
            has_store=self._has_store,
        )

    def _seconds(self) -> float:
        return time.perf_counter() - self.started


class LazyRun:
    """A run that begins when somebody needs it.

    Attributes:
        has_begun: whether somebody did.
    """

    def __init__(self, begin: Callable[[], Run]) -> None:
        """Take what begins it."""
        self._begin = begin
        self._run: Run | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there is a run yet."""
        return self._run is not None

    def get(self) -> Run:
        """Return the run, the same one every time."""
        if self._run is None:
            self._run = self._begin()
        return self._run
