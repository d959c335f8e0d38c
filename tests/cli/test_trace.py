"""Spans of a command, sent by OpenTelemetry's own SDK and exporter to a receiver that decodes them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine import rules
from pytest_antipasta.engine.measuring import guard
from pytest_antipasta.runtime.environment import VERSION
from tests.commits import commit_all
from tests.conftest import Repository
from tests.limits import ODD, WITH_PROCESSORS

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="pip install -e '.[otel]'")
from tests.otlp import ENDPOINT, Collector, collect
from tests.windows import NEEDS_PROCESSOR_TIME

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BAD = "def f(a):\n" + "    if a: print()\n" * 11
CLIENT = 3


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit with a file that is over a limit and one that takes long."""
    monkeypatch.chdir(repository.path)
    (repository.path / "bad.py").write_text(BAD)
    (repository.path / "slow.py").write_bytes(ODD * 2)
    commit_all(repository.path, "first")
    return repository.path


def check_apart(endpoint: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Check a file that is over a limit, in a process of its own."""
    command = [sys.executable, *options, "-m", "pytest_antipasta", "check", "-q", "bad.py"]
    environment = {**os.environ, ENDPOINT: endpoint, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_check_is_a_run_that_may_be_an_error(
    project: Path, repository: Repository, collector: Collector
) -> None:
    assert main(["check", "-q", "bad.py"]) == 1
    run = collector.find_run()
    assert run.name == "antipasta check"
    assert run.parent == ""
    assert run.is_error
    assert run.attributes == {
        "process.executable.name": os.path.basename(sys.executable),
        "process.pid": os.getpid(),
        "process.exit.code": 1,
        "error.type": "1",
        "vcs.ref.head.revision": repository.git("rev-parse", "HEAD").strip(),
        "vcs.ref.head.name": "main",
        "vcs.ref.head.type": "branch",
        "antipasta.files": 1,
        "antipasta.hits": 0,
        "antipasta.dropped_spans": 0,
    }


def test_a_run_has_its_phases_and_what_takes_long_in_them(project: Path, collector: Collector) -> None:
    main(["check", "-q", "--jobs", "1", "--report", "json=report.json"])
    run = collector.find_run()
    phases = [span for span in collector.spans if "antipasta.seconds" in span.attributes]
    assert {span.parent for span in phases} == {run.id}
    names = [span.name for span in sorted(phases, key=lambda span: span.began)]
    assert names == ["find", "open", "find", "open", "judge", "remember"]
    slow = next(one for one in collector.find("judge file") if one.attributes["code.file.path"] == "slow.py")
    assert slow.attributes == {
        "code.file.path": "slow.py",
        "process.pid": os.getpid(),
        "antipasta.worker": "main",
        "antipasta.found": "measured",
        "antipasta.violations": 0,
    }
    assert collector.name_parent(slow) == "judge"
    (git,) = collector.find("git ls-files")
    assert (git.kind, git.attributes["process.exit.code"], git.is_error) == (CLIENT, 0, False)
    writes = collector.find("store write")
    assert "remember" in {collector.name_parent(write) for write in writes}
    assert {write.attributes["db.system.name"] for write in writes} == {"sqlite"}
    assert {span.trace for span in collector.spans} == {run.trace}
    assert [span.name for span in collector.spans if not span.is_in(run)] == []
    assert_spent_as_told(collector, json.loads((project / "report.json").read_bytes())["run"]["phases"])


def assert_spent_as_told(collector: Collector, told: dict[str, float]) -> None:
    spent = dict.fromkeys(told, 0.0)
    for span in collector.spans:
        if span.name in told:
            spent[span.name] += span.attributes["antipasta.seconds"]
            assert (span.ended - span.began) / 1e9 >= span.attributes["antipasta.seconds"] - 1e-3
    assert spent == pytest.approx(told)


def test_it_is_reported_who_sends_them(
    project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["measure", "-q", "bad.py"])
    (resource,) = collector.resources
    assert resource["service.name"] == "pytest-antipasta"
    assert resource["service.version"] == VERSION
    assert resource["telemetry.sdk.language"] == "python"
    assert collector.scopes == {("pytest_antipasta", VERSION)}
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop-ci")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=ci")
    main(["measure", "-q", "bad.py"])
    assert collector.resources[1]["service.name"] == "shop-ci"
    assert collector.resources[1]["deployment.environment.name"] == "ci"


def test_the_environment_names_the_parent(
    project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", f"00-{TRACE}-{PARENT}-01")
    main(["check", "-q", "bad.py"])
    assert {span.trace for span in collector.spans} == {TRACE}
    assert collector.find_run().parent == PARENT


@pytest.mark.parametrize(
    ("traceparent", "is_sent"),
    [
        (f"00-{TRACE}-{PARENT}-00", False),  # who has begun the trace does not want it
        ("nonsense", True),
        ("", True),
    ],
)
def test_a_parent_may_not_be_sampled_or_be_none(
    traceparent: str, is_sent: bool, project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", traceparent)
    assert main(["check", "-q", "bad.py"]) == 1
    assert bool(collector.spans) == is_sent
    assert not any(span.trace == TRACE for span in collector.spans)


@pytest.mark.slow
@WITH_PROCESSORS
def test_what_workers_have_judged_is_there_with_their_names(project: Path, collector: Collector) -> None:
    (project / "slow2.py").write_bytes(ODD * 2 + b"#\n")
    main(["check", "-q", "--jobs", "2"])
    files = collector.find("judge file")
    assert {span.attributes["code.file.path"] for span in files} >= {"slow.py", "slow2.py"}
    workers = {(span.attributes["antipasta.worker"], span.attributes["process.pid"]) for span in files}
    # The first may have done everything when the second has begun.
    assert {name for name, _ in workers} <= {"worker-1", "worker-2"}
    assert len(workers) == len({name for name, _ in workers})
    assert os.getpid() not in {pid for _, pid in workers}
    assert {collector.name_parent(span) for span in files} == {"judge"}
    (judge,) = collector.find("judge")
    assert all(span.is_in(judge) for span in files)


@pytest.mark.slow
def test_a_hook_is_traced_with_the_files_of_the_commit(
    project: Path, repository: Repository, collector: Collector
) -> None:
    (project / "slow.py").write_bytes(ODD * 2 + b"# more\n")
    repository.git("add", ".")
    assert main(["hook"]) == 0
    run = collector.find_run()
    assert run.name == "antipasta hook"
    assert not run.is_error
    assert run.attributes["antipasta.files"] == 1
    (slow,) = collector.find("judge file")
    assert slow.attributes["code.file.path"] == "slow.py"
    assert collector.name_parent(slow) == "judge"
    questions = {span.name for span in collector.spans if span.name.startswith("git ")}
    assert "git rev-parse" in questions
    assert len(questions) > 1


@NEEDS_PROCESSOR_TIME
@pytest.mark.slow
def test_what_can_not_be_measured_is_an_error_of_its_span(project: Path, collector: Collector) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\nfile_timeout = 0.05\n")
    main(["check", "-q", "slow.py"])
    (span,) = collector.find("judge file")
    assert (span.is_error, span.attributes["error.type"]) == (True, "timeout")


def test_an_internal_error_is_an_exception_of_the_file(
    project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, data: bytes, deadline: float) -> None:
        raise RuntimeError("oh: no")

    monkeypatch.setattr(guard.Guard, "measure", fail)
    assert main(["check", "-q", "bad.py"]) == 3
    (span,) = collector.find("judge file")
    assert (span.is_error, span.attributes["error.type"]) == (True, "internal")
    said = span.events["exception"]
    assert (said["exception.type"], said["exception.message"]) == ("RuntimeError", "oh: no")
    assert said["exception.stacktrace"].startswith("Traceback (most recent call last):\n")


def test_an_internal_error_is_an_exception_of_the_run(
    project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("oh: no")

    monkeypatch.setattr(rules, "load_settings", fail)
    main(["check", "-q"])
    assert collector.find_run().events["exception"]["exception.type"] == "RuntimeError"


def test_wrong_usage_is_a_run_too(project: Path, collector: Collector) -> None:
    assert main(["check", "nowhere.py"]) == 2
    assert collector.find_run().attributes["process.exit.code"] == 2


def test_nothing_is_sent_without_being_asked_for(
    project: Path,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (project / "good.py").write_text("x = 1\n")
    for name, value in (
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            main(["check", "-q", "good.py"])
    monkeypatch.delenv(ENDPOINT)
    main(["check", "-q", "good.py"])
    assert collector.requests == 0
    assert capfd.readouterr() == ("", "")


def test_a_repository_can_not_ask_for_it(project: Path, tmp_path: Path) -> None:
    """No exporter of its own is looked for, and no module of it is taken for one of OpenTelemetry's."""
    mark = tmp_path / "executed"
    evil = f"open({os.fspath(mark)!r}, 'w')\n"
    for name in ("opentelemetry", "google", "requests", "netrc", "stringprep", "evil"):
        (project / f"{name}.py").write_text(evil)
    folder = project / "evil-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: evil\nVersion: 1.0\n")
    groups = ("traces_exporter", "resource_detector", "context", "propagator", "configurator")
    points = "".join(
        f"[opentelemetry_{group}]\n" + "".join(f"{name} = evil\n" for name in ("otlp", "otel", "evil"))
        for group in groups
    )
    (folder / "entry_points.txt").write_text(points)
    with collect() as collector:
        done = check_apart(collector.url, OTEL_BSP_EXPORT_TIMEOUT="20000")
    assert (done.returncode, done.stderr) == (1, "")
    assert not mark.exists()
    assert collector.find_run()


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_a_collector_that_is_down_costs_a_line(project: Path) -> None:
    place = closed_port()
    done = check_apart(f"http://user:secret@{place}", "-X", "dev")
    assert done.returncode == 1
    assert done.stderr == f"warning: no traces for this run: {place} did not accept them within 0.07 s\n"


def test_an_invalid_address_does_not_show_a_part_of_its_password(project: Path) -> None:
    done = check_apart("http://user:pa:ss/word@host")
    assert "pa:ss" not in done.stderr
    assert "no traces" in done.stderr


def test_an_empty_address_is_that_of_the_sdk(project: Path) -> None:
    done = check_apart("", OTEL_TRACES_EXPORTER="otlp")
    assert done.stderr.startswith("warning: no traces for this run: localhost did not accept them")


def test_a_collector_that_is_slow_costs_a_line_and_nobody_waits_for_it(project: Path) -> None:
    with collect() as collector:
        collector.answers.clear()
        done = check_apart(collector.url)
        assert not collector.answers.is_set()  # it has not answered, and the process is gone
    assert done.returncode == 1
    place = collector.url.removeprefix("http://")
    assert done.stderr == f"warning: no traces for this run: {place} did not accept them within 0.07 s\n"


def test_who_wants_to_wait_says_so(
    project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_EXPORT_TIMEOUT", "20000")
    collector.answers.clear()
    Timer(0.3, collector.answers.set).start()
    assert main(["check", "-q", "bad.py"]) == 1
    assert collector.answers.is_set()
    assert collector.find_run()


def test_a_collector_that_refuses_costs_a_line(project: Path, collector: Collector) -> None:
    collector.status = 400
    done = check_apart(collector.url, OTEL_BSP_EXPORT_TIMEOUT="20000")
    assert done.returncode == 1
    place = collector.url.removeprefix("http://")
    assert done.stderr == f"warning: no traces for this run: {place} did not accept them\n"


def test_a_protocol_that_is_not_known_costs_a_line(
    project: Path,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
    assert main(["check", "-q", "bad.py"]) == 1
    said = "OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or grpc, got http/json"
    assert capfd.readouterr().err == f"warning: no traces: ValueError: {said}\n"


def test_an_address_without_its_scheme_costs_a_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ENDPOINT, "user:secret@localhost:4318")
    assert main(["check", "-q", "bad.py"]) == 1
    said = f"{ENDPOINT}: expected http://HOST:PORT or https://…, got localhost:4318"
    assert capfd.readouterr().err == f"warning: no traces: ValueError: {said}\n"


def test_without_the_exporter_for_grpc_its_package_is_named(
    project: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.grpc", None)
    assert main(["check", "-q", "--debug", "bad.py"]) == 1
    package = "opentelemetry-exporter-otlp-proto-grpc"
    assert f"is not installed: install `{package}`\n" in capfd.readouterr().err
