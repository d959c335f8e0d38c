"""The part of a run's files that it judges, where they are divided among several machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_antipasta.engine.sources import Task
from pytest_antipasta.model import Changes, Shard


class Part(NamedTuple):
    """What of a run's files is judged in it.

    Attributes:
        shard: which one of several parts; ``None`` for all files.
        others: tasks for the files of other shards.
        files: stands for all files that were divided; empty where none were.
    """

    shard: Shard | None = None
    others: Sequence[Task] = ()
    files: str = ""


def divide_tasks(
    tasks: Sequence[Task], changes: Changes | None, shard: Shard
) -> tuple[list[Task], Changes | None, Part]:
    """Return a shard of some tasks, what of a change is in it, and what is left to other runs."""
    # Here, because most runs judge all of their files.
    from pytest_antipasta.files import digest_files, divide

    changed = changes.paths() if changes else ()
    sizes = dict.fromkeys(changed, 0) | {task.path: task.size for task in tasks}
    numbers = divide(sizes, shard.of)
    own = [task for task in tasks if numbers[task.path] == shard.number]
    others = [task for task in tasks if numbers[task.path] != shard.number]
    kept = None if changes is None else changes.keep(lambda path: numbers[path] == shard.number)
    return own, kept, Part(shard, others, digest_files(sizes))
