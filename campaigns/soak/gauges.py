"""What a process has and what it has left behind, looked at from outside."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Sample(NamedTuple):
    """What there was after a run.

    Attributes:
        memory: resident bytes of the process.
        handles: open files, pipes and sockets.
        threads: of the process.
        children: processes that it has begun and that are still there, or that nobody has waited for.
        leftovers: files in the folder for temporary ones, and locks and journals beside the store.
        entries: of the store.
        store: bytes of the store's folder.
    """

    memory: int
    handles: int
    threads: int
    children: int
    leftovers: int
    entries: int
    store: int


COUNTS = ("handles", "threads", "children", "leftovers")
"""What is to be the same after every run."""


def take_sample(store: Path, temporary: Path) -> Sample:
    """Look at this process, at the folder of the store, and at the folder for temporary files."""
    database = store / "cache.db"
    known = {"cache.db", "create.lock", "runs.jsonl"}
    files = [path for path in store.rglob("*") if path.is_file()]
    return Sample(
        memory=int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE,
        handles=len(os.listdir("/proc/self/fd")) - 1,  # the last one is the list's own
        threads=threading.active_count(),
        children=_count_children(),
        leftovers=len(list(temporary.iterdir())) + sum(path.name not in known for path in files),
        entries=_count_entries(database),
        store=sum(path.stat().st_size for path in files),
    )


def find_growth(samples: list[Sample], name: str) -> float:
    """Return by how much the median of the last quarter is over that of the third.

    In the first half modules are imported, and plans for the worst functions take the most memory that they
    ever take; a median does not mind single runs.
    """
    values: list[int] = [getattr(sample, name) for sample in samples]
    quarter = len(values) // 4
    return median(values[-quarter:]) - median(values[2 * quarter : 3 * quarter])


def _count_children() -> int:
    own = str(os.getpid())
    count = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            count += path.read_text(errors="replace").rpartition(")")[2].split()[1] == own
        except OSError:  # it has ended meanwhile
            continue
    return count


def _count_entries(database: Path) -> int:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM Cache").fetchall()
    return int(count)
