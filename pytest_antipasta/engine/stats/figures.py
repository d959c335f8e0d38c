"""Figures of a run: what it spent where, why files were measured, which processes there were.

All of it is worked out at the end of a run, for a report that shows it.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from msgspec.structs import asdict

from pytest_antipasta.engine.run import Run
from pytest_antipasta.model import Process, Verdict
from pytest_antipasta.processes import read_peak

_SLOWEST = 10


def describe_figures(run: Run) -> dict[str, object]:
    """Return the figures of a run that has ended, as they stand in a report's ``run``."""
    verdicts = run.verdicts.values()
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


def _list_slowest(run: Run) -> list[dict[str, object]]:
    spent = [(-seconds, path, pid) for path, (pid, seconds) in run.spent.items() if seconds]
    slowest = sorted(spent)[:_SLOWEST]
    return [{"path": path, "seconds": -seconds, "pid": pid} for seconds, path, pid in slowest]


def _iter_processes(run: Run) -> Iterator[dict[str, object]]:
    """Yield the processes that there were, and what each of them did; this one comes first."""
    here, busy, spent = os.getpid(), run.sum_seconds(), run.spent
    files = Counter(pid or here for pid, _ in spent.values())
    files[here] += len(run.verdicts) - len(spent)
    measured = Counter(spent[path][0] or here for path in run.miss_reasons)
    for process in _list_processes(run, here, files):
        seconds = busy.get(process.pid, 0.0)
        yield {
            **asdict(process),
            "files": files[process.pid],
            "measured": measured[process.pid],
            # Of a change and of standard input nobody has looked at the clock for each file.
            "busy": seconds if run.kind == "files" else None,
            "utilisation": _divide(seconds, process.seconds) if run.kind == "files" else None,
        }


def _divide(busy: float, seconds: float) -> float:
    return min(1.0, busy / seconds) if seconds else 0.0


def _list_processes(run: Run, here: int, judging: Iterable[int]) -> list[Process]:
    processor = sum(run.phases.processor.values())
    main = Process(here, "main", run.measure_seconds(), processor, read_peak(here))
    known = {main.pid: main, **{one.pid: one for one in run.schedule.roster.ended if one.pid != here}}
    # Of one that has crashed only its results are left.
    lost = (Process(pid, "pytest-xdist", 0.0) for pid in judging if pid not in known)
    return [*known.values(), *lost]


def _describe_store(run: Run) -> dict[str, object] | None:
    """Return what the questions to the store took, in all processes, and what writing to it did."""
    cache_dir, store = run.storage.cache_dir, run.storage.store
    if cache_dir is None or store is None:
        return None
    # Here, because it brings SQLite with it, which is there where there is a store.
    from pytest_antipasta.store import find_size

    reads = [*run.reads, *run.storage.take_reads()]
    return {
        "reads": _spread(reads),
        "writes": _spread(store.writes),
        "size": find_size(cache_dir),
        "max_size": run.rules.settings.cache_max_size_mb * 1e6,
        "shared": None if run.sharing is None else run.sharing.describe_figures(),
    }


def _spread(seconds: Sequence[float]) -> dict[str, object]:
    ordered, number = sorted(seconds), len(seconds)
    return {
        "number": number,
        "seconds": sum(ordered),
        "median": ordered[number // 2] if ordered else None,
        "p95": ordered[min(number - 1, number * 95 // 100)] if ordered else None,
        "worst": ordered[-1] if ordered else None,
    }


def _count_handles() -> int | None:
    """Return how many files, pipes and sockets this process has open, where the system says so."""
    try:
        return len(os.listdir("/dev/fd")) - 1  # the last one is the list's own
    except OSError:
        return None
