"""Measuring within limits of time and memory, in a child process where a file may exceed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pytest_antipasta.engine.diagnostics import Diagnostics
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.hazards import may_parse_slowly
from pytest_antipasta.metrics.raw import LongScanError
from pytest_antipasta.model.measured import FileError, Measurement
from pytest_antipasta.processes.limits import Excess, ResourceLimits, read_usage

if TYPE_CHECKING:
    from pytest_antipasta.processes.child import Child, LoneChild

SERVER = "pytest_antipasta.engine.executor.worker"
"""The module that runs in a measuring process."""
# Contents below both sizes are measured in this process: they take little time. Walk and scan take linear
# time, and so does the parser where no name has thousands of parts and there are no thousands of f-strings. A
# megabyte of usual code takes 0.3 s; one of statements of a character or two takes 3 s, as the tokenizer
# does.
_SOON_MEASURED = 1_000_000
_SOON_TOKENIZED = 50_000
# A content below this size can't exceed its time limit, even on a slower machine.
_SOON_A_SECOND = 300_000
_decode = msgspec.msgpack.Decoder(Measurement).decode


class Guard:
    """Measures contents, with one child process for those that may take long, started when needed."""

    def __init__(self, limits: ResourceLimits, diagnostics: Diagnostics) -> None:
        """Measure within limits.

        Args:
            limits: time and memory for one content.
            diagnostics: receives a warning if the child can't be started or limited, and the child when it
                ends.
        """
        self._limits = limits
        self._diagnostics = diagnostics
        most = limits.seconds * _SOON_A_SECOND
        self._soon_measured, self._soon_tokenized = min(_SOON_MEASURED, most), min(_SOON_TOKENIZED, most)
        self._is_possible = self._is_memory_seen = True
        self._child: LoneChild | None = None

    def measure(self, data: bytes, deadline: float = float("inf")) -> Measurement:
        """Return the measurement of a content; it has an error if the content exceeds a limit.

        A content that may take long is given up at the deadline, on the clock of ``time.monotonic``.
        """
        if len(data) <= self._soon_measured and not may_parse_slowly(data):
            try:
                return measure(data, self._soon_tokenized)
            except LongScanError:
                pass
        try:
            return self._measure_apart(data, deadline)
        except TimeoutError:
            return Measurement.of(Excess("deadline").error)
        except BaseException:
            self.close()  # an answer that arrives late must not be taken for the next content's
            raise

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            self._diagnostics.end(child, "guard")

    def _measure_apart(self, data: bytes, deadline: float) -> Measurement:
        error: FileError | None = None
        # Try twice, as memory may be held by contents measured before, and a process may end for any reason.
        while (child := self._child or self._begin(deadline)) is not None:
            answer = self._ask(child, data, deadline)
            if isinstance(answer, Measurement):
                return answer
            self.close()
            if error is not None or answer.kind == "timeout":
                return Measurement.of(answer)
            error = answer
            self._diagnostics.count_retry()
        # A content that ended a process is not tried in this one.
        return measure(data) if error is None else Measurement.of(error)

    def _begin(self, deadline: float) -> LoneChild | None:
        """Start a child; warn once if that is not possible.

        Raises:
            TimeoutError: the child was not ready by the deadline.
        """
        if not self._is_possible:
            return None
        from pytest_antipasta.processes.child import (
            LoneChild,  # imports threading, and few files need a child
        )

        try:
            self._child = LoneChild(SERVER, self._limits.seconds, deadline=deadline)
        except TimeoutError:
            raise
        except OSError as error:
            self._is_possible = False
            self._diagnostics.warn(
                f"time and memory limits are disabled for this run: can't start a process for them ({error})"
            )
            return None
        if self._is_memory_seen and read_usage(self._child.pid) is None:
            self._is_memory_seen = False
            self._diagnostics.warn(
                "memory_limit_mb is ignored: without /proc, the memory of a process can't be measured"
            )
        return self._child

    def _ask(self, child: LoneChild, data: bytes, deadline: float) -> Measurement | FileError:
        try:
            child.ask(data, 1)
        except OSError as error:
            return FileError(
                "internal", f"can't start a process to measure it ({error}); run the check again"
            )
        answer = child.wait(self._limits, deadline)
        if answer is None:
            child.end()
            return explain_end(child, self._limits)
        return answer.error if isinstance(answer, Excess) else _decode(answer)


def explain_end(child: Child, limits: ResourceLimits) -> FileError:
    """Return the message for a file that was being measured when a process ended.

    Args:
        child: the process.
        limits: limits of the file.
    """
    if excess := child.explain_kill(limits):
        return excess.error
    reason = child.describe_end()
    return FileError(
        "internal", f"the process measuring this file ended ({reason}); exclude the file and report a bug"
    )
