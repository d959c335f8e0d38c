"""How often each file was changed, under whichever name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pytest_antipasta.git import FileDiff
from pytest_antipasta.model import Hotspot
from pytest_antipasta.trend.contributions import SCALE, Contribution

COMPLEXITY = "cyclomatic_complexity"


class Churn:
    """Counts changes of files. One that was renamed and not edited in the same commit keeps its count.

    Attributes:
        origins: the paths that files had at first; empty for one that came later.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.origins: dict[str, str] = {}
        self._changes: Counter[str] = Counter()

    def apply(self, change: Sequence[FileDiff]) -> None:
        """Count what a commit changes, with the paths that files are reported under."""
        gone: dict[str, list[tuple[str, int]]] = {}
        for diff in change:
            if diff.path is None and (old := diff.old_path) is not None:
                known = self.origins.pop(old, old), self._changes.pop(old, 0)
                gone.setdefault(diff.old_blob, []).append(known)
        for diff in change:
            if (path := diff.path) is not None:
                # To be renamed is no change of what is in it.
                if diff.old_path is None and (same := gone.get(diff.blob)):
                    self.origins[path], self._changes[path] = same.pop(0)
                    continue
                self._changes[path] += 1
                if diff.old_path is None:
                    self.origins[path] = ""

    def rank(self, files: Mapping[str, Contribution], metrics: Sequence[str]) -> list[Hotspot]:
        """Return the files that are there and were changed, the hottest first."""
        if COMPLEXITY not in metrics:
            return []
        place = metrics.index(COMPLEXITY)
        found = (
            Hotspot(path, self._changes[path], one.sums[place] // SCALE)
            for path, one in files.items()
            if self._changes[path]
        )
        return sorted(found, key=lambda one: (-one.score, one.path))
