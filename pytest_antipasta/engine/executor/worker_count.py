"""Estimate how long measuring takes, and how many worker processes that is worth."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence

from pytest_antipasta.files.source import Source
from pytest_antipasta.logs.notes import NoteKind
from pytest_antipasta.messages import count
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.run import Workers
from pytest_antipasta.settings.kinds import Jobs
from pytest_antipasta.settings.values import Settings

# Rough estimates suffice: an error of half changes little, as both ways take about the same time near the
# break-even point.
_SECONDS_PER_BYTE = 2e-7
_SECONDS_PER_FILE = 1e-4
_SAMPLE = 40
JOBS_VARIABLE = "PYTEST_ANTIPASTA_JOBS"
"""Environment variable with the number of measuring processes."""
STARTUP_COST = 0.25
"""Seconds until two worker processes start to measure."""


def estimate_seconds(sources: Sequence[Source], is_stored: Callable[[Source], bool] | None = None) -> float:
    """Return the estimated seconds of measuring some sources in one process.

    Args:
        sources: all sources.
        is_stored: returns whether a source is in the store; called for a sample of them. ``None`` counts all
            as unknown.
    """
    size = sum(source.size for source in sources)
    seconds = size * _SECONDS_PER_BYTE + len(sources) * _SECONDS_PER_FILE
    if is_stored is None or not sources:
        return seconds
    sample = sources[:: -(-len(sources) // _SAMPLE)]
    return seconds * sum(not is_stored(source) for source in sample) / len(sample)


def weigh_workers(seconds: float, most: int) -> Workers:
    """Return the number of workers that finishes the work soonest, with its reason.

    ``seconds`` is the time that one process would need. The reason contains no seconds, as they differ
    between machines.
    """
    counts = range(2, most + 1)
    best = min(counts, key=lambda count: seconds / count + STARTUP_COST * count / 2, default=0)
    if best and seconds / best + STARTUP_COST * best / 2 < seconds:
        return Workers(best, "much to measure", most)
    is_little = best or seconds <= 2 * STARTUP_COST
    return Workers(0, "little to measure" if is_little else "only one process may be used", most)


def plan_workers(sources: Sequence[Source], most: int, is_stored: Callable[[Source], bool]) -> Workers:
    """Return the number of workers that some sources are worth, with its reason.

    ``is_stored`` is called only if the sources would be worth workers without the store.
    """
    workers = weigh_workers(estimate_seconds(sources), most)
    return weigh_workers(estimate_seconds(sources, is_stored), most) if workers.number else workers


def explain_workers(workers: Workers) -> Iterator[tuple[NoteKind, str]]:
    """Yield how many workers judged files, and why not more or fewer."""
    said = f"using {count(workers.number, 'worker')}: {workers.reason}"
    if workers.most is not None:
        said += (
            f"; two are faster for {2 * STARTUP_COST:g} s of work or more, and "
            f"{count(workers.most, 'processor')} may be used"
        )
    yield "workers", said


def parse_jobs(text: str) -> Jobs:
    """Return a number of processes, or ``auto``.

    Raises:
        ValueError: the text is neither.
    """
    if text == "auto":
        return "auto"
    if not text.isdecimal() or not int(text):
        raise ValueError(f"expected a number >= 1 or auto, got {text!r}")
    return int(text)


def find_jobs(option: Jobs | None, settings: Settings) -> int | None:
    """Return the requested number of worker processes; ``None`` for automatic.

    The option wins over the environment, and the environment over the settings.

    Raises:
        UsageError: the environment variable is not a number of processes.
    """
    asked = option
    if asked is None and (text := os.environ.get(JOBS_VARIABLE)):
        try:
            asked = parse_jobs(text)
        except ValueError as error:
            raise UsageError(f"{JOBS_VARIABLE}: {error}") from error
    asked = asked or settings.jobs
    return None if asked == "auto" else asked


def count_processors() -> int:
    """Return how many processors this process may use, by its affinity and its container's share."""
    from pytest_antipasta.processes.cgroups import read_processor_share

    return max(1, math.ceil(min(_count_usable(), read_processor_share())))


def _count_usable() -> int:
    # Since Python 3.13; it also reads PYTHON_CPU_COUNT.
    count = getattr(os, "process_cpu_count", None)
    if count is not None:
        return count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
