"""The baseline as it was before a change that may be about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from pytest_antipasta.baseline.text import BaselineError, parse_baseline
from pytest_antipasta.git_output import FileDiff
from pytest_antipasta.model import BaselineEntry
from pytest_antipasta.revisions import Repository
from pytest_antipasta.settings import Settings


class BaselineBefore:
    """What was recorded beside each parent of a change."""

    def __init__(
        self, settings: Settings, repository: Repository, parents: Sequence[Sequence[FileDiff]]
    ) -> None:
        """Take what is recorded now, and the files that differ from each parent."""
        self._now = settings.recorded or ()
        self._repository = repository
        self._parents = parents
        self._name: str | None = None
        if settings.baseline is not None:
            location = os.path.realpath(settings.baseline)
            self._name = os.path.relpath(location, repository.top).replace(os.sep, "/")

    def find(self, number: int) -> Sequence[BaselineEntry]:
        """Return what a parent has recorded, by its place among them; nothing where it can't be read."""
        change = self._find_change(self._parents[number])
        if change is None:
            return self._now
        if change.old_path is None:
            return ()
        data = self._repository.read_blobs([change.old_blob]).get(change.old_blob, b"")
        try:
            return parse_baseline(data.decode())
        except (BaselineError, UnicodeDecodeError):
            return ()

    def find_lost(self, number: int) -> list[BaselineEntry]:
        """Return what a parent has recorded and is not there now."""
        if self._find_change(self._parents[number]) is None:
            return []
        now = set(self._now)
        return [entry for entry in self.find(number) if entry not in now]

    def _find_change(self, diffs: Iterable[FileDiff]) -> FileDiff | None:
        return next((diff for diff in diffs if diff.path is not None and diff.path == self._name), None)
