"""Convert the spans of a run to OpenTelemetry's; imported only if traces are requested."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.trace import (
    SpanKind,
    Status,
    StatusCode,
    TracerProvider,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pytest_antipasta.logs.spans import Attributes, Span, Trace
from pytest_antipasta.logs.tracers import ENDPOINTS
from pytest_antipasta.runtime.environment import VERSION

_NAME = "pytest-antipasta"
_SKEW = 0.001
"""Maximum difference in seconds between the clock for times and the clock for durations."""
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_EXPORTERS = {"http/protobuf": "http", "grpc": "grpc"}


class Sender:
    """Sends spans as configured by the environment, with OpenTelemetry's SDK.

    Attributes:
        provider: the tracer provider.
        place: the destination, without possible secrets.
    """

    def __init__(self) -> None:
        """Import the SDK and an exporter, which takes a fifth of a second.

        Raises:
            ImportError: the packages are not installed.
            ValueError: the environment is invalid.
        """
        with _quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Modules that sending would import later, when other folders may be first on the path.
            import netrc  # noqa: F401

            from opentelemetry.sdk.resources import OTELResourceDetector, Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import SimpleSpanProcessor
            from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

            self._exporter = _make_exporter()
            self._ended = InMemorySpanExporter()
            # Entry points are not used: a checked repository may be on the path.
            own = Resource({"service.name": _NAME, "service.version": VERSION, **_SDK})
            resource = own.merge(OTELResourceDetector().detect())
            self.provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            self.provider.add_span_processor(SimpleSpanProcessor(self._ended))
        self.place = _name_place(os.environ.get(_find_endpoint()) or "localhost")

    def send(self) -> bool:
        """Send all spans, with the exporter's own timeout; return whether that succeeded."""
        from opentelemetry.sdk.trace.export import SpanExportResult

        spans = self._ended.get_finished_spans()  # none if the sampler drops them
        with _quiet():
            try:
                return not spans or bool(self._exporter.export(spans) is SpanExportResult.SUCCESS)
            finally:
                self._exporter.shutdown()


_SDK = {"telemetry.sdk.language": "python", "telemetry.sdk.name": "opentelemetry"}


def _make_exporter() -> Any:
    protocol = next(filter(None, map(os.environ.get, _PROTOCOLS)), "http/protobuf")
    if protocol not in _EXPORTERS:
        raise ValueError(f"{_PROTOCOLS[1]}: expected {' or '.join(_EXPORTERS)}, got {protocol}")
    name = _find_endpoint()
    endpoint = os.environ.get(name, "")
    if protocol != "grpc" and endpoint and not endpoint.lower().startswith(("http://", "https://")):
        raise ValueError(f"{name}: expected http://HOST:PORT or https://…, got {_name_place(endpoint)}")
    module = import_module(f"opentelemetry.exporter.otlp.proto.{_EXPORTERS[protocol]}.trace_exporter")
    return module.OTLPSpanExporter()


def _find_endpoint() -> str:
    """Return the name of the variable with the address, set or not."""
    return next((name for name in ENDPOINTS if os.environ.get(name)), ENDPOINTS[-1])


def _name_place(endpoint: str) -> str:
    """Return host and port: other parts of a URL may be a password."""
    parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
    try:
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:  # its message has what was taken for the port
        return "an invalid address"


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the SDK's log of retries and tracebacks."""
    logger = logging.getLogger("opentelemetry")
    before, silent = logger.propagate, logging.NullHandler()
    logger.propagate = False
    logger.addHandler(silent)
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(silent)


def make_spans(provider: TracerProvider, trace: Trace) -> None:
    """Make the spans of a finished run, those of its phases below it, and all others below these."""
    tracer, run = provider.get_tracer("pytest_antipasta", VERSION), trace.run
    program: Attributes = {
        "process.executable.name": os.path.basename(sys.executable),
        "process.pid": os.getpid(),
    }
    run.attributes = {**program, **run.attributes, "antipasta.dropped_spans": trace.dropped}
    root = _Made(tracer, run, _find_parent())
    _make_below(tracer, root, trace.spans)
    root.end()


def _make_below(tracer: Any, root: _Made, spans: Sequence[Span]) -> None:
    phases = [span for span in spans if span.kind == "phase"]
    _widen_judging(phases, [span for span in spans if span.kind == "file"])
    made = [_Made(tracer, phase, root.context) for phase in phases]
    for span in spans:
        if span.kind != "phase":
            _Made(tracer, span, _find_home(span, made, root).context).end()
    for phase in made:
        phase.end()


def _find_home(span: Span, phases: Sequence[_Made], root: _Made) -> _Made:
    around = [phase for phase in phases if _is_in(span, phase.span)]
    # A step shorter than the clock skew may overlap two phases.
    return max(around, key=lambda phase: _measure_overlap(span, phase.span), default=root)


def _widen_judging(phases: Sequence[Span], files: Sequence[Span]) -> None:
    """Extend phases of judging around files: for xdist's workers, only their duration is known."""
    judging = [phase for phase in phases if phase.name == "judge"]
    for file in files if judging else ():
        phase = next((phase for phase in judging if _is_in(file, phase)), judging[-1])
        ended = max(phase.ended, file.ended)
        phase.began = min(phase.began, file.began)
        phase.seconds = ended - phase.began


def _is_in(span: Span, phase: Span) -> bool:
    return phase.began - _SKEW <= span.began and span.ended <= phase.ended + _SKEW


def _measure_overlap(span: Span, other: Span) -> float:
    """Return the seconds common to both; negative for the gap between them."""
    return min(span.ended, other.ended) - max(span.began, other.began)


class _Made:
    """A span, and its unfinished counterpart."""

    def __init__(self, tracer: Any, span: Span, context: Context) -> None:
        self.span = span
        kind = SpanKind.CLIENT if span.kind == "step" else SpanKind.INTERNAL
        attributes: Attributes = {**span.attributes, **({"error.type": span.error} if span.error else {})}
        self._made = tracer.start_span(
            span.name, context, kind, attributes, start_time=_nanoseconds(span.began)
        )
        self.context = set_span_in_context(self._made, context)

    def end(self) -> None:
        at = _nanoseconds(self.span.ended)
        if self.span.traceback:
            self._made.add_event("exception", _describe_exception(self.span.traceback), at)
        if self.span.error or self.span.traceback:
            self._made.set_status(Status(StatusCode.ERROR))
        self._made.end(at)


def _find_parent() -> Context:
    """Return the context of the current span, or of the one named by the environment."""
    current = get_current_span()
    context: Context = set_span_in_context(current)
    if current.get_span_context().is_valid:
        return context
    carrier = {name: os.environ.get(name.upper(), "") for name in ("traceparent", "tracestate")}
    found: Context = TraceContextTextMapPropagator().extract(carrier, context)
    return found


def _describe_exception(traceback: str) -> Attributes:
    lines = traceback.rstrip().split("\n")
    indented = [number for number, line in enumerate(lines) if line.startswith(" ")]
    kind, _, message = "\n".join(lines[indented[-1] + 1 if indented else 0 :]).partition(": ")
    return {"exception.type": kind, "exception.message": message, "exception.stacktrace": traceback}


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
