"""Figures of a run: what it spent where, why files were measured, which processes there were.

All of it is worked out at the end of a run, for a report that shows it.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from msgspec.structs import asdict

from pytest_antipasta.engine.run import Run
from pytest_antipasta.model import Process, ProcessFacts, SlowFile, Spread, StoreFacts, Verdict
from pytest_antipasta.processes import read_peak

_SLOWEST = 10


def describe_figures(run: Run) -> dict[str, Any]:
    """Return the figures of a run that has ended, as they stand in a report's ``run``."""
    verdicts = run.tally.verdicts.values()
    coalesced = sum(map(attrgetter("is_coalesced"), verdicts))
    return {
        "ended": time.time(),
        "processor": dict(run.phases.processor),
        "hits": len(verdicts) - coalesced - len(run.miss_reasons),
        "misses": len(run.miss_reasons),
        "coalesced": coalesced,
        "missed": dict(Counter(run.miss_reasons.values())),
        "retries": run.schedule.roster.retries,
        "errors": _count_errors(verdicts),
        "slowest": _list_slowest(run),
        "processes": list(_iter_processes(run)),
        "store": _describe_store(run),
        "handles": _count_handles(),
    }


def _count_errors(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return the number of files for each kind of error; those whose numbers the store has, have none."""
    here = filter(None, map(attrgetter("numbers"), verdicts))
    return dict(Counter(error.kind for error in map(attrgetter("error"), here) if error))


def _list_slowest(run: Run) -> list[SlowFile]:
    spent = [(-seconds, path, pid) for path, (pid, seconds) in run.tally.spent.items() if seconds]
    slowest = sorted(spent)[:_SLOWEST]
    return [SlowFile(path, -seconds, pid) for seconds, path, pid in slowest]


def _iter_processes(run: Run) -> Iterator[ProcessFacts]:
    """Yield the processes that there were, and what each of them did; this one comes first."""
    here, busy, spent = os.getpid(), run.tally.sum_seconds(), run.tally.spent
    files = Counter(pid or here for pid, _ in spent.values())
    files[here] += len(run.tally.verdicts) - len(spent)
    measured = Counter(spent[path][0] or here for path in run.miss_reasons)
    for process in _list_processes(run, here, files):
        seconds = busy.get(process.pid, 0.0)
        # Of a change and of standard input nobody has looked at the clock for each file.
        is_known = run.results is None
        yield ProcessFacts(
            **asdict(process),
            files=files[process.pid],
            measured=measured[process.pid],
            busy=seconds if is_known else None,
            utilisation=_divide(seconds, process.seconds) if is_known else None,
        )


def _divide(busy: float, seconds: float) -> float:
    return min(1.0, busy / seconds) if seconds else 0.0


def _list_processes(run: Run, here: int, judging: Iterable[int]) -> list[Process]:
    processor = sum(run.phases.processor.values())
    main = Process(here, "main", run.measure_seconds(), processor, read_peak(here))
    known = {main.pid: main, **{one.pid: one for one in run.schedule.roster.ended if one.pid != here}}
    # Of one that has crashed only its results are left.
    lost = (Process(pid, "pytest-xdist", 0.0) for pid in judging if pid not in known)
    return [*known.values(), *lost]


def _describe_store(run: Run) -> StoreFacts | None:
    """Return what the questions to the store took, in all processes, and what writing to it did."""
    cache_dir, store = run.memory.cache_dir, run.memory.lookup.store
    if cache_dir is None or store is None:
        return None
    # Here, because it brings SQLite with it, which is there where there is a store.
    from pytest_antipasta.store import find_size

    reads = [*run.tally.reads, *run.memory.lookup.pop_reads()]
    return StoreFacts(
        _spread(reads),
        _spread(store.writes),
        find_size(cache_dir),
        run.rules.settings.cache_max_size_mb * 1e6,
        None if run.sharing is None else run.sharing.describe_figures(),
    )


def _spread(seconds: Sequence[float]) -> Spread:
    ordered, number = sorted(seconds), len(seconds)
    if not ordered:
        return Spread()
    late = ordered[min(number - 1, number * 95 // 100)]
    return Spread(number, sum(ordered), ordered[number // 2], late, ordered[-1])


def _count_handles() -> int | None:
    """Return how many files, pipes and sockets this process has open, where the system says so."""
    try:
        return len(os.listdir("/dev/fd")) - 1  # the last one is the list's own
    except OSError:
        return None
