"""The entries of a baseline, applied to all files before or after a change."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import cache, cached_property

from pytest_antipasta.baseline.entries import EntryKey, is_vacant
from pytest_antipasta.baseline.matching import ValueKey, identify
from pytest_antipasta.baseline.tolerance import Tolerance
from pytest_antipasta.gate.judged_tree import JudgedTree
from pytest_antipasta.model.judged import BaselineEntry


class AppliedBaseline(Tolerance):
    """The entries of a baseline, applied to the files before or after a change when needed.

    Attributes:
        entries: the entries of the baseline.
        tree: the files.
    """

    def __init__(
        self,
        entries: Iterable[BaselineEntry],
        tree: JudgedTree,
        is_introduced: Callable[[EntryKey], bool] = lambda _: False,
    ) -> None:
        """Apply entries to a tree. Code added by the change takes no entry from existing code."""
        super().__init__(tree.settings, entries, tree, is_introduced)
        self.entries = frozenset(entries)
        self.tree = tree
        self._judge = cache(self._judge_file)

    def has_tolerated(self, path: str, number: ValueKey) -> bool:
        """Return whether a value of a file is over its limit, and the baseline allows it."""
        return number in self._judge(path)[1]

    def has_failing(self, path: str, number: ValueKey) -> bool:
        """Return whether a value of a file is over its limit, and the baseline does not allow it."""
        return number in self._judge(path)[0]

    def find_holder(self, entry: BaselineEntry) -> EntryKey | None:
        """Return the key of the moved code that an entry was matched with, if any."""
        return self._holders.get(entry.key) if entry in self.entries else None

    def find_paths_of_lost(self, others: frozenset[BaselineEntry], differing: Container[str]) -> set[str]:
        """Return the paths of entries that code may lose by a change, also of entries that followed code.

        Args:
            others: the entries of the other baseline. One may be missing there, or compete with a new one.
            differing: files that may again have the code that their entries were recorded for.
        """
        rivals = {entry.key for entry in others - self.entries}
        lost = {
            entry
            for entry in self.entries
            if entry not in others or entry.key in rivals or entry.path in differing
        }
        paths = {entry.path for entry in lost}
        if self._have_moved(lost, paths):
            # If one of several copies loses its entry, it may take that of another copy.
            paths.update(path for path, _, _ in self.moved)
        return paths

    @cached_property
    def _holders(self) -> dict[EntryKey, EntryKey]:
        return {entry.key: key for key, entry in self.moved.items()}

    def _judge_file(self, path: str) -> tuple[frozenset[ValueKey], frozenset[ValueKey]]:
        """Return the failing values of a file, and those that the baseline allows."""
        if (found := next(self.tree.find_versions([path]), None)) is None:
            return frozenset(), frozenset()
        left = frozenset(map(identify, self.apply_to_file(*found).violations))
        return left, frozenset(map(identify, found[0].violations)) - left

    def _have_moved(self, entries: Iterable[BaselineEntry], paths: Iterable[str]) -> bool:
        """Return whether a block of some entries is not in its file, given the paths of these files."""
        found = {verdict.path: verdict for verdict, _ in self.tree.find_versions(paths)}
        return any(is_vacant(entry, found.get(entry.path)) for entry in entries)
