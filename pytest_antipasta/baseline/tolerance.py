"""Apply a baseline to verdicts: recorded violations are tolerated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from msgspec.structs import asdict, replace

from pytest_antipasta.baseline.entries import Baseline, EntryKey
from pytest_antipasta.baseline.matching import Entries, find_named, identify
from pytest_antipasta.baseline.moved import MovedEntries, RootState, find_moved, iter_gone
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.judged import BaselineEntry, Tolerated, Verdict, Violation
from pytest_antipasta.policy.limits import is_critical
from pytest_antipasta.settings.values import Settings


class Tolerance:
    """Tolerates recorded values that got no worse, and a file's own values unless files are strict."""

    def __init__(
        self,
        settings: Settings,
        recorded: Iterable[BaselineEntry],
        tree: RootState | None,
        is_introduced: Callable[[EntryKey], bool] = lambda _: False,
    ) -> None:
        """Apply the entries of a root, with its files as a tree; ``None`` matches no moved code.

        Code added by a judged change takes no entry from code that existed before.
        """
        self.baseline = Baseline(recorded)
        self._strict_files = settings.strict_files
        self._critical = settings.critical_functions
        self._tree = tree
        self._is_introduced = is_introduced

    def may_have_moved(self, verdict: Verdict) -> bool:
        """Return whether a violation without an entry may have that of moved code, by names."""
        return any(
            violation.recorded is None and self.baseline.may_have_moved(violation)
            for violation in verdict.violations
        )

    def find_entries(self, verdict: Verdict, file: FileVersion) -> Entries:
        """Return the entries of violations in a whole file, by its limits."""
        entries = find_named(verdict, self.baseline, file)
        missing = [violation for violation in verdict.violations if identify(violation) not in entries]
        if any(self._has_moved(item, file) for item in missing):
            keys = {identify(item): (verdict.path, item.qualified_name, item.metric) for item in missing}
            entries |= {number: self.moved[key] for number, key in keys.items() if key in self.moved}
        return entries

    @cached_property
    def moved(self) -> MovedEntries:
        """The entries of moved code in the tree, computed on first use."""
        tree = self._tree
        return {} if tree is None else find_moved(self.baseline, tree, self._is_introduced)

    def _has_moved(self, violation: Violation, file: FileVersion) -> bool:
        """Return whether all files must be read to find the entry of a violation."""
        if self._tree is None or not self.baseline.may_have_moved(violation):
            return False
        if (violation.qualified_name, violation.metric) in self._names_of_gone:
            return True
        if not self.baseline.has_value(violation):
            return False
        return (file.digest(violation.qualified_name or ""), violation.metric) in self.baseline.bodies

    @cached_property
    def _names_of_gone(self) -> frozenset[tuple[str | None, str]]:
        """The recorded names and metrics of deleted files."""
        entries = iter_gone(self.baseline, self._tree) if self._tree is not None else ()
        return frozenset((entry.qualified_name, entry.metric) for entry in entries)

    def apply(self, verdict: Verdict, entries: Entries) -> Verdict:
        """Return a verdict by the limits, on a file or a part of it, with recorded violations tolerated.

        The entries are those of the whole file.
        """
        violations: list[Violation] = []
        tolerated = [*verdict.tolerated]
        for violation in verdict.violations:
            if (entry := entries.get(identify(violation))) is None:
                violations.append(violation)
                continue
            block = verdict.by_name.get(violation.qualified_name)
            recorded = replace(violation, recorded=entry.value)
            if self.is_granted(violation, entry) and not is_critical(self._critical, verdict.path, block):
                tolerated.append(Tolerated(**asdict(recorded), why="baseline"))
            else:
                violations.append(recorded)
        tolerated.sort(key=lambda item: item.line or 0)
        return replace(verdict, violations=tuple(violations), tolerated=tuple(tolerated))

    def apply_to_file(self, verdict: Verdict, file: FileVersion) -> Verdict:
        """Return the verdict on a whole file with recorded violations tolerated."""
        return self.apply(verdict, self.find_entries(verdict, file))

    def is_granted(self, violation: Violation, entry: BaselineEntry) -> bool:
        """Return whether an entry allows a value outside critical functions."""
        # Every edit changes a file's values; as in a commit, only values of blocks must not get worse.
        may_be_worse = violation.qualified_name is None and not self._strict_files
        return may_be_worse or not self.baseline.is_worse(violation, entry)
