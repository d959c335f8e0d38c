"""One run: its sources, their results, and what is remembered of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from pytest_antipasta.engine.decisions import (
    Decisions,
    describe_files,
    describe_judged,
    describe_phases,
    describe_places,
)
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.memory.memory import Memory
from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.recall import Recall, divide_known, take_numbers
from pytest_antipasta.engine.results import Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.sharding import Part, divide_tasks
from pytest_antipasta.engine.sources import Source, Task
from pytest_antipasta.engine.tally import Tally
from pytest_antipasta.engine.worker_count import count_processors
from pytest_antipasta.engine.workers.schedule import Schedule
from pytest_antipasta.files import Selection
from pytest_antipasta.logs import INFO, WARNING, note_all
from pytest_antipasta.model import (
    BaselineEntry,
    Changes,
    Measurement,
    MissReason,
    Shard,
    Verdict,
    Workers,
)
from pytest_antipasta.processes import defer_signals

if TYPE_CHECKING:
    from pytest_antipasta.engine.memory.sharing import Sharing

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


class Run:
    """One run over sources.

    Attributes:
        rules: what the sources are judged by.
        memory: what is remembered between runs.
        phases: what its parts took.
        selection: the files it is about.
        tasks: one for each of them, in the order of their paths.
        open_tasks: those of them that were not judged when the run began.
        results: those of all tasks, where they were there from the beginning.
        kind: what it is over.
        changes: where it is over a change, what that does to blocks; ``None`` if nobody asked.
        schedule: which process judges which task.
        tally: its results so far.
        ending: how it ended.
        part: what of its files is judged, where they are divided among several machines.
        sharing: what it has to do with a store that machines share, if there is one.
    """

    def __init__(
        self,
        rules: Rules,
        memory: Memory,
        phases: Phases,
        selection: Selection,
        tasks: Sequence[Task],
        results: Sequence[Result] | None = None,
        kind: RunKind = "files",
        unmoved: Sequence[BaselineEntry] = (),
        changes: Changes | None = None,
        shard: Shard | None = None,
    ) -> None:
        """Begin a run over tasks, or over a shard of them, or represent one whose results are there already.

        With such results come the entries of the baseline that have followed nothing.
        """
        self.rules = rules
        self.memory = memory
        self.phases = phases
        self.selection = selection
        self.tasks = tasks
        self.results = results
        self.kind = kind
        self.changes = changes
        self._unmoved = unmoved
        self.tally = Tally(memory)
        self.ending = Ending()
        self.part = Part()
        self.sharing: Sharing | None = None
        if shard is not None:
            self.tasks, self.changes, self.part = divide_tasks(tasks, changes, shard)
        self.open_tasks = self.tasks
        self.schedule = Schedule(self.tasks, rules, memory, phases, results)
        self._passing: Mapping[str, Verdict] = {}
        self._recall: Recall | None = None
        self._has_ended = False
        note_all(INFO, self._describe_begin())
        notes = (*rules.notes, *selection.notes, *selection.left_out)
        note_all(WARNING, (("warning", warning) for warning in notes))

    def leave_numbers(self) -> None:
        """Leave to the store what it has or gets, until somebody asks for it.

        What the worst numbers of a file say is within all limits is not looked up at all.
        """
        settings, cache_dir = self.rules.settings, self.memory.cache_dir
        self._recall = recall = Recall(
            self.tally.sorted_verdicts,
            lambda path: self.schedule.by_path[path],
            lambda: open_measurer(settings, cache_dir, makes_store=False),
        )
        self._passing, self.open_tasks = divide_known(
            self.tasks, self.rules, self.memory, partial(self._give_numbers, recall)
        )

    def describe(self) -> Decisions:
        """Yield what it does, or did, and why."""
        yield from self._describe_begin()
        yield from self._describe_end()

    def _describe_begin(self) -> Decisions:
        yield from describe_places(self.rules.settings, self.memory.cache_dir)
        yield from describe_files(len(self.tasks), self.selection, self.part.shard)

    def _describe_end(self) -> Decisions:
        yield from self.schedule.describe()
        yield from describe_judged(self.tally.verdicts.values(), self.miss_reasons)
        if self.sharing is not None:
            yield "store", self.sharing.describe()
        yield describe_phases(self.phases)

    def judge_all(
        self, workers: int | None = None, tell: Callable[[Verdict], object] = lambda _: None
    ) -> None:
        """Judge all files, in this process or in workers, and remember what was learned.

        What was judged before an interruption is remembered, too.

        Args:
            workers: processes; 0 for this one, ``None`` for as many as the files are worth.
            tell: is given each verdict as it is reached.
        """
        schedule = self.schedule
        try:
            if workers is None:
                workers = schedule.choose_workers(self.open_tasks, count_processors()).number
            else:
                schedule.workers = Workers(workers, f"{workers} asked for")
            judged = schedule.iter_results(self.open_tasks, workers)
            # Closed, so that no worker is at work any more when what was learned is written.
            with self.phases.time("judge"), closing(judged) as results:
                self.tally.note_passing(self._passing)
                for result in results:
                    self.tally.note(result, self._find_recall(result))
                    tell(result.verdict)
        except KeyboardInterrupt:
            self.stop_sharing()
            raise
        finally:
            self.finish()

    def begin(self, tasks: Sequence[Task]) -> None:
        """Have workers judge files ahead, if there are any; these will be asked for, in this order."""
        self.schedule.begin([task for task in tasks if task.path not in self._passing])

    def judge_one(self, source: Source) -> Result:
        """Return the result of one source; it is noted when it is reported."""
        if (verdict := self._passing.get(source.path)) is not None:
            return Result(verdict, verdict.digest, process=os.getpid())
        return self.schedule.judge_one(source)

    def _give_numbers(self, recall: Recall, verdict: Verdict) -> Measurement:
        """Return a passing file's measurement: looked up singly during the run, in batches after it."""
        if self._has_ended:
            return recall(verdict)
        return take_numbers(self.memory.measure(self.schedule.by_path[verdict.path]), verdict.digest)

    def _find_recall(self, result: Result) -> Recall | None:
        """Return what gives the numbers of a result again, if it need not keep them."""
        numbers, has_store = result.verdict.numbers, self.memory.lookup.store is not None
        if self._recall is None or numbers is None or numbers.errors or numbers.has_cells:
            return None
        return self._recall if has_store and (result.verdict.from_store or result.record) else None

    def find_unmoved(self) -> Sequence[BaselineEntry]:
        """Return the entries of a baseline that have followed nothing."""
        if self.results is not None:
            return self._unmoved
        return self.schedule.find_unmoved() if self.rules.recorded else ()

    def finish(self) -> None:
        """End the workers that are ahead, and remember what was learned."""
        self._has_ended = True
        is_whole = self.selection.narrowed_by is None
        with self.phases.time("remember"), defer_signals():
            for result in self.schedule.end():
                self.memory.note(result)
            self.memory.write((file.path for file in self.selection.files) if is_whole else None)
            if self.sharing is not None:
                self.sharing.write()  # from the store that has been written
            self.memory.close()
        note_all(INFO, self._describe_end())

    def stop_sharing(self) -> None:
        """Write nothing for other machines: who interrupts a run does not wait for that."""
        if self.sharing is not None:
            self.sharing.close()

    def measure_seconds(self) -> float:
        """Return what it took; beside tests, what its parts did."""
        return sum(self.phases.seconds.values()) if self.ending.is_beside_tests else self.phases.total()

    @cached_property
    def miss_reasons(self) -> Mapping[str, MissReason]:
        """Why files were measured, by path, once the run has ended."""
        # Here, because nobody asks in most runs.
        from pytest_antipasta.engine.misses import find_miss_reasons

        verdicts = self.tally.verdicts.values()
        return find_miss_reasons(self.memory, self.rules.settings.cache_journal, verdicts)
