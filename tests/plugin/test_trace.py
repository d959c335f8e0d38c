"""Spans of a pytest session, and of a call by an application that traces itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

from pytest_antipasta.logs import spans
from tests.limits import ODD
from tests.plugin.conftest import FAILING, PASSING, Project

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="pip install -e '.[otel]'")
from tests.otlp import ENDPOINT, Collector

FAST = {"good.py": PASSING, "bad.py": FAILING}
ONE_SLOW: dict[str, str | bytes] = {**FAST, "slow0.py": ODD * 2}
FILES = {**ONE_SLOW, "slow1.py": ODD * 2 + b"#\n"}


@pytest.mark.slow
def test_a_session_is_a_run_with_the_files_of_all_workers(project: Project, collector: Collector) -> None:
    project.write(FILES)
    assert project.run("--antipasta-only", "-n", "2").ret == 1
    run = collector.find_run()
    assert run.name == "antipasta pytest"
    assert (run.attributes["process.exit.code"], run.attributes["antipasta.files"]) == (1, 4)
    files = collector.find("judge file")
    assert {span.attributes["code.file.path"] for span in files} >= {"slow0.py", "slow1.py"}
    assert {span.attributes["antipasta.worker"] for span in files} <= {"gw0", "gw1"}
    assert {collector.name_parent(span) for span in files} == {"judge"}
    (judge,) = collector.find("judge")
    assert all(span.is_in(judge) for span in files)
    assert collector.requests == 1


@pytest.mark.slow
def test_beside_tests_it_is_the_same(project: Project, collector: Collector) -> None:
    project.write({**ONE_SLOW, "test_t.py": "def test(): pass\n"})
    assert project.run("--antipasta").ret == 1
    assert {span.attributes["antipasta.worker"] for span in collector.find("judge file")} == {"main"}


def test_without_the_checker_nothing_is_traced(project: Project, collector: Collector) -> None:
    project.write({"test_t.py": "def test(): pass\n"})
    assert project.run().ret == 0
    assert collector.requests == 0


@pytest.mark.parametrize("args", [["--antipasta-config=no.toml", "-n", "auto"], ["--markers"]])
def test_a_session_that_does_not_begin_notes_nothing_further(
    pytester: pytest.Pytester, args: list[str]
) -> None:
    before = spans._make_variable().get()
    pytester.inline_run("--antipasta-only", *args)
    assert spans._make_variable().get() is before


CONFTEST = """\
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import set_tracer_provider

provider = TracerProvider()
file = open("spans.txt", "w")
show = lambda span: f"{span.name} {span.parent is None}\\n"
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=file, formatter=show)))
set_tracer_provider(provider)
"""


@pytest.mark.slow
def test_a_session_that_traces_itself_takes_the_spans(project: Project, collector: Collector) -> None:
    project.write({**ONE_SLOW, "conftest.py": CONFTEST, "test_t.py": "def test(): pass\n"})
    project.run("--antipasta")
    lines = (project.path / "spans.txt").read_text().splitlines()
    assert "antipasta pytest True" in lines
    assert lines.count("judge file False") >= 1
    assert collector.requests == 0


IMPORTED = f"{CONFTEST}def test(): pass\n"
SET = f"def test():\n{indent(CONFTEST, '    ')}"
LEFT = f"""{SET}    from opentelemetry import context, trace
    span = provider.get_tracer('tested').start_span('left')
    context.attach(trace.set_span_in_context(span))
"""


@pytest.mark.parametrize(
    ("test_file", "is_asked_for"),
    [
        pytest.param(IMPORTED, True, id="its import sets a provider"),
        pytest.param(LEFT, True, id="it leaves a span behind", marks=pytest.mark.slow),
        pytest.param(LEFT, False, id="it leaves a span behind, and nobody asks for spans"),
    ],
)
def test_code_under_test_takes_no_spans(
    project: Project,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    test_file: str,
    is_asked_for: bool,
) -> None:
    if not is_asked_for:
        monkeypatch.delenv(ENDPOINT)
    project.write({**FAST, "test_t.py": test_file})
    project.run("--antipasta").assert_outcomes(passed=3, failed=1)
    assert (project.path / "spans.txt").read_text() == ""
    assert [span.parent for span in collector.spans if span.name == "antipasta pytest"] == [""] * is_asked_for


PROGRAM = """\
import pytest_antipasta
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
with trace.get_tracer("app").start_as_current_span("app"):
    pytest_antipasta.check()
spans = {span.name: span for span in memory.get_finished_spans()}
assert spans["antipasta check"].parent.span_id == spans["app"].context.span_id
assert spans["judge"].parent.span_id == spans["antipasta check"].context.span_id
assert "process.exit.code" not in spans["antipasta check"].attributes
memory.clear()
pytest_antipasta.measure(b"x = 1")
assert memory.get_finished_spans() == ()
"""


def test_an_application_that_calls_us_has_the_run_below_its_span(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    (tmp_path / "a.py").write_text("x = 1\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert collector.requests == 0
