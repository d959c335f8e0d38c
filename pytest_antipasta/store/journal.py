"""The journal of runs, next to the database: how many files each run found in the store.

Each run appends one line of JSON in a single write, so that lines of concurrent runs don't mix. Unreadable
lines and write errors are ignored: the journal has no facts about files.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from pytest_antipasta.runtime.fileio import append_regular, read_regular, replace_file
from pytest_antipasta.store.protocol import DAY, UNDECODABLE

NAME = "runs.jsonl"
DAYS = 30
"""Number of days that runs are kept."""
# About 3,000 runs; then the older half is removed.
_MOST_BYTES = 400_000
RunKind: TypeAlias = Literal["ci", "hook", "other"]


class PastRun(Struct, frozen=True):
    """A past run that used the store.

    Attributes:
        time: end of the run, in seconds since the epoch.
        kind: whether it ran in CI, in a git hook, or neither.
        hits: files found in the store.
        misses: files that were measured, or could not be measured.
        coalesced: files with the same content as another file.
        seconds: duration of the run.
    """

    time: float
    kind: RunKind
    hits: int
    misses: int
    coalesced: int = 0
    seconds: float = 0.0


_decode = msgspec.json.Decoder(PastRun).decode


def record_run(directory: Path, run: PastRun) -> None:
    """Append a run to the journal; errors are ignored."""
    path = directory / NAME
    with suppress(OSError):
        # The newline comes first, as the previous line may be incomplete after a full disk.
        if append_regular(path, b"\n" + msgspec.json.encode(run)) > _MOST_BYTES:
            _shorten(path)


def read_runs(directory: Path) -> list[PastRun]:
    """Return the runs of the last days, newest last; unreadable lines are ignored."""
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
    """Return the share of measurements found in the store, over all runs; ``None`` without any."""
    hits = misses = 0
    for run in runs:
        hits, misses = hits + run.hits, misses + run.misses
    return hits / (hits + misses) if hits + misses else None


def _shorten(path: Path) -> None:
    """Keep the newer half of the lines; a run recorded at the same time may be lost."""
    kept = b""
    for run in reversed(read_runs(path.parent)):
        line = b"\n" + msgspec.json.encode(run)
        if len(kept) + len(line) > _MOST_BYTES // 2:
            break
        kept = line + kept
    replace_file(path, [kept])
