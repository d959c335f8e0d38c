"""Tracing a run, where the application that we are part of or the environment asks for that; no setting does.

The application does so by a ``TracerProvider`` that it has set, the environment by OpenTelemetry's variables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_antipasta.logs.spans import Trace
from pytest_antipasta.logs.tracers import find_provider, is_asked_for
from pytest_antipasta.runtime import in_background, trusted_first

if TYPE_CHECKING:
    from contextvars import Context

    from pytest_antipasta.logs.otel import Sender

_PATIENCE = 0.07
"""Seconds that a run waits at its end for whoever takes its spans: nobody is kept from their commit by it."""
_TIMEOUT = "OTEL_BSP_EXPORT_TIMEOUT"


class Tracing:
    """The tracing of one run.

    Attributes:
        unmet: what the environment asks for and is not installed; empty where nothing is missing.
    """

    def __init__(self, name: str) -> None:
        """Note what a run does from now on; its name is that of its span."""
        self.unmet = ""
        self._trace = Trace(name)
        self._context: Context | None = None
        self._provider: Any = None
        self._sender: Sender | None = None
        self._trouble = ""

    def leave(self) -> None:
        """Note nothing more, and hand nothing over."""
        self._trace.leave()

    def prepare(self) -> None:
        """Find who takes the spans: a provider that is set by now, else what the environment asks for."""
        from contextvars import copy_context

        # The span of an application may be the current one. What is later is that of code under test.
        self._context = copy_context()
        self._provider = find_provider()
        if self._provider is not None or not is_asked_for():
            return
        try:
            # OpenTelemetry's packages share a folder that is no package itself, before which Python takes a
            # module of that name wherever else it finds one: behind all others in the repository checked.
            with trusted_first(is_alone=True):
                from pytest_antipasta.logs.otel import Sender

                self._sender = Sender()
                self._provider = self._sender.provider
        except ImportError as error:
            self.unmet = f"no traces because {error.name} is not installed: install `pytest-antipasta[otel]`"
        except Exception as error:  # what is wrong with the variables, or between versions of the packages
            self._trouble = f"no traces: {type(error).__name__}: {error}"

    def end(self, code: int | None, describe: Callable[[], Mapping[str, str]] = dict, error: str = "") -> str:
        """Hand the spans over, and wait a moment for whoever takes them.

        Args:
            code: the exit code, if the run was a program.
            describe: gives more of the run's attributes, if they are needed.
            error: the kind of error that the run ended with, where it has no exit code.

        Returns:
            Why they were not taken, in one line; empty where nothing is wrong.
        """
        self._trace.end()
        self._trace.run.error = error
        if code is not None:
            self._trace.run.attributes["process.exit.code"] = code
            self._trace.run.error = str(code) if code else ""
        if self._context is None or self._provider is None:
            return self._trouble
        try:
            return self._send(self._context, describe)
        except Exception as error:  # no verdict depends on it
            return f"no traces for this run: {type(error).__name__}: {error}"

    def _send(self, context: Context, describe: Callable[[], Mapping[str, str]]) -> str:
        from concurrent import futures
        from threading import TIMEOUT_MAX

        with trusted_first(is_alone=True):
            from pytest_antipasta.logs.otel import make_spans

        self._trace.run.attributes |= describe()
        sender, patience = self._sender, _find_patience()
        place = "the application" if sender is None else sender.place

        def send() -> str:
            make_spans(self._provider, self._trace)
            return "" if sender is None or sender.send() else f"{place} did not accept them"

        why = f"{place} did not accept them within {patience:g} s"
        with suppress(KeyboardInterrupt, futures.TimeoutError):
            answer = in_background(partial(context.run, send))
            error = answer.exception(min(patience, TIMEOUT_MAX))
            if error is None:
                why = answer.result()
            # Where nobody listens older exporters raise at once, and newer ones try again for long.
            elif sender is None or not isinstance(error, OSError):
                why = f"{type(error).__name__}: {error}"
        return why and f"no traces for this run: {why}"


@contextmanager
def trace_call(name: str) -> Iterator[None]:
    """Trace the block for the application that calls us, if it traces anything."""
    if find_provider() is None:
        yield
        return
    tracing = Tracing(name)
    tracing.prepare()
    try:
        yield
    except BaseException as error:
        tracing.end(None, error=type(error).__name__)
        raise
    tracing.end(None)


def _find_patience() -> float:
    """Return the seconds to wait, which are OpenTelemetry's where the environment has them."""
    milliseconds = os.environ.get(_TIMEOUT, "")
    return int(milliseconds) / 1000 if milliseconds.isdecimal() else _PATIENCE
