"""Applying a baseline to verdicts: what it records is tolerated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial

from pytest_antipasta.baseline.entries import Baseline, Key, Source
from pytest_antipasta.baseline.matching import Entries, find_named, identify, tolerate
from pytest_antipasta.baseline.moved import MovedEntries, Tree, find_moved, iter_gone
from pytest_antipasta.model import BaselineEntry, Verdict, Violation
from pytest_antipasta.policy import is_critical
from pytest_antipasta.runtime import python_minor
from pytest_antipasta.settings import Settings


class Tolerance:
    """Lets pass what is recorded and has got no worse, and a file's own numbers unless files are strict."""

    def __init__(
        self,
        settings: Settings,
        recorded: Iterable[BaselineEntry],
        tree: Tree | None,
        is_introduced: Callable[[Key], bool] = lambda _: False,
    ) -> None:
        """Apply what is recorded for a root, as its files are in a tree; ``None`` follows nothing.

        What the change brings that is judged, if one is, takes no entry from what was there before.
        """
        self.baseline = Baseline(recorded, python_minor())
        self._strict_files = settings.strict_files
        self._is_critical = partial(is_critical, settings.critical_functions)
        self._tree = tree
        self._is_introduced = is_introduced

    def may_have_moved(self, verdict: Verdict) -> bool:
        """Whether a number without an entry may have that of something that moved, judging by names."""
        return any(one.recorded is None and self.baseline.may_have_moved(one) for one in verdict.violations)

    def find_entries(self, verdict: Verdict, source: Source) -> Entries:
        """Return for violations of a whole file, by its limits, the entries that they were recorded as."""
        entries = find_named(verdict, self.baseline, source)
        missing = [one for one in verdict.violations if identify(one) not in entries]
        if any(self._has_moved(one, source) for one in missing):
            keys = {identify(one): (verdict.path, one.qualified_name, one.metric) for one in missing}
            entries |= {number: self.moved[key] for number, key in keys.items() if key in self.moved}
        return entries

    def find_unmoved(self) -> list[BaselineEntry]:
        """Return the entries that, as far as anybody has asked, have followed nothing."""
        moved = self.moved.values() if "moved" in self.__dict__ else ()
        used = {entry.key for entry in moved}
        return [entry for entry in self.baseline.entries if entry.key not in used]

    @cached_property
    def moved(self) -> MovedEntries:
        """The entries that have moved in the tree, found when they are needed."""
        return {} if self._tree is None else find_moved(self.baseline, self._tree, self._is_introduced)

    def _has_moved(self, violation: Violation, source: Source) -> bool:
        """Whether it takes a look at all files to know what a violation was recorded as."""
        if self._tree is None or not self.baseline.may_have_moved(violation):
            return False
        if (violation.qualified_name, violation.metric) in self._names_of_gone:
            return True
        if not self.baseline.has_value(violation):
            return False
        return (source.digest(violation.qualified_name or ""), violation.metric) in self.baseline.bodies

    @cached_property
    def _names_of_gone(self) -> frozenset[tuple[str | None, str]]:
        """The names and metrics that are recorded of files that are gone."""
        entries = iter_gone(self.baseline, self._tree) if self._tree is not None else ()
        return frozenset((entry.qualified_name, entry.metric) for entry in entries)

    def apply(self, verdict: Verdict, entries: Entries) -> Verdict:
        """Return a verdict by the limits on a file, or a part of it, with what is recorded tolerated.

        The entries are those of the whole file.
        """
        return tolerate(verdict, self.baseline, entries, partial(self._is_granted, verdict.path))

    def apply_to_file(self, verdict: Verdict, source: Source) -> Verdict:
        """Return the verdict on a whole file with what is recorded tolerated."""
        return self.apply(verdict, self.find_entries(verdict, source))

    def _is_granted(self, path: str, violation: Violation, is_worse: bool) -> bool:
        if violation.qualified_name is None:
            # Every edit moves a file's numbers; as in a commit, only its blocks have to hold theirs.
            return not (is_worse and self._strict_files)
        return not is_worse and not self._is_critical(path, violation.qualified_name)
