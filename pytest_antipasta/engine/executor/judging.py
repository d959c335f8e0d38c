"""Judge many sources: in this process, or in as many worker processes as the work is worth."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TypeAlias

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.files.source import Source

Outcomes: TypeAlias = Generator[Outcome, None, None]


def judge_many(
    sources: Sequence[Source], judge: FileJudge, workers: int = 0, deadline: float = float("inf")
) -> Outcomes:
    """Yield an outcome for each source, roughly in their order; nothing is stored.

    Closing it ends all work. If the user interrupts it, it yields the available outcomes and then raises.
    ``tests/engine/executor/test_contract.py`` compares this process with workers.

    Args:
        sources: what to judge.
        judge: judges in this process, and completes what workers, which read only their file, can't know.
        workers: number of worker processes; fewer than two mean this process.
        deadline: on the clock of ``time.monotonic``; workers leave out sources without an outcome by then.
    """
    if workers < 2:
        for source in sources:
            yield judge.run(source)
        return
    by_path = {source.path: source for source in sources}
    moved: deque[Outcome] = deque()
    try:
        with closing(_run_in_pool(sources, judge, workers, deadline)) as outcomes:
            for outcome in outcomes:
                if outcome.awaits_moves:
                    moved.append(outcome)
                else:
                    yield outcome
        while moved:
            yield judge.resolve_moves(moved[0], by_path[moved[0].verdict.path])
            moved.popleft()
    except KeyboardInterrupt:
        yield from moved
        raise


def judge_apart(source: Source, judge: FileJudge) -> Outcome:
    """Return the outcome of a source, judged in a separate process, as it may end it."""
    judge.measurer.diagnostics.count_retry()
    (outcome,) = _run_in_pool([source], judge, 1)
    return judge.resolve_moves(outcome, source)


class Ahead:
    """Workers that judge ahead of requests for single sources."""

    def __init__(self, sources: Sequence[Source], judge: FileJudge, workers: int) -> None:
        """Start the workers; the sources will be requested roughly in their order."""
        self._judge = judge
        self._missing = {source.path for source in sources}
        self._ready: dict[str, Outcome] = {}
        self._coming = _run_in_pool(sources, judge, workers)
        for first in sources[:1]:  # starting workers must not count as the first file's time
            self._wait_for(first.path)

    def take(self, source: Source) -> Outcome:
        """Return the outcome of a source, as soon as the workers have it."""
        if source.path in self._missing:
            self._wait_for(source.path)
        outcome = self._ready.pop(source.path, None)
        if outcome is None:  # another plugin has requested a file twice
            return self._judge.run(source)
        return self._judge.resolve_moves(outcome, source)

    def end(self) -> Sequence[Outcome]:
        """End the workers; return outcomes that were never requested."""
        self._coming.close()
        return [*self._ready.values()]

    def _wait_for(self, path: str) -> None:
        for outcome in self._coming:
            self._missing.discard(outcome.verdict.path)
            self._ready[outcome.verdict.path] = outcome
            if outcome.verdict.path == path:
                return


def _run_in_pool(
    sources: Sequence[Source], judge: FileJudge, workers: int, deadline: float = float("inf")
) -> Outcomes:
    from pytest_antipasta.engine.executor.pool import run_in_pool  # imports threading

    return run_in_pool(sources, judge, workers, deadline)
