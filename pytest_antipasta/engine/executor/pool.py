"""Judge files in parallel in a pool of worker processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

import msgspec
from msgspec.structs import replace

from pytest_antipasta.engine.executor.worker_count import estimate_seconds
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.guard import SERVER, explain_end
from pytest_antipasta.engine.measuring.measurer import limits_of
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import encode_orders
from pytest_antipasta.files.source import Source, encode_sources
from pytest_antipasta.logs.notes import DEBUG, WARNING, log_event
from pytest_antipasta.messages import count
from pytest_antipasta.model.measured import FileError
from pytest_antipasta.processes.child import STARTUP_LIMIT, Answers, Child
from pytest_antipasta.processes.interrupts import defer_signals
from pytest_antipasta.processes.limits import (
    Excess,
    ResourceLimits,
    Watch,
    compute_room,
    count_fitting,
    share_memory,
)

CHUNK = 10
"""Number of files sent together. A worker does not wait long for the last ones, and sending costs little."""
# Seconds of work in one chunk of files of one size, so that no worker runs much longer than others.
_SAME_SIZE = 0.05
# Seconds between two checks of the workers.
_TICK = 0.05
_decode = msgspec.msgpack.Decoder(Outcome).decode


def run_in_pool(
    sources: Sequence[Source], judge: FileJudge, workers: int, deadline: float
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every source, roughly in the order of the sources.

    If a worker ends while it judges a file, a new worker judges this file again; if that worker ends too, the
    file gets an error. If memory is low, the number of workers is reduced first, down to one. If no worker
    can be started, this process judges the rest.

    Args:
        sources: the files; chunks with large files start first.
        judge: judges sources in this process. Workers have its rules, and read the same store; they write
            nothing to it but the damage marker.
        workers: number of processes.
        deadline: on the clock of ``time.monotonic``; sources without an outcome by then are left out.
    """
    pool = _Pool(sources, judge)
    try:
        yield from pool.judge(min(workers, len(pool.chunks)), deadline)
        yield from pool.take_rest()  # if a worker was ended by the deadline
    except KeyboardInterrupt:
        yield from pool.take_rest()
        raise
    finally:
        pool.end()
    # Sources that no worker has taken.
    if pool.chunks and time.monotonic() < deadline:
        judge.measurer.diagnostics.warn(f"checked without workers: can't start them ({pool.trouble})")
    for source in (source for chunk in pool.chunks for source in chunk if time.monotonic() < deadline):
        if source in pool.retried:  # a file that ended a process is not tried in this one
            yield judge.give_up(source, pool.retried[source])
        else:
            yield judge.run(source)


class _Worker:
    """One worker and its sources.

    Attributes:
        is_ready: whether the worker has started.
        sources: sources without an answer; the worker is at the first.
        watch: compares the worker with its limits, from the first check on.
    """

    def __init__(self, number: int, answers: Answers, seconds: float, orders: bytes) -> None:
        self.name = f"worker-{number}"
        self.child = Child(SERVER, answers, seconds, orders)
        self.log_event(DEBUG, "begins")
        self.is_ready = False
        self.sources: deque[Source] = deque()
        self.watch: Watch | None = None

    def log_event(self, level: int, message: str, path: str = "") -> None:
        log_event(level, "workers", message, path=path, worker=self.name, process=self.child.pid)

    def begin(self, chunk: Sequence[Source]) -> None:
        if not self.sources:
            self.watch = None
        self.sources.extend(chunk)
        self.child.ask(encode_sources(chunk), len(chunk))

    def find_excess(self, limits: ResourceLimits) -> Excess | None:
        """Return which limit the current file has exceeded since the first check."""
        if self.watch is None:
            self.watch = Watch(self.child.pid)
        return self.watch.find_excess(limits)


class _Pool:
    """The workers and the remaining sources.

    Attributes:
        chunks: chunks that no worker has.
        trouble: why workers can't be started; empty if they can.
    """

    def __init__(self, sources: Sequence[Source], judge: FileJudge) -> None:
        self.chunks = deque(cut(sources))
        self.trouble = ""
        self._orders = encode_orders(judge.rules, judge.storage.cache_dir)
        self._limits = limits_of(judge.rules.settings)
        self._judge = judge
        self._diagnostics = judge.measurer.diagnostics
        self._answers: Answers = SimpleQueue()
        self._taken: deque[Outcome] = deque()  # those that were not yielded yet
        self._workers: dict[Child, _Worker] = {}
        self.retried: dict[Source, FileError] = {}
        self._most = self._hired = 0

    def judge(self, workers: int, deadline: float) -> Iterator[Outcome]:
        """Yield outcomes until all sources are done, or no worker is left."""
        self._most = workers
        self._reduce(count_fitting(compute_room(()), workers))
        for _ in range(self._most):
            self._hire()
        looked = time.monotonic()
        while (self._workers or self._taken) and time.monotonic() < deadline:
            if self._taken:
                yield self._taken.popleft()
            else:
                with suppress(Empty):
                    self._taken.extend(self._take(*self._answers.get(timeout=_TICK)))
            # Also while answers lie ready, as the receiver of the outcomes may be slow.
            if time.monotonic() > looked + _TICK:
                self._look()
                looked = time.monotonic()

    def take_rest(self) -> Iterator[Outcome]:
        """Yield the outcomes that were received and not yielded yet."""
        while self._taken:
            yield self._taken.popleft()
        while not self._answers.empty():
            child, answer = self._answers.get()
            if answer and child in self._workers:
                worker = self._workers[child]
                yield _read(answer, worker.sources.popleft(), worker)

    def end(self) -> None:
        """End all workers."""
        with defer_signals():
            for worker in list(self._workers.values()):
                self._dismiss(worker)

    def _hire(self, chunk: Sequence[Source] = ()) -> None:
        """Start a worker and give it a chunk."""
        try:
            self._hired += 1
            worker = _Worker(self._hired, self._answers, self._limits.seconds, self._orders)
        except OSError as error:
            self.trouble = str(error)
            if chunk:
                self.chunks.append(chunk)
            return
        self._workers[worker.child] = worker
        worker.sources.extend(chunk)

    def _dismiss(self, worker: _Worker) -> None:
        del self._workers[worker.child]
        self._diagnostics.end(worker.child, "worker")

    def _take(self, child: Child, answer: bytes | None) -> Iterator[Outcome]:
        worker = self._workers.get(child)
        if worker is None:
            return  # the worker was ended before its answer arrived
        if answer is None:
            yield from self._bury(worker, None)
        elif not worker.is_ready:
            worker.is_ready = True
            first, worker.sources = list(worker.sources), deque()
            self._give(worker, first)
        else:
            source = worker.sources.popleft()
            worker.watch = None
            yield _read(answer, source, worker)
            if len(worker.sources) < CHUNK:  # sent early, so that the worker never waits
                self._give(worker)

    def _give(self, worker: _Worker, chunk: Sequence[Source] = ()) -> None:
        """Give a worker its next chunk, or end it if there is no more work or there are too many workers."""
        if chunk or (self.chunks and len(self._workers) <= self._most):
            try:
                worker.begin(chunk or self.chunks.popleft())
                busy = sum(bool(each.sources) for each in self._workers.values())
                self._diagnostics.count_busy(busy)
            except OSError as error:
                self.trouble = str(error)
                self.chunks.appendleft(list(worker.sources))
                self._dismiss(worker)
        elif not worker.sources:
            self._dismiss(worker)
            worker.log_event(DEBUG, "finished")

    def _look(self) -> None:
        """Compare the workers with their limits."""
        # With all answers read, the first open source is the file that the worker is at.
        for _ in range(self._answers.qsize()):
            self._taken.extend(self._take(*self._answers.get()))
        room = compute_room(child.pid for child in self._workers)
        self._reduce(count_fitting(room, self._most))
        limits = share_memory(self._limits, room, max(1, len(self._workers)))
        for worker in list(self._workers.values()):
            if not worker.is_ready:
                if time.monotonic() > worker.child.began + STARTUP_LIMIT:
                    self._dismiss(worker)
                    self._leave(worker, f"did not start within {STARTUP_LIMIT:g} s")
            elif (excess := worker.find_excess(limits)) is not None:
                self._taken.extend(self._bury(worker, excess))

    def _reduce(self, most: int) -> None:
        """Set the maximum number of workers; surplus ones end when their chunks are done."""
        if most < self._most:
            self._diagnostics.warn(f"low memory: using {count(most, 'worker')} instead of {self._most}")
            self._most = most

    def _bury(self, worker: _Worker, excess: Excess | None) -> Iterator[Outcome]:
        """Replace a worker that has ended or must end; yield the outcomes of the files that this costs.

        ``excess`` is the limit that its current file has exceeded.
        """
        self._dismiss(worker)
        if not worker.is_ready:
            self._leave(worker, worker.child.describe_end())
            return
        error = excess.error if excess else explain_end(worker.child, self._limits)
        source = worker.sources.popleft()
        worker.log_event(WARNING, f"ended ({error.kind}): {error.message}", source.path)
        if worker.sources:
            self.chunks.appendleft(list(worker.sources))
        # Memory may be held by files judged before, and a process may end for any reason.
        if self._workers and error.kind == "out_of_memory":
            self._reduce((len(self._workers) + 1) // 2)
            self._diagnostics.count_retry()
            self.chunks.appendleft([source])  # for a worker that stays
        elif error.kind == "timeout" or source in self.retried:
            yield self._judge.give_up(source, error)
            if self.chunks:
                self._hire()
        else:
            self.retried[source] = error
            self._diagnostics.count_retry()
            self._hire([source])

    def _leave(self, worker: _Worker, why: str) -> None:
        """Continue without a worker that did not start."""
        self.trouble = why
        worker.log_event(WARNING, f"did not start: {why}")
        if worker.sources:
            self.chunks.append(list(worker.sources))


def _read(answer: bytes, source: Source, worker: _Worker) -> Outcome:
    """Return a decoded outcome that shares its path and digest, which saves memory in large trees."""
    outcome = _decode(answer)
    verdict = replace(outcome.verdict, path=source.path)
    digest = verdict.digest if outcome.digest == verdict.digest else outcome.digest
    return replace(outcome, verdict=verdict, digest=digest, worker=worker.name)


def cut(sources: Sequence[Source]) -> list[Sequence[Source]]:
    """Return the sources in chunks.

    A file larger than an average chunk is a chunk of its own. These go out first, the largest before all
    others, as at the end all workers would wait for them. Files of one size share a chunk as far as they fit:
    files with equal content have equal sizes, and a worker measures each content once.
    """
    average = sum(source.size for source in sources) * CHUNK / max(1, len(sources))
    large = sorted((source for source in sources if source.size > average), key=lambda source: -source.size)
    rest = [source for source in sources if source.size <= average]
    chunks: list[list[Source]] = [[]]
    for group in _group(rest):
        if len(chunks[-1]) >= CHUNK:
            chunks.append([])
        chunks[-1] += group
    return [*([source] for source in large), *filter(None, chunks)]


def _group(sources: Iterable[Source]) -> list[list[Source]]:
    """Return the sources with those of one size grouped at the first of them, as many as take little time."""
    groups: list[list[Source]] = []
    of_size: dict[int, list[Source]] = {}
    for source in sources:
        group = of_size.get(source.size)
        if group is None or estimate_seconds([source]) * len(group) >= _SAME_SIZE:
            group = of_size[source.size] = []
            groups.append(group)
        group.append(source)
    return groups
