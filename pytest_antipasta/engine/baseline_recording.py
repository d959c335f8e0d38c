"""Record a baseline from a run that judges by the limits alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial

from pytest_antipasta.baseline.entries import Baseline, EntryKey, is_vacant, make_entry
from pytest_antipasta.baseline.matching import identify
from pytest_antipasta.baseline.moved import RootState
from pytest_antipasta.baseline.review import stays
from pytest_antipasta.baseline.tolerance import Tolerance
from pytest_antipasta.baseline.update import (
    Current,
    Update,
    UpdateScope,
    give_reason,
    plan_prune,
    plan_write,
)
from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.engine.file_tree import FileTree
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.result import Result
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.model.measured import Measured
from pytest_antipasta.policy.limits import is_critical
from pytest_antipasta.settings.patterns import is_outside, make_path_filter


class Recording:
    """Violations of a run, compared with the entries of a baseline.

    Attributes:
        outside: paths of files with violations that are outside the root and can't be recorded.
        unmeasured: paths of files without values; their entries stay.
    """

    def __init__(
        self,
        run: Result,
        recorded: tuple[BaselineEntry, ...],
        report_progress: ReportProgress,
        open_tree: Callable[[Measurer], RootState] | None,
    ) -> None:
        """Compare a finished run, judged by the limits alone, with the existing entries.

        Args:
            run: the run.
            recorded: the existing entries.
            report_progress: receives the number of files done and the total, before each file with
                violations.
            open_tree: returns all files of the state that the run is about; ``None`` for the working tree.
        """
        self._report_progress = report_progress
        self._run = run
        self._settings = run.rules.settings
        # Other files are measured only to find moved code, so a store is not needed.
        self._measurer = open_measurer(self._settings, None)
        self._tree = (open_tree or partial(FileTree, run.rules))(self._measurer)
        self._tolerance = Tolerance(self._settings, recorded, self._tree)
        self._baseline: Baseline = self._tolerance.baseline
        verdicts = run.sorted_verdicts()
        over = [verdict for verdict in verdicts if verdict.violations]
        self.outside = [verdict.path for verdict in over if is_outside(verdict.path)]
        self.unmeasured = [verdict.path for verdict in verdicts if verdict.error is not None]
        self._verdicts = [verdict for verdict in over if not is_outside(verdict.path)]
        self._has = make_path_filter(run.selection.narrowed_by)
        self._lacks_language = any(map(is_missing, self._settings.languages))

    def find_critical(self) -> list[str]:
        """Return the critical functions over a limit, recorded or not: nothing is tolerated there."""
        found = (
            f"{verdict.path}::{violation.qualified_name}"
            for verdict in self._verdicts
            for violation in verdict.violations
            if is_critical(
                self._settings.critical_functions, verdict.path, verdict.by_name.get(violation.qualified_name)
            )
        )
        return list(dict.fromkeys(found))

    def has_entries(self, path: str) -> bool:
        """Return whether a file has entries."""
        return any(entry.path == path for entry in self._baseline.entries)

    def write(self, reason: str | None = None, *, has_named_files: bool = False) -> Update:
        """Return a baseline with all current violations, and a reason in entries that may need one.

        ``has_named_files`` is whether the user chose the files, whose entries without a reason then get it.
        """
        scope = UpdateScope(self._has, self._stays)
        update = plan_write(self._baseline, list(self._iter_current()), scope)
        if reason is None:
            return update
        return give_reason(update, reason, lambda path: has_named_files and self._has(path))

    def prune(self) -> Update:
        """Return the baseline without unneeded entries."""
        scope = UpdateScope(self._has, lambda entry: self._stays(entry) or self._is_unseen(entry))
        return plan_prune(self._baseline, list(self._iter_current()), scope)

    def count_unseen(self) -> int:
        """Return how many entries of existing files that are not checked, such as excluded ones, can go."""
        unseen = (entry for entry in self._baseline.entries if self._is_unseen(entry))
        return sum(self._has(entry.path) and not self._stays(entry) for entry in unseen)

    def find_hidden(self, update: Update) -> tuple[int, str] | None:
        """Return how many entries may be of blocks in a file without values, and one such file."""
        gone = [entry for entry in update.entries if self._has(entry.path) and self._is_gone(entry)]
        hidden = [
            entry
            for entry in gone
            if entry.path not in self.unmeasured and (self.unmeasured or entry.key not in self._moved_out)
        ]
        return (len(hidden), self._hiding_place) if hidden and self._hiding_place is not None else None

    def close(self) -> None:
        """Close the measurer of other files."""
        self._measurer.close()

    def _iter_current(self) -> Iterator[Current]:
        for number, verdict in enumerate(self._verdicts):
            self._report_progress(number, len(self._verdicts))
            file = self._run.by_path[verdict.path].make_version(Measured(verdict.measurement))
            known = self._tolerance.find_entries(verdict, file)
            for violation in verdict.violations:
                new = make_entry(verdict.path, violation, file, self._baseline.python)
                entry = known.get(identify(violation))
                yield Current(violation, new, entry and self._baseline.with_reason(entry))

    def _is_unseen(self, entry: BaselineEntry) -> bool:
        return entry.path not in self._run.verdicts and self._tree.has_file(entry.path)

    def _stays(self, entry: BaselineEntry) -> bool:
        verdict, find_limits = self._run.verdicts.get(entry.path), self._run.rules.thresholds.find
        is_needed = stays(self._baseline, entry, verdict, find_limits, lacks_language=self._lacks_language)
        return is_needed or self._tree.leaves_out(entry.path) or self._may_be_elsewhere(entry)

    def _may_be_elsewhere(self, entry: BaselineEntry) -> bool:
        """Return whether an entry's block is in an unrequested file, or may be in one without values."""
        if not self._is_gone(entry):
            return False
        return bool(self.unmeasured) or entry.key in self._moved_out or self._hiding_place is not None

    def _is_gone(self, entry: BaselineEntry) -> bool:
        """Return whether an entry's block is not at its recorded place."""
        return is_vacant(entry, self._run.verdicts.get(entry.path)) and not self._is_unseen(entry)

    @cached_property
    def _hiding_place(self) -> str | None:
        """A file without values, if necessary one that was not requested; all files are measured."""
        if self.unmeasured or self._run.selection.narrowed_by is None:
            return next(iter(self.unmeasured), None)
        versions = (verdict for verdict, _ in self._tree.iter_versions())
        return next((verdict.path for verdict in versions if verdict.error is not None), None)

    @cached_property
    def _moved_out(self) -> frozenset[EntryKey]:
        """The entries whose blocks moved to files that were not requested; all other files are measured."""
        if self._run.selection.narrowed_by is None:
            return frozenset()
        moved = self._tolerance.moved.items()
        return frozenset(entry.key for (path, *_), entry in moved if not self._has(path))
