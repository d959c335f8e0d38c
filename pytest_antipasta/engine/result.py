"""The result of a run: its verdicts, and what reports need besides, also from the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, overload

from msgspec.structs import replace

from pytest_antipasta.engine.executor.worker_count import explain_workers
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.plan import RunPlan
from pytest_antipasta.engine.run_log import LogLines, describe_judged, describe_phases, describe_plan
from pytest_antipasta.engine.storage.misses import find_miss_reasons
from pytest_antipasta.engine.storage.storage import StoreUse
from pytest_antipasta.files.source import Source
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.metrics.source import has_digest
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileError, Measurement
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.model.run import MissReason, Process
from pytest_antipasta.model.waivers import NO_WAIVERS, Waivers

# Number of records that are read at once for reports, some megabytes.
_RECORDS_AHEAD = 2000


class Exchange(NamedTuple):
    """What a run has exchanged with a shared store: in words, and as a report's ``run`` has it."""

    words: str
    numbers: dict[str, int]


class Ending(NamedTuple):
    """How a run ended, if something outside the run ended it.

    Attributes:
        deselected_by: options of pytest that may have deselected files.
        stopped: why the run ended before all files were judged; ``None`` if all were.
        is_beside_tests: whether tests ran during the same session, whose time does not count.
    """

    deselected_by: tuple[str, ...] = ()
    stopped: str | None = None
    is_beside_tests: bool = False


class Result(RunPlan, frozen=True, kw_only=True, dict=True):
    """A plan, and what came of it.

    Attributes:
        verdicts: the verdicts, by path; fewer than sources if the run was stopped.
        found: how many files were found in the store, were measured, and are copies of other files.
        store: use of the store.
        phases: duration of each phase.
        ending: how the run ended, if something outside it ended it.
        spent: process and seconds by path, see :class:`Outcome`; known verdicts have no entry.
        warnings: warnings of all processes, one line each.
        tracebacks: tracebacks of internal errors.
        ended: processes that have ended.
        retries: how many files were measured again after a process ended or a limit was exceeded.
        exchange: what was exchanged with a shared store; ``None`` without one.
        coverage: coverage data of the files; ``None`` if not requested.
    """

    verdicts: Mapping[str, Verdict]
    found: tuple[int, int, int]
    store: StoreUse
    phases: Phases
    ending: Ending = Ending()
    spent: Mapping[str, tuple[int, float]] = {}
    warnings: Sequence[str] = ()
    tracebacks: Sequence[str] = ()
    ended: Sequence[Process] = ()
    retries: int = 0
    exchange: Exchange | None = None
    coverage: CoverageFacts | None = None

    @property
    def changes(self) -> Changes | None:
        """The effect of a change on blocks; ``None`` if not requested."""
        return None if self.gate_verdict is None else self.gate_verdict.changes

    @property
    def waivers(self) -> Waivers:
        """What a change newly allows."""
        return NO_WAIVERS if self.gate_verdict is None else self.gate_verdict.waivers

    @property
    def commit(self) -> str:
        """The name of the commit that a change leads to; otherwise of the checked-out one."""
        return (self.gate_verdict and self.gate_verdict.commit) or "HEAD"

    @property
    def can_be_recorded(self) -> bool:
        """Whether a first baseline would record all violations.

        It has values of files over limits of the settings, and none of warnings or from coverage data.
        """
        rules = self.rules
        has_baseline = rules.recorded is not None or not rules.has_baseline
        has_own_limits = not (rules.has_other_limits or rules.warnings_fail)
        is_whole = self.kind == "files" and self.ending.stopped is None
        if has_baseline or not has_own_limits or not is_whole:
            return False
        over = chain.from_iterable(verdict.violations for verdict in self.verdicts.values())
        return not any(violation.metric in COVERAGE_METRICS for violation in over)

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts, sorted by path."""
        return sorted(self.verdicts.values(), key=attrgetter("path"))

    def reread(self, verdict: Verdict) -> bytes | None:
        """Return the Python source that a verdict is about; ``None`` if the file on disk has another one."""
        content = self.by_path[verdict.path].reread()
        return None if content is None or not has_digest(content, verdict.digest) else content

    def read_numbers(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        """Return verdicts with all of their values."""
        return _WholeVerdicts(self, verdicts)

    def measure_seconds(self) -> float:
        """Return the duration of the run in seconds; in a session with tests, the sum of its phases."""
        return sum(self.phases.seconds.values()) if self.ending.is_beside_tests else self.phases.total()

    @cached_property
    def miss_reasons(self) -> Mapping[str, MissReason]:
        """Why files were measured, by path."""
        return find_miss_reasons(self.store, self.rules.settings, self.verdicts.values())

    def describe(self) -> LogLines:
        """Yield what the run did, and why."""
        yield from describe_plan(self, self.store.cache_dir)
        yield from self.describe_end()

    def describe_end(self) -> LogLines:
        """Yield what came of the run."""
        if self.workers is not None:
            yield from explain_workers(self.workers)
        failed = sum(map(attrgetter("failed"), self.verdicts.values()))
        yield from describe_judged(failed, self.found, self.miss_reasons)
        if self.exchange is not None:
            yield "store", self.exchange.words
        yield describe_phases(self.phases)


def sum_seconds(spent: Mapping[str, tuple[int, float]]) -> dict[int, float]:
    """Return the total seconds of the sources in each process; for the argument, see :class:`Result`."""
    total: dict[int, float] = {}
    for process, seconds in spent.values():
        total[process] = total.get(process, 0.0) + seconds
    return total


class _WholeVerdicts(Sequence[Verdict]):
    """Verdicts with all of their values, for reports: iterating reads the store.

    Some thousand verdicts are read at a time, as those of a large tree don't fit into memory. Records missing
    from the store are measured again if the file still has the judged content.
    """

    def __init__(self, run: Result, verdicts: Sequence[Verdict]) -> None:
        """Read nothing yet; the verdicts of the run may be brief."""
        self._run = run
        self._verdicts = verdicts
        self._last: tuple[int, Sequence[Verdict]] = (-1, ())

    def __len__(self) -> int:
        return len(self._verdicts)

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        if isinstance(index, slice):
            return self._read(self._verdicts[index])
        return self._read([self._verdicts[index]])[0]

    def __iter__(self) -> Iterator[Verdict]:
        for start in range(0, len(self), _RECORDS_AHEAD):
            if self._last[0] != start:
                self._last = start, self._read(self._verdicts[start : start + _RECORDS_AHEAD])
            yield from self._last[1]

    def _read(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        if not any(verdict.is_brief for verdict in verdicts):
            return verdicts
        settings, cache_dir = self._run.rules.settings, self._run.store.cache_dir
        with closing(open_measurer(settings, cache_dir, is_made=False)) as measurer:
            measurer.storage.load(
                verdict.digest for verdict in verdicts if verdict.is_brief and verdict.digest is not None
            )
            return [
                read_whole(verdict, measurer, self._run.by_path[verdict.path])
                if verdict.is_brief
                else verdict
                for verdict in verdicts
            ]


def read_whole(verdict: Verdict, measurer: Measurer, source: Source) -> Verdict:
    """Return a brief verdict with all of its values, or with an error if the file's content has changed.

    A verdict of a memo that only says that the file passes has no digest: the file is read.
    """
    measured = measurer.measure(source._replace(digest=verdict.digest))
    measurement = measured.measurement
    if verdict.digest is not None and measured.digest != verdict.digest:
        error = FileError("missing", "the file changed or was deleted during the run")
        measurement = Measurement.of(error)
    return replace(verdict, measurement=measurement, is_brief=False)
