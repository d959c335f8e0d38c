"""Spans: what took how long in a run, noted while it goes on and handed over at its end if anybody traces it.

Until then they are plain data, and few: nothing is imported for them, and nothing of a tracer's is at work
while anything is judged. What workers have done comes with their results to the process that the user has
started.
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
"""Seconds from which on a file has a span of its own."""
_MOST = 1000
_SECONDS, _PROCESSOR = "antipasta.seconds", "antipasta.processor_seconds"


class Span(Struct):
    """Something that took time.

    Attributes:
        name: one of few.
        kind: the run, a phase of it, a file, or a question to another program or to the store.
        began: in seconds since the epoch.
        seconds: until it ended.
        attributes: by OpenTelemetry's names for them, or by ours.
        error: the kind of error that it ended with; empty for none.
        traceback: of a mistake of ours in it.
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
        """When it ended, in seconds since the epoch."""
        return self.began + self.seconds


class Trace:
    """What is known of a run.

    Attributes:
        run: all of it.
        spans: what it has done, in the order in which that ended.
        dropped: how many there are besides.
    """

    def __init__(self, name: str) -> None:
        """Note from now on what is done; the run has a name."""
        self.run = Span(name, "run", time.time())
        self._offset = self.run.began - time.perf_counter()
        self.spans: list[Span] = []
        self.dropped = 0
        self._phase: Span | None = None
        variable = _make_variable()
        self._before = variable.get()
        variable.set(self)

    def tell_time(self) -> float:
        """Return the seconds since the epoch, by a clock that nobody sets while the run goes on."""
        return self._offset + time.perf_counter()

    def add(self, span: Span) -> None:
        """Add what has ended; of very many, the first ones are kept."""
        if len(self.spans) < _MOST:
            self.spans.append(span)
        else:
            self.dropped += 1

    def add_phase(self, name: str, seconds: float, processor: float) -> None:
        """Add a phase that ends now, or go on with the one that was the last."""
        now, phase = self.tell_time(), self._phase
        if phase is None or phase.name != name:
            phase = self._phase = Span(name, "phase", max(self.run.began, now - seconds))
            phase.attributes = {_SECONDS: 0.0, _PROCESSOR: 0.0}
            self.add(phase)
        phase.seconds = now - phase.began
        # One by one, as pytest's items come to this one by one, too.
        phase.attributes[_SECONDS] += seconds  # type: ignore[operator]  # a number
        phase.attributes[_PROCESSOR] += processor  # type: ignore[operator]

    def end(self) -> None:
        """Note nothing more."""
        self.run.seconds = self.tell_time() - self.run.began
        self.leave()

    def leave(self) -> None:
        """Note nothing more of a run that may not have begun."""
        _make_variable().set(self._before)


@cache
def _make_variable() -> ContextVar[Trace | None]:
    # Here, because a worker of xdist with another Python than ours can't import it, and never traces.
    from contextvars import ContextVar

    return ContextVar("trace", default=None)


def _find_trace() -> Trace | None:
    """Return the trace of the run, if it has one."""
    return _make_variable().get() if "contextvars" in sys.modules else None


class Phases:
    """What the parts of a run took.

    Attributes:
        seconds: by the part's name, in the order in which they began.
        processor: the seconds of this process's processor time, by the part's name.
    """

    def __init__(self) -> None:
        """Begin the run's own time."""
        self._started = time.perf_counter()
        self._processor_before = time.process_time()
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of the block to a part."""
        started, processor_before = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - started, time.process_time() - processor_before)

    def add(self, name: str, seconds: float, processor: float = 0.0) -> None:
        """Add what was measured elsewhere, and has just ended, to a part."""
        self._add(name, seconds, processor)
        note_phase(name, seconds, processor)

    def _add(self, name: str, seconds: float, processor: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.processor[name] = self.processor.get(name, 0.0) + processor

    def add_rest(self, name: str) -> None:
        """Add to a part what has passed since the run began and is of no other part."""
        processor = time.process_time() - self._processor_before
        self._add(name, self.total() - sum(self.seconds.values()), processor - sum(self.processor.values()))

    def total(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._started


def note_phase(name: str, seconds: float, processor: float) -> None:
    """Note a part of the run that has just ended, or paused."""
    if (trace := _find_trace()) is not None:
        trace.add_phase(name, seconds, processor)


def note_step(name: str, seconds: float, attributes: Attributes, error: str = "") -> None:
    """Note an answer of another program, or of the store, that is just there."""
    if (trace := _find_trace()) is not None:
        trace.add(Span(name, "step", trace.tell_time() - seconds, seconds, attributes, error))


def note_slow_file(
    path: str,
    seconds: float,
    attributes: Attributes,
    *,
    began: float = 0.0,
    error: str = "",
    traceback: str = "",
) -> None:
    """Note a file that took long.

    Args:
        path: as reports have it, which is UTF-8.
        seconds: that it took.
        attributes: what else is known.
        began: in seconds since the epoch; 0 if it has just ended.
        error: its kind.
        traceback: of a mistake of ours.
    """
    if (trace := _find_trace()) is not None:
        where: Attributes = {"code.file.path": path}
        began = began or trace.tell_time() - seconds
        trace.add(Span("judge file", "file", began, seconds, where | attributes, error, traceback))


def note_counts(counts: dict[str, int]) -> None:
    """Add to what the run as a whole has done."""
    if (trace := _find_trace()) is not None:
        known = trace.run.attributes
        for name, number in counts.items():
            known[name] = known.get(name, 0) + number  # type: ignore[operator]  # those are numbers


def note_traceback(traceback: str) -> None:
    """Note a mistake of ours that ended the run, or a part of it."""
    if (trace := _find_trace()) is not None:
        trace.run.traceback = traceback
