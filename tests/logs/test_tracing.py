"""What a run notes for a trace, and where nothing of OpenTelemetry is there."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.logs.spans import Phases, Span, Trace, record_step


def test_a_phase_that_goes_on_is_one_span_and_one_that_comes_back_is_another() -> None:
    trace = Trace("test")
    trace.run.began -= 100
    for name in ("find", "judge", "judge", "judge", "find"):
        Phases().add(name, 2.0, 1.0)
    trace.end()
    assert [span.name for span in trace.spans] == ["find", "judge", "find"]
    spent = trace.spans[1].attributes
    assert spent == {"antipasta.seconds": 6.0, "antipasta.processor_seconds": 3.0}


def test_a_phase_does_not_begin_before_the_run() -> None:
    """Beside tests judging is what it was in all workers, one after the other."""
    trace = Trace("test")
    Phases().add("judge", 1000.0, 0.0)
    trace.end()
    (judge,) = trace.spans
    assert judge.began == trace.run.began
    assert judge.ended <= trace.run.ended


def test_what_is_recorded_late_is_where_it_began() -> None:
    """As on a machine that does something else before it comes to record."""
    trace = Trace("test")
    began = time.perf_counter()
    trace.run.began -= 100
    Phases().add("judge", 2.0, 1.0, began - 7)
    Phases().add("judge", 1.0, 1.0, began - 4)
    record_step("git", began - 3, {})
    trace.end()
    judge, step = trace.spans
    assert judge.began == pytest.approx(trace.read_clock(began - 7))
    assert judge.ended == pytest.approx(trace.read_clock(began - 3))
    assert step.began == pytest.approx(judge.ended)
    assert step.ended == pytest.approx(trace.read_clock(), abs=60)


def test_of_very_many_spans_the_rest_is_counted() -> None:
    trace = Trace("test")
    for _ in range(1500):
        record_step("git ls-files", time.perf_counter(), {})
    trace.end()
    assert (len(trace.spans), trace.dropped) == (1000, 500)


def test_a_run_in_a_run_has_its_own_spans_and_a_thread_has_none() -> None:
    outer = Trace("outer")
    inner = Trace("inner")
    record_step("git", time.perf_counter(), {})
    inner.end()
    thread = threading.Thread(target=record_step, args=["git", time.perf_counter(), {}])
    thread.start()
    thread.join()
    Phases().add("find", 0.0, 0.0)
    outer.end()
    Phases().add("find", 0.0, 0.0)
    assert [span.name for span in inner.spans] == ["git"]
    assert [span.name for span in outer.spans] == ["find"]


def test_what_is_very_short_is_in_the_phase_that_it_was_done_in() -> None:
    pytest.importorskip("opentelemetry.sdk", reason="pip install -e '.[otel]'")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from pytest_antipasta.logs.otel import make_spans

    trace = Trace("test")
    began = trace.run.began
    trace.spans = [
        Span("judge", "phase", began, 1.0),
        Span("store write", "step", began + 1.0002, 0.0003),
        Span("remember", "phase", began + 1.0001, 0.0005),
        Span("git ls-files", "step", began + 1.5, 0.0),
    ]
    trace.end()
    provider, memory = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    make_spans(provider, trace)
    provider.shutdown()
    made = memory.get_finished_spans()
    names = {one.context.span_id: one.name for one in made}
    parents = {one.name: names[one.parent.span_id] for one in made if one.parent}
    assert parents == {"judge": "test", "remember": "test", "store write": "remember", "git ls-files": "test"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], ""),
        (
            ["--debug"],
            (
                "debug: no traces because opentelemetry.context is not installed: install "
                "`pytest-antipasta[otel]`\n"
            ),
        ),
    ],
)
def test_without_the_packages_the_environment_asks_in_vain(
    options: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [name for name in sys.modules if name.startswith("opentelemetry.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "pytest_antipasta.logs.otel", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    assert main(["check", "-q", *options]) == 0
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert "debug" in err if said else err == ""
