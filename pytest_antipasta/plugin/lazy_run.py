"""A run that starts when pytest needs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from pytest_antipasta.engine import Run
from pytest_antipasta.plugin.items import SUFFIX, Group, Grouping


class LazyRun:
    """A run that starts when it is needed.

    Attributes:
        has_begun: whether it has started.
        grouping: how its files are grouped into items.
    """

    def __init__(self, begin: Callable[[], Run], grouping: Grouping) -> None:
        """Take the function that opens the run."""
        self.grouping = grouping
        self._begin = begin

    @cached_property
    def opened(self) -> Run:
        """The run, started on first use."""
        return self._begin()

    @property
    def has_begun(self) -> bool:
        """Whether the run has started."""
        return "opened" in self.__dict__

    def close(self) -> None:
        """Close the store, which a session that does not finish leaves open."""
        if self.has_begun:
            self.opened.close()

    @cached_property
    def groups(self) -> dict[str, Group]:
        """The group of each file, by path in reports."""
        return {task.path: group for group in self.grouping.group(self.opened.tasks) for task in group.tasks}

    def find_group(self, rootpath: Path, nodeid: str) -> Group | None:
        """Return the files of a node id, or ``None`` for a test of the user, whatever its name."""
        if not nodeid.endswith(SUFFIX):
            return None
        return next((group for group in self.groups.values() if group.make_node_id(rootpath) == nodeid), None)
