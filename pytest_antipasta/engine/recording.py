"""Recording a baseline from a run that judges by the limits alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property, partial

from msgspec.structs import replace

from pytest_antipasta.baseline import (
    Baseline,
    Current,
    FileSource,
    Key,
    Scope,
    Update,
    identify,
    is_near_limit,
    is_vacant,
    make_entry,
    plan_prune,
    plan_write,
)
from pytest_antipasta.engine.file_tree import FileTree
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.progress import Step, tell_nobody
from pytest_antipasta.engine.run import Run
from pytest_antipasta.engine.sources import reread
from pytest_antipasta.extension import is_missing
from pytest_antipasta.model import FOREIGN, NOTEBOOK, BaselineEntry
from pytest_antipasta.policy import is_critical
from pytest_antipasta.settings import ThresholdFinder, is_outside, make_path_filter

_OF_PYTHON = (".py", ".pyi", ".pyw", NOTEBOOK)


class Recording:
    """What is over its limit, and what a baseline has of it.

    Attributes:
        outside: paths of files with violations that can't be recorded, as they are not below the root.
        unmeasured: paths of files that have no numbers now; what is recorded of them stays.
    """

    def __init__(
        self,
        run: Run,
        recorded: tuple[BaselineEntry, ...],
        tell: Step = tell_nobody,
    ) -> None:
        """Compare a run that has judged its files by the limits alone with the entries that there are.

        ``tell`` is told how many files with violations are recorded, and of how many, before each.
        """
        self._tell = tell
        self._run = run
        self._settings = run.rules.settings
        # Other files are measured only to find out what has left them, so that a store is not needed.
        self._measurer = open_measurer(self._settings, None)
        self._tolerance = FileJudge(replace(run.rules, recorded=recorded), self._measurer).tolerance
        self._baseline: Baseline = self._tolerance.baseline
        verdicts = run.sorted_verdicts()
        over = [verdict for verdict in verdicts if verdict.violations]
        self.outside = [verdict.path for verdict in over if is_outside(verdict.path)]
        self.unmeasured = [verdict.path for verdict in verdicts if verdict.error is not None]
        self._verdicts = [verdict for verdict in over if not is_outside(verdict.path)]
        self._finder = ThresholdFinder(self._settings)
        self._has = make_path_filter(run.selection.narrowed_by)
        self._lacks_language = any(map(is_missing, self._settings.languages))

    def find_critical(self) -> list[str]:
        """Return the blocks over a limit in which nothing is tolerated, recorded or not."""
        found = (
            f"{verdict.path}::{violation.qualified_name}"
            for verdict in self._verdicts
            for violation in verdict.violations
            if violation.qualified_name
            and is_critical(self._settings.critical_functions, verdict.path, violation.qualified_name)
        )
        return list(dict.fromkeys(found))

    def has_entries(self, path: str) -> bool:
        """Whether anything was recorded of a file."""
        return any(entry.path == path for entry in self._baseline.entries)

    def write(self) -> Update:
        """Return what a baseline of everything is."""
        return plan_write(self._baseline, list(self._iter_current()), Scope(self._has, self._stays))

    def prune(self) -> Update:
        """Return the baseline without what is not needed any more."""
        scope = Scope(self._has, lambda entry: self._stays(entry) or self._is_unseen(entry))
        return plan_prune(self._baseline, list(self._iter_current()), scope)

    def count_unseen(self) -> int:
        """Return how many entries are of files that are there and no source files, as excluded ones are."""
        return sum(self._has(entry.path) and self._is_unseen(entry) for entry in self._baseline.entries)

    def find_hidden(self, update: Update) -> tuple[int, str] | None:
        """Return how many entries stay as their blocks may be in a file without numbers, and such a file."""
        gone = [entry for entry in update.entries if self._has(entry.path) and self._is_gone(entry)]
        hidden = [entry for entry in gone if entry.path not in self.unmeasured and self._is_hidden(entry)]
        return (len(hidden), self._hiding_place) if hidden and self._hiding_place is not None else None

    def _is_hidden(self, entry: BaselineEntry) -> bool:
        return bool(self.unmeasured) or entry.key not in self._moved_out

    def close(self) -> None:
        """Let go of what measures other files."""
        self._measurer.close()

    def _iter_current(self) -> Iterator[Current]:
        tasks = {task.path: task for task in self._run.tasks}
        for number, verdict in enumerate(self._verdicts):
            self._tell(number, len(self._verdicts))
            source = FileSource(partial(reread, tasks[verdict.path]), verdict.measurement.foreign)
            known = self._tolerance.find_entries(verdict, source)
            for violation in verdict.violations:
                new = make_entry(verdict.path, violation, source, self._baseline.python)
                yield Current(violation, new, known.get(identify(violation)))

    def _is_unseen(self, entry: BaselineEntry) -> bool:
        is_judged = entry.path in self._run.verdicts
        return not is_judged and os.path.lexists(self._settings.root / entry.path)

    def _lacks_numbers(self, path: str) -> bool:
        """Whether an extension has not measured a file that was judged."""
        verdict = self._run.verdicts.get(path)
        return verdict is not None and bool(verdict.missing)

    def _stays(self, entry: BaselineEntry) -> bool:
        is_unknown = is_missing(entry.metric) or (FOREIGN in entry.metric and self._lacks_numbers(entry.path))
        if (
            self._may_be_of_missing(entry)
            or is_unknown
            or entry.path in self.unmeasured
            or self._may_be_elsewhere(entry)
        ):
            return True
        judged = (threshold.metric for threshold in self._finder.find(entry.path))
        verdict = self._run.verdicts.get(entry.path)
        return is_near_limit(self._baseline, entry, verdict) and entry.metric in judged

    def _may_be_of_missing(self, entry: BaselineEntry) -> bool:
        """Whether an entry may be of a language that is not installed, though its file be somewhere else."""
        if not self._lacks_language or entry.path in self._run.verdicts:
            return False
        return self._is_unseen(entry) or not entry.path.endswith(_OF_PYTHON)

    def _may_be_elsewhere(self, entry: BaselineEntry) -> bool:
        """Whether an entry's block may be in a file without numbers, or is in one that was not asked for."""
        if not self._is_gone(entry):
            return False
        return bool(self.unmeasured) or entry.key in self._moved_out or self._hiding_place is not None

    def _is_gone(self, entry: BaselineEntry) -> bool:
        """Whether an entry's block is not where it was."""
        return is_vacant(entry, self._run.verdicts) and not self._is_unseen(entry)

    @cached_property
    def _hiding_place(self) -> str | None:
        """A file without numbers, one that was not asked for if need be; it takes a look at all files."""
        if self.unmeasured or self._run.selection.narrowed_by is None:
            return next(iter(self.unmeasured), None)
        tree = FileTree(self._run.rules, self._measurer.find_numbers)
        versions = (verdict for verdict, _ in tree.iter_versions())
        return next((verdict.path for verdict in versions if verdict.error is not None), None)

    @cached_property
    def _moved_out(self) -> frozenset[Key]:
        """The entries that other files than those asked for have; it takes a look at all files."""
        if self._run.selection.narrowed_by is None:
            return frozenset()
        moved = self._tolerance.moved.items()
        return frozenset(entry.key for (path, *_), entry in moved if not self._has(path))
