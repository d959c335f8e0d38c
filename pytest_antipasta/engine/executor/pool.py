"""Judge files in parallel in a pool of worker processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from queue import Empty, SimpleQueue

import msgspec
from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import RunWarning
from pytest_antipasta.engine.executor.worker_count import estimate_seconds
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.guard import SERVER, explain_end
from pytest_antipasta.engine.measuring.measurer import limits_of
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules, encode_orders
from pytest_antipasta.engine.sources import Task, encode_tasks
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.logs import DEBUG, WARNING, log_event
from pytest_antipasta.messages import count
from pytest_antipasta.model import FileError
from pytest_antipasta.processes import (
    STARTUP_LIMIT,
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
"""Number of files sent together. A worker does not wait long for the last ones, and sending costs little."""
# Seconds of work in one chunk of files of one size, so that no worker runs much longer than others.
_SAME_SIZE = 0.05
# Seconds between two checks of the workers.
_TICK = 0.05
_decode = msgspec.msgpack.Decoder(Outcome).decode


def run_in_pool(
    tasks: Sequence[Task],
    rules: Rules,
    storage: Storage,
    judge: FileJudge,
    workers: int,
    deadline: float = float("inf"),
) -> Generator[Outcome, None, None]:
    """Yield the outcome of every task from a pool that ends with it; see :class:`Pool`."""
    pool = Pool(rules, storage, judge)
    try:
        yield from pool.run(tasks, workers, deadline)
    finally:
        pool.end()


class _Worker:
    """One worker and its tasks.

    Attributes:
        oom_kills: how many processes the system had killed for lack of memory when the worker started.
        is_ready: whether the worker has started.
        tasks: tasks without an answer; the worker is at the first.
        watch: compares the worker with its limits, from the first check on.
    """

    def __init__(self, number: int, answers: Answers, seconds: float, orders: bytes) -> None:
        self.name = f"worker-{number}"
        self.oom_kills = count_oom_kills()
        self.child = Child(SERVER, answers, seconds, orders)
        self.log_event(DEBUG, "begins")
        self.is_ready = False
        self.tasks: deque[Task] = deque()
        self.watch: Watch | None = None

    def log_event(self, level: int, message: str, path: str = "") -> None:
        log_event(level, "workers", message, path=path, worker=self.name, process=self.child.pid)

    def begin(self, chunk: Sequence[Task]) -> None:
        if not self.tasks:
            self.watch = None
        self.tasks.extend(chunk)
        self.child.ask(encode_tasks(chunk), len(chunk))

    def find_excess(self, limits: ResourceLimits) -> FileError | None:
        """Return which limit the current file has exceeded since the first check."""
        if self.watch is None:
            self.watch = Watch(self.child.pid)
        return self.watch.find_excess(limits)


class Pool:
    """Worker processes that judge tasks.

    If a worker ends while it judges a file, a new worker judges this file again; if that worker ends too, the
    file gets an error. If memory is low, the number of workers is reduced first, down to one. If no worker
    can be started, this process judges the rest.
    """

    def __init__(
        self, rules: Rules, storage: Storage, judge: FileJudge, *, keeps_workers: bool = False
    ) -> None:
        """Start no worker yet.

        Args:
            rules: the rules to judge by.
            storage: the stored measurements. Workers read the same store, and write nothing to it but the
                damage marker.
            judge: judges tasks in this process.
            keeps_workers: whether workers wait for further tasks when all are done.
        """
        self._orders = encode_orders(rules, storage.cache_dir)
        self._limits = limits_of(rules.settings)
        self._judge = judge
        self._keeps_workers = keeps_workers
        self._diagnostics = storage.diagnostics
        self._answers: Answers = SimpleQueue()
        self._workers: dict[Child, _Worker] = {}
        self._chunks: deque[Sequence[Task]] = deque()  # those that no worker has
        self._retried: dict[Task, FileError] = {}
        self._trouble = ""  # why workers can't be started
        self._most = self._hired = 0

    def count_workers(self) -> int:
        """Return the number of running workers."""
        return len(self._workers)

    def run(
        self, tasks: Sequence[Task], workers: int, deadline: float = float("inf")
    ) -> Generator[Outcome, None, None]:
        """Yield the outcome of every task, roughly in the order of the tasks.

        Args:
            tasks: the files; chunks with large files start first.
            workers: number of processes.
            deadline: on the clock of ``time.monotonic``; tasks without an outcome by then are left out.
        """
        self._chunks = deque(cut(tasks))
        try:
            yield from self._judge_in_workers(min(workers, len(self._chunks)), deadline)
            yield from self._take_rest()  # if a worker is ended by the deadline
        except KeyboardInterrupt:
            yield from self._take_rest()
            raise
        finally:
            if self._is_busy():
                self.end()
        # Tasks that no worker has taken.
        trouble = [RunWarning(f"checked without workers: can't start them ({self._trouble})")]
        for task in (task for chunk in self._chunks for task in chunk if time.monotonic() < deadline):
            if task in self._retried:  # a file that ended a process is not tried in this one
                yield self._judge.give_up(task, self._retried[task])
                continue
            outcome = self._judge.run(task)
            yield replace(outcome, warnings=(*outcome.warnings, *trouble))
            trouble = []

    def _is_busy(self) -> bool:
        return any(worker.tasks for worker in self._workers.values())

    def _judge_in_workers(self, workers: int, deadline: float) -> Iterator[Outcome]:
        """Yield outcomes until all tasks are done, or no worker is left."""
        self._call_up(workers)
        looked = time.monotonic()
        while self._workers and (self._chunks or self._is_busy()) and time.monotonic() < deadline:
            try:
                child, answer = self._answers.get(timeout=_TICK)
            except Empty:
                pass
            else:
                yield from self._take(child, answer)
            if time.monotonic() > looked + _TICK:
                # With all answers read, the first open task is the file that the worker is at. All are read
                # before the first outcome is yielded, as its receiver may be slow.
                found = [*self._take_all(), *self._look()]
                looked = time.monotonic()
                yield from found

    def _call_up(self, workers: int) -> None:
        """Give waiting workers their first chunks, and start as many more as are missing."""
        self._most = workers
        self._reduce(count_fitting(find_room(child.pid for child in self._workers), workers))
        for worker in list(self._workers.values()):
            if worker.is_ready:
                self._give(worker)
        for _ in range(self._most - len(self._workers)):
            self._hire()

    def _take_all(self) -> Iterator[Outcome]:
        while not self._answers.empty():
            yield from self._take(*self._answers.get())

    def _take_rest(self) -> Iterator[Outcome]:
        """Yield the outcomes that were received and not yielded yet."""
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
        """Start a worker and give it a chunk."""
        try:
            self._hired += 1
            worker = _Worker(self._hired, self._answers, self._limits.seconds, self._orders)
        except OSError as error:
            self._trouble = str(error)
            if chunk:
                self._chunks.append(chunk)
            return
        self._workers[worker.child] = worker
        worker.tasks.extend(chunk)

    def _dismiss(self, worker: _Worker) -> int:
        """Stop a worker; return its exit code."""
        del self._workers[worker.child]
        return self._diagnostics.end(worker.child, "worker")

    def _take(self, child: Child, answer: bytes | None) -> Iterator[Outcome]:
        worker = self._workers.get(child)
        if worker is None:
            return  # the worker was ended before its answer arrived
        if answer is None and worker.is_ready and not worker.tasks:
            self._dismiss(worker)  # it was waiting for tasks
        elif answer is None:
            yield from self._bury(worker, None)
        elif not worker.is_ready:
            worker.is_ready = True
            first, worker.tasks = list(worker.tasks), deque()
            self._give(worker, first)
        else:
            task = worker.tasks.popleft()
            worker.watch = None
            yield _read(answer, task, worker)
            if len(worker.tasks) < CHUNK:  # sent early, so that the worker never waits
                self._give(worker)

    def _give(self, worker: _Worker, chunk: Sequence[Task] = ()) -> None:
        """Give a worker its next chunk, or end it if there is no more work or there are too many workers."""
        if chunk or (self._chunks and len(self._workers) <= self._most):
            try:
                worker.begin(chunk or self._chunks.popleft())
                busy = sum(bool(each.tasks) for each in self._workers.values())
                self._diagnostics.most_busy = max(self._diagnostics.most_busy, busy)
            except OSError as error:
                self._trouble = str(error)
                self._chunks.appendleft(list(worker.tasks))
                self._dismiss(worker)
        elif not worker.tasks and not (self._keeps_workers and len(self._workers) <= self._most):
            self._dismiss(worker)
            worker.log_event(DEBUG, "finished")

    def _look(self) -> Iterator[Outcome]:
        room = find_room(child.pid for child in self._workers)
        self._reduce(count_fitting(room, self._most))
        limits = share_memory(self._limits, room, max(1, len(self._workers)))
        for worker in list(self._workers.values()):
            if not worker.is_ready:
                if time.monotonic() > worker.child.began + STARTUP_LIMIT:
                    yield from self._bury(worker, None, f"did not start within {STARTUP_LIMIT:g} s")
            elif worker.tasks and (error := worker.find_excess(limits)) is not None:
                yield from self._bury(worker, error)

    def _reduce(self, most: int) -> None:
        """Set the maximum number of workers; surplus ones end when their chunks are done."""
        if most < self._most:
            self._diagnostics.warn(f"low memory: using {count(most, 'worker')} instead of {self._most}")
            self._most = most

    def _bury(self, worker: _Worker, error: FileError | None, late: str = "") -> Iterator[Outcome]:
        """Replace a worker that has ended or must end; yield the outcomes of the files that this costs.

        Args:
            worker: the worker to replace.
            error: error of its current file, if that file is the reason.
            late: message that the worker did not start in time, if so.
        """
        code, last_words = self._dismiss(worker), worker.child.last_words
        if not worker.is_ready:
            self._leave(worker, late or describe_exit(code, last_words))
            return
        error = error or explain_end(code, last_words, self._limits, worker.oom_kills)
        task = worker.tasks.popleft()
        worker.log_event(WARNING, f"ended ({error.kind}): {error.message}", task.path)
        if worker.tasks:
            self._chunks.appendleft(list(worker.tasks))
        # Memory may be held by files judged before, and a process may end for any reason.
        if self._workers and error.kind == "out_of_memory":
            self._reduce((len(self._workers) + 1) // 2)
            self._diagnostics.retries += 1
            self._chunks.appendleft([task])  # for a worker that stays
        elif error.kind == "timeout" or task in self._retried:
            yield self._judge.give_up(task, error)
            if self._chunks:
                self._hire()
        else:
            self._retried[task] = error
            self._diagnostics.retries += 1
            self._hire([task])

    def _leave(self, worker: _Worker, why: str) -> None:
        """Continue without a worker that did not start."""
        self._trouble = why
        worker.log_event(WARNING, f"did not start: {why}")
        if worker.tasks:
            self._chunks.append(list(worker.tasks))


def _read(answer: bytes, task: Task, worker: _Worker) -> Outcome:
    """Return a decoded outcome that shares its path and digest, which saves memory in large trees."""
    outcome = _decode(answer)
    verdict = replace(outcome.verdict, path=task.path)
    digest = verdict.digest if outcome.digest == verdict.digest else outcome.digest
    return replace(outcome, verdict=verdict, digest=digest, worker=worker.name)


def cut(tasks: Sequence[Task]) -> list[Sequence[Task]]:
    """Return the tasks in chunks.

    A file larger than an average chunk is a chunk of its own. These go out first, the largest before all
    others, as at the end all workers would wait for them. Files of one size share a chunk as far as they fit:
    files with equal content have equal sizes, and a worker measures each content once.
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
    """Return the tasks with those of one size grouped at the first of them, as many as take little time."""
    groups: list[list[Task]] = []
    of_size: dict[int, list[Task]] = {}
    for task in tasks:
        group = of_size.get(task.size)
        if group is None or estimate_seconds([task.size]) * len(group) >= _SAME_SIZE:
            group = of_size[task.size] = []
            groups.append(group)
        group.append(task)
    return groups
