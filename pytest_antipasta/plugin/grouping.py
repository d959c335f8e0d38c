"""Group source files into pytest items, and name these."""

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
    """The files of one item: a single file, or those directly in a folder.

    Attributes:
        path: path of the file or the folder in reports; ``.`` for the root.
        location: absolute path of the file or the folder.
        tasks: one task for each file.
    """

    path: str
    location: str
    tasks: tuple[Task, ...]

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, even with a single file in it."""
        return self.tasks[0].location != self.location

    @property
    def size(self) -> int:
        """Size of all files together, in bytes."""
        return sum(task.size for task in self.tasks)

    def make_node_id(self, rootpath: Path) -> str:
        """Return the item's node id; those of files and folders differ, as no path is both."""
        return show_name(display_path(rootpath, self.location)) + SUFFIX


class Grouping(NamedTuple):
    """Groups files into items.

    Attributes:
        by_folder: whether each folder has one item, instead of each file.
        apart: locations of named files, which always have their own item: an item of their folder would be
            judged by only some of its files.
    """

    by_folder: bool = False
    apart: frozenset[str] = frozenset()

    def group(self, tasks: Iterable[Task]) -> list[Group]:
        """Return the items' files, in the order of the first file of each."""
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
