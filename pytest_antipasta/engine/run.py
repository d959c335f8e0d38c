"""One run: its sources, their outcomes, and what is known of them afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pytest_antipasta.engine.decisions import (
    Decisions,
    describe_files,
    describe_judged,
    describe_phases,
    describe_places,
)
from pytest_antipasta.engine.diagnostics import RunWarning, merge_warnings
from pytest_antipasta.engine.executor.schedule import Schedule
from pytest_antipasta.engine.executor.worker_count import count_processors
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.recall import WholeVerdicts, divide_known, read_whole
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sources import Source, Task
from pytest_antipasta.files import Selection
from pytest_antipasta.logs import INFO, WARNING, Phases, note, note_all
from pytest_antipasta.model import Changes, CoverageFacts, MissReason, Shard, Verdict, Waivers, Workers
from pytest_antipasta.processes import defer_signals

if TYPE_CHECKING:
    from pytest_antipasta.engine.memo import TreeMemory
    from pytest_antipasta.engine.sharing import Sharing

RunKind: TypeAlias = Literal["files", "content", "change"]


class Ending(NamedTuple):
    """How a run ended, where that was not up to it.

    Attributes:
        deselected_by: the options of pytest that may have left files out.
        stopped: why it ended before all files were judged; ``None`` if it did not.
        is_beside_tests: whether other things than files were run meanwhile, whose time is not the run's.
    """

    deselected_by: tuple[str, ...] = ()
    stopped: str | None = None
    is_beside_tests: bool = False


class Part(NamedTuple):
    """What of a run's files is judged in it, where they are divided among several machines.

    Attributes:
        shard: which one of several parts; ``None`` for all files.
        others: tasks for the files of other shards.
        files: stands for all files that were divided; empty where none were.
    """

    shard: Shard | None = None
    others: Sequence[Task] = ()
    files: str = ""


class Run:
    """One run over sources.

    Attributes:
        rules: what the sources are judged by.
        measurer: measures in this process.
        storage: what is known between runs.
        schedule: which process judges which source.
        phases: what its parts took.
        selection: the files it is about.
        tasks: one for each of them, in the order of their paths.
        open_tasks: those of them that were not judged when the run began.
        seen_tasks: those of them whose files were looked at, and not taken from a memo.
        kind: what it is over.
        changes: where it is over a change, what that does to blocks; ``None`` if nobody asked.
        part: what of its files is judged, where they are divided among several machines.
        sharing: what it has to do with a store that machines share, if there is one.
        verdicts: those that are known so far, by path.
        waivers: where it is over a change, what that allows more than was allowed before it.
        tracebacks: of internal errors over some of them.
        spent: by path, the process that judged and the seconds that it took, see :class:`Outcome`; none for
            files that pass by what the index says of them.
        reads: the seconds that each question to the store took, in all processes.
        ending: how it ended.
        memory: the memo of the root's tree, to be made or brought up to date when the run has ended.
        unlisted: how many more files pass, of which nobody asks for verdicts.
        coverage: what coverage data says of the files; ``None`` where nobody asked.
    """

    def __init__(
        self,
        rules: Rules,
        measurer: Measurer,
        schedule: Schedule,
        phases: Phases,
        selection: Selection,
        tasks: Sequence[Task],
        kind: RunKind = "files",
        changes: Changes | None = None,
        part: Part | None = None,
    ) -> None:
        """Begin a run over tasks, which may be a part of all."""
        self.rules = rules
        self.measurer = measurer
        self.storage = measurer.storage
        self.schedule = schedule
        self.phases = phases
        self.selection = selection
        self.tasks = self.open_tasks = self.seen_tasks = tasks
        self.kind = kind
        self.changes = changes
        self.waivers = Waivers()
        self.part = part or Part()
        self.sharing: Sharing | None = None
        self.verdicts: dict[str, Verdict] = {}
        self.tracebacks: list[str] = []
        self.spent: dict[str, tuple[int, float]] = {}
        self.reads: list[float] = []
        self.ending = Ending()
        self.memory: TreeMemory | None = None
        self.unlisted = 0
        self.coverage: CoverageFacts | None = None
        self._warnings: list[RunWarning] = []
        self._passing: Mapping[str, Verdict] = {}
        self._leaves_numbers = False
        note_all(INFO, self._describe_begin())
        notes = (*rules.notes, *selection.notes, *selection.left_out)
        note_all(WARNING, (("warning", warning) for warning in notes))

    @cached_property
    def by_path(self) -> dict[str, Task]:
        """The tasks, by the paths that they are reported under."""
        return {task.path: task for task in self.tasks}

    @cached_property
    def _recorded_names(self) -> Mapping[str, set[str | None]]:
        """The qualified names that the baseline has entries of, by path."""
        names: dict[str, set[str | None]] = {}
        for entry in self.rules.recorded or ():
            names.setdefault(entry.path, set()).add(entry.qualified_name)
        return names

    def leave_numbers(self) -> None:
        """Have brief verdicts on what the store has or gets, see :meth:`read_numbers`.

        What the worst numbers of a file say is within all limits is not looked up at all.
        """
        self._leaves_numbers = True
        self._passing, self.open_tasks = divide_known(self.tasks, self.rules, self.storage)

    def take_known(self, verdicts: Mapping[str, Verdict], open_tasks: Sequence[Task], unlisted: int) -> None:
        """Take verdicts that are known without looking at their files.

        Args:
            verdicts: by path.
            open_tasks: the other files.
            unlisted: how many files pass besides.
        """
        self._passing, self.open_tasks, self.unlisted = verdicts, open_tasks, unlisted
        self.seen_tasks = open_tasks
        self.storage.learns_files = False
        self._leaves_numbers = True

    # Judging.

    def judge_all(
        self, workers: int | None = None, tell: Callable[[Verdict], object] = lambda _: None
    ) -> None:
        """Judge all files, in this process or in workers, and keep what was learned.

        What was judged before an interruption is kept, too.

        Args:
            workers: processes; 0 for this one, ``None`` for as many as the files are worth.
            tell: is given each verdict as it is reached.
        """
        schedule = self.schedule
        try:
            if workers is None:
                workers = schedule.choose_workers(self.open_tasks, count_processors()).number
            else:
                schedule.workers = schedule.workers or Workers(workers, f"{workers} requested")
            judged = schedule.run(self.open_tasks, workers)
            # Closed, so that no worker is at work any more when what was learned is written.
            with self.phases.time("judge"), closing(judged) as outcomes:
                self.verdicts |= self._passing
                self.storage.put_passing(self._passing.values(), self.unlisted)
                for outcome in outcomes:
                    self.put(outcome)
                    tell(outcome.verdict)
        except KeyboardInterrupt:
            self.stop_sharing()
            raise
        finally:
            self.finish()

    def begin(self, tasks: Sequence[Task]) -> None:
        """Have workers judge files ahead, if there are any; these will be asked for, in this order."""
        self.schedule.begin([task for task in tasks if task.path not in self._passing])

    def judge_one(self, source: Source) -> Outcome:
        """Return the outcome of one source; whoever reports it puts it in, see :meth:`put`."""
        if (verdict := self._passing.get(source.path)) is not None:
            return Outcome(verdict, verdict.digest, process=os.getpid())
        return self.schedule.judge_one(source)

    def put(self, outcome: Outcome) -> None:
        """Take the outcome of one source, and leave to the store those numbers that it has or gets."""
        verdict, numbers = outcome.verdict, outcome.verdict.measurement
        if (
            self._leaves_numbers
            and self.storage.store is not None
            and not verdict.is_brief
            and (verdict.from_store or outcome.record)
            and not (numbers.errors or numbers.has_cells)
        ):
            verdict = verdict.shorten(self._recorded_names.get(verdict.path, ()))
        self.verdicts[verdict.path] = verdict
        self.spent[verdict.path] = (outcome.process, outcome.seconds)
        self.reads += outcome.reads
        self._warnings += outcome.warnings
        if outcome.traceback:
            self.tracebacks.append(outcome.traceback)
        self.storage.put(outcome)

    def finish(self) -> None:
        """End the workers that are ahead, and keep what was learned."""
        is_whole = self.selection.narrowed_by is None and self.storage.learns_files
        with self.phases.time("remember"), defer_signals():
            for outcome in self.schedule.end():
                self.storage.put(outcome)
            if self.memory is not None and len(self.verdicts) == len(self.tasks):
                began = time.time() - self.phases.total()
                self.memory.check(self.schedule.judge_one)
                self.memory.keep(self.selection.files, self.verdicts, began)
            self.storage.write((file.path for file in self.selection.files) if is_whole else None)
            if self.sharing is not None:
                self.sharing.write()  # from the store that has been written
            self.measurer.close()
        note_all(INFO, self._describe_end())

    def close(self) -> None:
        """Let go of the store and of all processes, without keeping anything."""
        self.measurer.close()

    def stop_sharing(self) -> None:
        """Write nothing for other machines: who interrupts a run does not wait for that."""
        if self.sharing is not None:
            self.sharing.close()

    # What is known of it.

    @property
    def warnings(self) -> list[str]:
        """Warnings of all processes, a line each."""
        taken = self.storage.diagnostics.take()
        for warning in taken:
            note(WARNING, "warning", warning.text)
        self._warnings[:0] = taken  # workers have seen the store after this process
        return merge_warnings(self._warnings)

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts in the order of their paths."""
        return [self.verdicts[path] for path in sorted(self.verdicts)]

    def complete(self, verdict: Verdict) -> Verdict:
        """Return a verdict with all of its numbers, while the run goes on."""
        return read_whole(verdict, self.measurer, self.by_path[verdict.path]) if verdict.is_brief else verdict

    def read_numbers(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        """Return verdicts of the run, once it has ended, with all of their numbers."""
        settings, cache_dir = self.rules.settings, self.storage.cache_dir
        return WholeVerdicts(
            verdicts,
            lambda: open_measurer(settings, cache_dir, makes_store=False),
            lambda path: self.by_path[path],
        )

    def sum_seconds(self) -> dict[int, float]:
        """Return what the sources took in each process."""
        seconds: dict[int, float] = {}
        for process, spent in self.spent.values():
            seconds[process] = seconds.get(process, 0.0) + spent
        return seconds

    def measure_seconds(self) -> float:
        """Return what it took; beside tests, what its parts did."""
        return sum(self.phases.seconds.values()) if self.ending.is_beside_tests else self.phases.total()

    @cached_property
    def miss_reasons(self) -> Mapping[str, MissReason]:
        """Why files were measured, by path, once the run has ended."""
        from pytest_antipasta.engine.misses import find_miss_reasons  # nobody asks in most runs

        return find_miss_reasons(self.storage, self.rules.settings.cache_journal, self.verdicts.values())

    def describe(self) -> Decisions:
        """Yield what it does, or did, and why."""
        yield from self._describe_begin()
        yield from self._describe_end()

    def _describe_begin(self) -> Decisions:
        yield from describe_places(self.rules.settings, self.storage.cache_dir)
        yield from describe_files(len(self.tasks) + self.unlisted, self.selection, self.part.shard)

    def _describe_end(self) -> Decisions:
        yield from self.schedule.describe()
        yield from describe_judged(self.verdicts.values(), self.miss_reasons)
        if self.sharing is not None:
            yield "store", self.sharing.describe()
        yield describe_phases(self.phases)
