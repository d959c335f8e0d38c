"""Judging files in parallel in a pool of worker processes of our own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import msgspec
from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import Diagnostics, RunWarning
from pytest_antipasta.engine.executor.worker_count import estimate_seconds
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.guard import SERVER, explain_end
from pytest_antipasta.engine.measuring.measurer import limits_of
from pytest_antipasta.engine.measuring.roster import Roster
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules, encode_orders
from pytest_antipasta.engine.sources import Task, encode_tasks
from pytest_antipasta.logs import DEBUG, WARNING, note
from pytest_antipasta.messages import count
from pytest_antipasta.model import FileError
from pytest_antipasta.processes import (
    STARTUP,
    Answers,
    Child,
    ResourceLimits,
    Watch,
    count_fitting,
    count_oom_kills,
    defer_signals,
    describe_exit,
    find_room,
    share_memory,
)

CHUNK = 10
"""Files in one: few enough that no worker waits long for the last one, enough that sending costs nothing."""
# Seconds that files of one size may take in one chunk: less than anybody waits for at the end.
_SAME_SIZE = 0.05
# Seconds between two looks at the workers.
_TICK = 0.05
_decode = msgspec.msgpack.Decoder(Outcome).decode


def run_in_pool(
    tasks: Sequence[Task],
    rules: Rules,
    cache_dir: Path | None,
    workers: int,
    judge: FileJudge,
    roster: Roster,
    diagnostics: Diagnostics,
    deadline: float = float("inf"),
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every task, more or less in the order of the tasks.

    A file over which a worker ends is judged once more, by a worker that has judged nothing else, and is
    an error if that ends as well. Where memory is short, there are fewer workers, and one at last, before a
    file is an error for it. What no worker can be started for is judged in this process.

    Args:
        tasks: the files; those that are larger than others together are begun first.
        rules: what the files are judged by.
        cache_dir: the store's folder, read by the workers and never written.
        workers: how many processes.
        judge: what judges in this process.
        roster: keeps account of the workers.
        diagnostics: gets the warnings.
        deadline: on the clock of ``time.monotonic``; what is not there by then is left out.
    """
    chunks, orders = cut(tasks), encode_orders(rules, cache_dir)
    pool = _Pool(chunks, orders, limits_of(rules.settings), judge, roster, diagnostics)
    try:
        yield from pool.judge(min(workers, len(chunks)), deadline)
        yield from pool.take_rest()  # if the deadline has ended it
    except KeyboardInterrupt:
        yield from pool.take_rest()
        raise
    finally:
        pool.end()
    # What no worker has taken.
    trouble = [RunWarning(f"checked without workers: can't start them ({pool.trouble})")]
    for task in (task for chunk in pool.chunks for task in chunk if time.monotonic() < deadline):
        if task in pool.retried:  # what has ended a process is not tried in this one
            yield judge.give_up(task, pool.retried[task])
            continue
        outcome = judge.run(task)
        yield replace(outcome, warnings=(*outcome.warnings, *trouble))
        trouble = []


class _Worker:
    """One worker and what it has to do.

    Attributes:
        oom_kills: how many processes had been killed for want of memory when it began.
        is_ready: whether it has begun.
        tasks: what it has not answered for; it is at the first of them.
        watch: looks after it, once it was looked at.
    """

    def __init__(self, number: int, answers: Answers, seconds: float, orders: bytes) -> None:
        self.name = f"worker-{number}"
        self.oom_kills = count_oom_kills()
        self.child = Child(SERVER, answers, seconds, orders)
        self.note(DEBUG, "begins")
        self.is_ready = False
        self.tasks: deque[Task] = deque()
        self.watch: Watch | None = None

    def note(self, level: int, message: str, path: str = "") -> None:
        note(level, "workers", message, path=path, worker=self.name, process=self.child.pid)

    def begin(self, chunk: Sequence[Task]) -> None:
        if not self.tasks:
            self.watch = None
        self.tasks.extend(chunk)
        self.child.ask(encode_tasks(chunk), len(chunk))

    def find_excess(self, limits: ResourceLimits) -> FileError | None:
        """Return what the file that it is at has taken too much of since the first look."""
        if self.watch is None:
            self.watch = Watch(self.child.pid)
        return self.watch.find_excess(limits)


class _Pool:
    """The workers and what is left to do.

    Attributes:
        chunks: those that no worker has.
        trouble: why workers can't be started, if so.
    """

    def __init__(
        self,
        chunks: Sequence[Sequence[Task]],
        orders: bytes,
        limits: ResourceLimits,
        judge: FileJudge,
        roster: Roster,
        diagnostics: Diagnostics,
    ) -> None:
        self.chunks: deque[Sequence[Task]] = deque(chunks)
        self.trouble = ""
        self._orders = orders
        self._limits = limits
        self._judge = judge
        self._roster = roster
        self._diagnostics = diagnostics
        self._answers: Answers = SimpleQueue()
        self._workers: dict[Child, _Worker] = {}
        self.retried: dict[Task, FileError] = {}
        self._most = self._hired = 0

    def judge(self, workers: int, deadline: float) -> Iterator[Outcome]:
        """Yield outcomes until all is done, or no worker is left to do it."""
        self._most = workers
        self._reduce(count_fitting(find_room(()), workers))
        for _ in range(self._most):
            self._hire()
        looked = time.monotonic()
        while self._workers and time.monotonic() < deadline:
            try:
                child, answer = self._answers.get(timeout=_TICK)
            except Empty:
                pass
            else:
                yield from self._take(child, answer)
            # With all answers taken, a worker is where we think it is.
            if time.monotonic() > looked + _TICK and self._answers.empty():
                yield from self._look()
                looked = time.monotonic()

    def take_rest(self) -> Iterator[Outcome]:
        """Yield what has been answered and not been taken."""
        while not self._answers.empty():
            child, answer = self._answers.get()
            if answer and child in self._workers:
                worker = self._workers[child]
                yield _read(answer, worker.tasks.popleft(), worker)

    def end(self) -> None:
        """End all workers."""
        with defer_signals():
            for worker in list(self._workers.values()):
                self._dismiss(worker)

    def _hire(self, chunk: Sequence[Task] = ()) -> None:
        """Start a worker, with something to begin with."""
        try:
            self._hired += 1
            worker = _Worker(self._hired, self._answers, self._limits.seconds, self._orders)
        except OSError as error:
            self.trouble = str(error)
            if chunk:
                self.chunks.append(chunk)
            return
        self._workers[worker.child] = worker
        worker.tasks.extend(chunk)

    def _dismiss(self, worker: _Worker) -> int:
        """End a worker; return its exit code."""
        del self._workers[worker.child]
        return self._roster.end(worker.child, "worker")

    def _take(self, child: Child, answer: bytes | None) -> Iterator[Outcome]:
        worker = self._workers.get(child)
        if worker is None:
            return  # it was ended, and this came too late
        if answer is None:
            yield from self._bury(worker, None)
        elif not worker.is_ready:
            worker.is_ready = True
            first, worker.tasks = list(worker.tasks), deque()
            self._give(worker, first)
        else:
            task = worker.tasks.popleft()
            worker.watch = None
            yield _read(answer, task, worker)
            if len(worker.tasks) < CHUNK:  # before it has nothing to do
                self._give(worker)

    def _give(self, worker: _Worker, chunk: Sequence[Task] = ()) -> None:
        """Give a worker something to do, or send it home when it has done all, or is one too many."""
        if chunk or (self.chunks and len(self._workers) <= self._most):
            try:
                worker.begin(chunk or self.chunks.popleft())
                self._roster.note_busy(sum(bool(one.tasks) for one in self._workers.values()))
            except OSError as error:
                self.trouble = str(error)
                self.chunks.appendleft(list(worker.tasks))
                self._dismiss(worker)
        elif not worker.tasks:
            self._dismiss(worker)
            worker.note(DEBUG, "finished")

    def _look(self) -> Iterator[Outcome]:
        room = find_room(child.pid for child in self._workers)
        self._reduce(count_fitting(room, self._most))
        limits = share_memory(self._limits, room, max(1, len(self._workers)))
        for worker in list(self._workers.values()):
            if not worker.is_ready:
                if time.monotonic() > worker.child.began + STARTUP:
                    yield from self._bury(worker, None, f"did not start within {STARTUP:g} s")
            elif (error := worker.find_excess(limits)) is not None:
                yield from self._bury(worker, error)

    def _reduce(self, most: int) -> None:
        """Let there be so many workers at most; those that are too many end when they have nothing to do."""
        if most < self._most:
            self._diagnostics.warn(f"low memory: using {count(most, 'worker')} instead of {self._most}")
            self._most = most

    def _bury(self, worker: _Worker, error: FileError | None, late: str = "") -> Iterator[Outcome]:
        """Put another worker in the place of one that has ended or has to; yield what that costs.

        Args:
            worker: the one.
            error: of the file that it is at, if it has to end for that.
            late: says that it has not begun in time, if so.
        """
        code, last_words = self._dismiss(worker), worker.child.last_words
        if not worker.is_ready:
            self._leave(worker, late or describe_exit(code, last_words))
            return
        error = error or explain_end(code, last_words, self._limits, worker.oom_kills)
        task = worker.tasks.popleft()
        worker.note(WARNING, f"ended ({error.kind}): {error.message}", task.path)
        if worker.tasks:
            self.chunks.appendleft(list(worker.tasks))
        # Memory may be that of files before, and a process may end for any reason.
        if self._workers and error.kind == "out_of_memory":
            self._reduce((len(self._workers) + 1) // 2)
            self._roster.retries += 1
            self.chunks.appendleft([task])  # for one of those that stay
        elif error.kind == "timeout" or task in self.retried:
            yield self._judge.give_up(task, error)
            if self.chunks:
                self._hire()
        else:
            self.retried[task] = error
            self._roster.retries += 1
            self._hire([task])

    def _leave(self, worker: _Worker, why: str) -> None:
        """Do without a worker that has not begun."""
        self.trouble = why
        worker.note(WARNING, f"did not start: {why}")
        if worker.tasks:
            self.chunks.append(list(worker.tasks))


def _read(answer: bytes, task: Task, worker: _Worker) -> Outcome:
    """Return the outcome of a task, which shares with it what a large tree has many of."""
    outcome = _decode(answer)
    verdict = replace(outcome.verdict, path=task.path)
    digest = verdict.digest if outcome.digest == verdict.digest else outcome.digest
    return replace(outcome, verdict=verdict, digest=digest, worker=worker.name)


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
