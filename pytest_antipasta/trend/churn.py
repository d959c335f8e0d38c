"""Count the changes of each file, under any name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.model.trend import Hotspot
from pytest_antipasta.trend.contributions import SCALE, Contribution

COMPLEXITY = "cyclomatic_complexity"


class Churn:
    """Counts changes of files. A renamed file keeps its count.

    Attributes:
        origins: first paths of files; empty for a file added later.
    """

    def __init__(self) -> None:
        self.origins: dict[str, str] = {}
        self._changes: Counter[str] = Counter()

    def apply(self, change: Sequence[FileDiff]) -> None:
        """Count the changes of a commit, by paths in reports."""
        before: dict[str | None, tuple[str, int]] = {None: ("", 0)}
        for diff in change:
            if (old := diff.old_path) is not None:
                before[old] = self.origins.pop(old, old), self._changes.pop(old, 0)
        for diff in change:
            if (path := diff.path) is not None:
                self.origins[path], changes = before[diff.old_path]
                # A rename without an edit does not change the content.
                self._changes[path] = changes + (diff.old_path is None or diff.blob != diff.old_blob)

    def rank(self, files: Mapping[str, Contribution], metrics: Sequence[str]) -> list[Hotspot]:
        """Return the existing files that were changed, highest score first."""
        if COMPLEXITY not in metrics:
            return []
        index = metrics.index(COMPLEXITY)
        found = (
            Hotspot(path, self._changes[path], item.sums[index] // SCALE)
            for path, item in files.items()
            if self._changes[path]
        )
        return sorted(found, key=lambda item: (-item.score, item.path))
