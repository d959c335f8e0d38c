"""Trace a run, if the embedding application or the environment requests it; no setting does.

An application sets a ``TracerProvider``, the environment OpenTelemetry's variables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_antipasta.logs.spans import Trace
from pytest_antipasta.logs.tracers import find_provider, is_asked_for
from pytest_antipasta.runtime.background import in_background
from pytest_antipasta.runtime.imports import trusted_first

if TYPE_CHECKING:
    from contextvars import Context

    from pytest_antipasta.logs.otel import Sender

_PATIENCE = 0.07
"""Maximum seconds that a run waits for the collector of spans at its end."""
_TIMEOUT = "OTEL_BSP_EXPORT_TIMEOUT"


class Tracing:
    """The tracing of one run.

    Attributes:
        unmet: packages that the environment requests and that are not installed; empty if none are missing.
    """

    def __init__(self, name: str) -> None:
        self.unmet = ""
        self._trace = Trace(name)
        self._context: Context | None = None
        self._provider: Any = None
        self._sender: Sender | None = None
        self._trouble = ""

    def leave(self) -> None:
        """Stop recording, and send nothing."""
        self._trace.leave()

    def prepare(self) -> None:
        """Find the receiver of spans: a provider that is set by now, or the environment's exporter."""
        from contextvars import copy_context

        # The application's span may be the current one. Later ones belong to code under test.
        self._context = copy_context()
        self._provider = find_provider()
        if self._provider is not None or not is_asked_for():
            return
        try:
            # OpenTelemetry's packages share a namespace folder. Python prefers a module with that name in any
            # other folder, including the checked repository, which is last.
            with trusted_first(is_alone=True):
                from pytest_antipasta.logs.otel import Sender

                self._sender = Sender()
                self._provider = self._sender.provider
        except ImportError as error:
            # The extra has the exporter for HTTP only.
            is_grpc = "grpc" in str(error.name)
            package = "opentelemetry-exporter-otlp-proto-grpc" if is_grpc else "pytest-antipasta[otel]"
            self.unmet = f"no traces because {error.name} is not installed: install `{package}`"
        except Exception as error:  # errors in the variables, or between versions of the packages
            self._trouble = f"no traces: {type(error).__name__}: {error}"

    def end(self, code: int | None, describe: Callable[[], Mapping[str, str]] = dict, error: str = "") -> str:
        """Send the spans, and wait a moment.

        Args:
            code: the exit code, if the run was a program.
            describe: returns further attributes of the run, if needed.
            error: kind of the error that ended the run, if it has no exit code.

        Returns:
            Why the spans were not sent, in one line; empty on success.
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
            # Without a receiver, older exporters raise an error at once, and newer ones retry for a long
            # time.
            elif sender is None or not isinstance(error, OSError):
                why = f"{type(error).__name__}: {error}"
        return why and f"no traces for this run: {why}"


@contextmanager
def trace_call(name: str) -> Iterator[None]:
    """Trace the block for the calling application, if it requests traces."""
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
    """Return the seconds to wait, which are OpenTelemetry's if set in the environment."""
    milliseconds = os.environ.get(_TIMEOUT, "")
    return int(milliseconds) / 1000 if milliseconds.isdecimal() else _PATIENCE
