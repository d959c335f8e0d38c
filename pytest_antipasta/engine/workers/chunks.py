"""Cutting the files of a run into chunks, which workers get one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_antipasta.engine.sources import Task
from pytest_antipasta.engine.worker_count import estimate_seconds

CHUNK = 10
"""Files in one: few enough that no worker waits long for the last one, enough that sending costs nothing."""
# Seconds that files of one size may take in one chunk: less than anybody waits for at the end.
_SAME_SIZE = 0.05


def cut(tasks: Sequence[Task]) -> list[Sequence[Task]]:
    """Return the tasks in chunks.

    A file that is larger than an average chunk is one by itself and goes out first, the largest of all before
    all others: at the end it would keep everybody waiting. Files of one size are in one chunk, so far as they
    fit, as those of one content are: a worker measures it once.
    """
    average = sum(task.size for task in tasks) * CHUNK / max(1, len(tasks))
    large = sorted((task for task in tasks if task.size > average), key=lambda task: -task.size)
    rest = [task for task in tasks if task.size <= average]
    chunks: list[list[Task]] = [[]]
    for group in _group(rest):
        if len(chunks[-1]) >= CHUNK:
            chunks.append([])
        chunks[-1] += group
    return [*([task] for task in large), *filter(None, chunks)]


def _group(tasks: Iterable[Task]) -> list[list[Task]]:
    """Return the tasks of one size together, as many as don't take long, in the places of the first ones."""
    groups: list[list[Task]] = []
    of_size: dict[int, list[Task]] = {}
    for task in tasks:
        group = of_size.get(task.size)
        if group is None or estimate_seconds([task.size]) * len(group) >= _SAME_SIZE:
            group = of_size[task.size] = []
            groups.append(group)
        group.append(task)
    return groups
