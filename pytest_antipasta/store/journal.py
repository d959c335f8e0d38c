"""The journal of runs, beside the database: what each has found in the store, and nothing of the files.

A line of JSON a run, written behind the others in one piece, so that runs at once don't mix. What can't be
written or read is left out: it says nothing about any file.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from pytest_antipasta.runtime import append_regular, read_regular, replace_file
from pytest_antipasta.store.protocol import DAY, UNDECODABLE

NAME = "runs.jsonl"
DAYS = 30
"""For how long runs are kept."""
# Some 3,000 runs; then the older half goes.
_MOST_BYTES = 400_000
RunKind: TypeAlias = Literal["ci", "hook", "other"]


class PastRun(Struct, frozen=True):
    """A run that has looked measurements up.

    Attributes:
        time: of its end, in seconds since the epoch.
        kind: whether it was one of a CI service, else one of a git hook.
        hits: files whose measurements the store had.
        misses: files that were measured, or could not be.
        coalesced: files with the content of another one of these.
        seconds: that it took.
    """

    time: float
    kind: RunKind
    hits: int
    misses: int
    coalesced: int = 0
    seconds: float = 0.0


_decode = msgspec.json.Decoder(PastRun).decode


def note_run(directory: Path, run: PastRun) -> None:
    """Note a run; where that can't be done, nothing is lost."""
    path = directory / NAME
    with suppress(OSError):
        # The newline comes first, as the one before may have met a full disk.
        if append_regular(path, b"\n" + msgspec.json.encode(run)) > _MOST_BYTES:
            _shorten(path)


def read_runs(directory: Path) -> list[PastRun]:
    """Return the runs of the last days, the last one at the end; what can't be read is none."""
    try:
        lines = read_regular(directory / NAME).split(b"\n")
    except OSError:
        return []
    runs = []
    for line in lines:
        with suppress(*UNDECODABLE):
            runs.append(_decode(line))
    oldest, newest = time.time() - DAYS * DAY, time.time() + DAY
    return [run for run in runs if oldest <= run.time <= newest]


def find_hit_rate(runs: Iterable[PastRun]) -> float | None:
    """Return the share of measurements that the store had, of all runs together; ``None`` without any."""
    hits = misses = 0
    for run in runs:
        hits, misses = hits + run.hits, misses + run.misses
    return hits / (hits + misses) if hits + misses else None


def _shorten(path: Path) -> None:
    """Keep the newer half of what there may be; a run that is noted meanwhile may be lost."""
    kept = b""
    for run in reversed(read_runs(path.parent)):
        line = b"\n" + msgspec.json.encode(run)
        if len(kept) + len(line) > _MOST_BYTES // 2:
            break
        kept = line + kept
    replace_file(path, kept)
