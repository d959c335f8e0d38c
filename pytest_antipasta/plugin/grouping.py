"""Which source files are one pytest item, and what that is called."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.engine import Task
from pytest_antipasta.files import display_path
from pytest_antipasta.messages import show_name

ITEM_NAME = "antipasta"
SUFFIX = f"::{ITEM_NAME}"


class Group(NamedTuple):
    """The files of one item: a single one, or those that stand right in a folder.

    Attributes:
        path: of the file or the folder, as it is reported; ``.`` for the root.
        location: of the same, absolute.
        tasks: one for each file.
    """

    path: str
    location: str
    tasks: tuple[Task, ...]

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder, even with a single file in it."""
        return self.tasks[0].location != self.location

    @property
    def size(self) -> int:
        """Of all files together, in bytes."""
        return sum(task.size for task in self.tasks)

    def make_node_id(self, rootpath: Path) -> str:
        """Return the item's node id; a file and a folder never have the same, as no path is of both."""
        return show_name(display_path(rootpath, self.location)) + SUFFIX


class Grouping(NamedTuple):
    """How files become items.

    Attributes:
        by_folder: whether there is one item a folder, and not one a file.
        apart: locations of files that have an item of their own all the same, as they were asked for by name:
            their folder's would pass with one file of many.
    """

    by_folder: bool = False
    apart: frozenset[str] = frozenset()

    def group(self, tasks: Iterable[Task]) -> list[Group]:
        """Return the items' files, in the order of the first of each."""
        if not self.by_folder:
            return [Group(task.path, task.location, (task,)) for task in tasks]
        found: dict[str, list[Task]] = {}
        for task in tasks:
            found.setdefault(self._find_location(task), []).append(task)
        return [_make_group(location, own) for location, own in found.items()]

    def _find_location(self, task: Task) -> str:
        return task.location if task.location in self.apart else os.path.dirname(task.location)


def _make_group(location: str, tasks: list[Task]) -> Group:
    first = tasks[0]
    path = first.path if first.location == location else os.path.dirname(first.path) or "."
    return Group(path, location, tuple(tasks))
