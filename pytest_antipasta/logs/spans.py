"""Spans: durations of parts of a run, recorded during the run and sent at its end if traces are requested.

Until then, they are a few plain values: nothing is imported, and no tracer runs while files are judged.
Workers send their durations to the main process with their results.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from contextvars import ContextVar

Attributes: TypeAlias = dict[str, str | int | float | bool]
SLOW = 0.1
"""Seconds from which on a file gets a span."""
_MOST = 1000
_SECONDS, _PROCESSOR = "antipasta.seconds", "antipasta.processor_seconds"


class Span(Struct):
    """A part of a run with a duration.

    Attributes:
        name: one of a few names.
        kind: the run, a phase, a file, or a step: a request to another program or to the store.
        began: start time, in seconds since the epoch.
        seconds: duration in seconds.
        attributes: attributes by OpenTelemetry's names, or ours.
        error: kind of the error; empty for none.
        traceback: traceback of an internal error.
    """

    name: str
    kind: Literal["run", "phase", "file", "step"]
    began: float
    seconds: float = 0.0
    attributes: Attributes = field(default_factory=dict)
    error: str = ""
    traceback: str = ""

    @property
    def ended(self) -> float:
        """End time, in seconds since the epoch."""
        return self.began + self.seconds


class Trace:
    """The spans of a run.

    Attributes:
        run: the span of the run.
        spans: further spans, in the order of their ends.
        dropped: number of dropped spans.
    """

    def __init__(self, name: str) -> None:
        self.run = Span(name, "run", time.time())
        self._offset = self.run.began - time.perf_counter()
        self.spans: list[Span] = []
        self.dropped = 0
        self._phase: Span | None = None
        variable = _make_variable()
        self._before = variable.get()
        variable.set(self)

    def read_clock(self, seconds: float | None = None) -> float:
        """Return seconds of ``time.perf_counter``, or those of now, as seconds since the epoch."""
        return self._offset + (time.perf_counter() if seconds is None else seconds)

    def add(self, span: Span) -> None:
        """Add a finished span; beyond a maximum, spans are dropped."""
        if len(self.spans) < _MOST:
            self.spans.append(span)
        else:
            self.dropped += 1

    def add_phase(self, name: str, seconds: float, processor: float, started: float | None) -> None:
        """Add a phase, or extend the last one."""
        began = self.read_clock() - seconds if started is None else self.read_clock(started)
        phase = self._phase
        if phase is None or phase.name != name:
            phase = self._phase = Span(name, "phase", max(self.run.began, began))
            phase.attributes = {_SECONDS: 0.0, _PROCESSOR: 0.0}
            self.add(phase)
        phase.seconds = began + seconds - phase.began
        # One span, as pytest's items end one by one too.
        phase.attributes[_SECONDS] += seconds  # type: ignore[operator]  # a number
        phase.attributes[_PROCESSOR] += processor  # type: ignore[operator]

    def end(self) -> None:
        """Stop recording."""
        self.run.seconds = self.read_clock() - self.run.began
        self.leave()

    def leave(self) -> None:
        """Stop recording a run that may not have started."""
        _make_variable().set(self._before)


@cache
def _make_variable() -> ContextVar[Trace | None]:
    # A worker of xdist with another Python can't import it, and never traces.
    from contextvars import ContextVar

    return ContextVar("trace", default=None)


def _find_trace() -> Trace | None:
    """Return the trace of the run, if there is one."""
    return _make_variable().get() if "contextvars" in sys.modules else None


class Phases:
    """Durations of the phases of a run.

    Attributes:
        seconds: seconds by name of the phase, in the order of their starts.
        processor: processor time of this process in seconds, by name of the phase.
    """

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._processor_before = time.process_time()
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of the block to a phase."""
        started, processor_before = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started, time.process_time() - processor_before, started)

    def add(self, name: str, seconds: float, processor: float = 0.0, started: float | None = None) -> None:
        """Add a duration that was measured elsewhere to a phase, which has ended or paused.

        Args:
            name: name of the phase.
            seconds: duration.
            processor: processor time in seconds.
            started: start on the clock of ``time.perf_counter``; ``None`` if it has just ended.
        """
        self._add(name, seconds, processor)
        if (trace := _find_trace()) is not None:
            trace.add_phase(name, seconds, processor, started)

    def _add(self, name: str, seconds: float, processor: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.processor[name] = self.processor.get(name, 0.0) + processor

    def add_rest(self, name: str) -> None:
        """Add the time since the start that belongs to no other phase to a phase."""
        processor = time.process_time() - self._processor_before
        self._add(name, self.total() - sum(self.seconds.values()), processor - sum(self.processor.values()))

    def total(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._started


def record_step(name: str, started: float, attributes: Attributes, error: str = "") -> None:
    """Record a request to another program or the store that has just ended.

    ``started`` is its start on the clock of ``time.perf_counter``: on a busy machine, time may pass until a
    step is recorded, and its start says in which phase it was.
    """
    if (trace := _find_trace()) is not None:
        seconds = time.perf_counter() - started
        trace.add(Span(name, "step", trace.read_clock(started), seconds, attributes, error))


def record_slow_file(
    path: str,
    seconds: float,
    attributes: Attributes,
    *,
    began: float = 0.0,
    error: str = "",
    traceback: str = "",
) -> None:
    """Record a slow file.

    Args:
        path: path in reports, which is UTF-8.
        seconds: duration.
        attributes: further attributes.
        began: start time, in seconds since the epoch; 0 if it has just ended.
        error: kind of the error.
        traceback: traceback of an internal error.
    """
    if (trace := _find_trace()) is not None:
        where: Attributes = {"code.file.path": path}
        began = began or trace.read_clock() - seconds
        trace.add(Span("judge file", "file", began, seconds, where | attributes, error, traceback))


def record_counts(counts: dict[str, int]) -> None:
    """Add to the counts of the run."""
    if (trace := _find_trace()) is not None:
        known = trace.run.attributes
        for name, number in counts.items():
            known[name] = known.get(name, 0) + number  # type: ignore[operator]  # those are numbers


def record_traceback(traceback: str) -> None:
    """Record an internal error that ended the run, or a phase."""
    if (trace := _find_trace()) is not None:
        trace.run.traceback = traceback
