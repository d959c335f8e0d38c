"""A receiver of OpenTelemetry's protocol, which decodes its own messages; it needs the extra ``otel``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Received(NamedTuple):
    """A span as it has come in."""

    name: str
    trace: str
    id: str
    parent: str
    began: int
    ended: int
    attributes: dict[str, Any]
    kind: int
    is_error: bool
    events: dict[str, dict[str, Any]]

    def is_in(self, other: Received) -> bool:
        """Whether it was while another one was, to the microsecond that a clock's number has room for."""
        return other.began - 1000 <= self.began <= self.ended <= other.ended + 1000


class Collector:
    """Takes spans by HTTP, at once or when it is told to."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.url = "http://{}:{}".format(*address)
        self.spans: list[Received] = []
        self.resources: list[dict[str, Any]] = []
        self.scopes: set[tuple[str, str]] = set()
        self.answers = Event()
        self.answers.set()
        self.status = 200
        self.requests = 0

    def take(self, data: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(data).resource_spans:
            self.resources.append(_read_all(resource.resource.attributes))
            for scope in resource.scope_spans:
                self.scopes.add((scope.scope.name, scope.scope.version))
                self.spans += map(_read, scope.spans)

    def find(self, name: str) -> list[Received]:
        return [span for span in self.spans if span.name == name]

    def find_run(self) -> Received:
        (run,) = (span for span in self.spans if span.name.startswith("antipasta "))
        return run

    def name_parent(self, span: Received) -> str:
        return next((one.name for one in self.spans if one.id == span.parent), "")


def _read(span: Any) -> Received:
    return Received(
        span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
        span.start_time_unix_nano, span.end_time_unix_nano, _read_all(span.attributes), span.kind,
        span.status.code == 2, {event.name: _read_all(event.attributes) for event in span.events},
    )  # fmt: skip


def _read_all(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@contextmanager
def collect() -> Iterator[Collector]:
    """Receive spans on loopback during the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            collector.requests += 1
            collector.answers.wait(20)
            collector.take(data)
            try:
                self.send_response(collector.status)
                self.end_headers()
            except OSError:
                pass  # nobody waits any more

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(("127.0.0.1", server.server_port))
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield collector
        finally:
            collector.answers.set()
            server.shutdown()
            thread.join()
