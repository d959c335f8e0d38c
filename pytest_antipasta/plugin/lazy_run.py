"""A run that begins when pytest needs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from pytest_antipasta.engine import Run
from pytest_antipasta.plugin.grouping import SUFFIX, Group, Grouping


class LazyRun:
    """A run that begins when it is needed.

    Attributes:
        has_begun: whether it was.
        grouping: how its files become items.
    """

    def __init__(self, begin: Callable[[], Run], grouping: Grouping) -> None:
        """Keep what begins it."""
        self.grouping = grouping
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

    def close(self) -> None:
        """Let go of the store, which a session that does not finish leaves open."""
        if self._run is not None:
            self._run.close()

    @cached_property
    def groups(self) -> dict[str, Group]:
        """The files of the item that each file is in, by the path that it is reported under."""
        return {task.path: group for group in self.grouping.group(self.get().tasks) for task in group.tasks}

    def find_group(self, rootpath: Path, nodeid: str) -> Group | None:
        """Return the files of a node id, or ``None`` for a test of the user's, whatever its name."""
        if not nodeid.endswith(SUFFIX):
            return None
        return next((group for group in self.groups.values() if group.make_node_id(rootpath) == nodeid), None)
