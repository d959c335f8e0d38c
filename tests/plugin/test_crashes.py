"""Workers of xdist that die: the file that one was at is judged all the same."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

import pytest

from tests.limits import KILL, SLOW, find_children
from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, read_report, told
from tests.windows import NEEDS_SIGNALS

NAMES = [f"y{number}.py" for number in range(9)]
# With it a file is the largest, and so the first that a worker comes to.
COMMENT = "# " + "x" * 1000 + "\n"
DYING = """\
import contextlib
import os
import pytest

def die(nodeid):
    if nodeid == "x.py::antipasta" and os.environ.get("PYTEST_XDIST_WORKER") in ("gw0", "gw1"):
        os._exit(1)

"""
BEFORE = "def pytest_runtest_logstart(nodeid): die(nodeid)\n"
AFTER = "def pytest_runtest_logfinish(nodeid): die(nodeid)\n"
REPORTED = """\
@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.when == "{when}": die(report.nodeid)
"""
PHASES = ("setup", "call", "teardown")


def run(project: Project, *args: str) -> pytest.RunResult:
    args = ("--antipasta-only", "--antipasta-report=json=report.json", "--junitxml=junit.xml", *args)
    return project.run(*args)


def junit(project: Project) -> object:
    """Return the totals and the cases of JUnit."""
    suite = ElementTree.parse(project.path / "junit.xml").getroot()[0]
    cases = sorted(
        (case.get("name"), [child.tag for child in case], len(list(case.iter("property"))))
        for case in suite.iter("testcase")
    )
    return cases, [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]


def last_failed(project: Project) -> set[str]:
    path = project.path / ".pytest_cache/v/cache/lastfailed"
    return set(json.loads(path.read_text())) if path.exists() else set()


@pytest.mark.parametrize(
    ("conftest", "content"),
    [
        pytest.param(BEFORE, FAILING, id="before it is measured"),
        *(
            pytest.param(text, FAILING, id=name, marks=pytest.mark.slow)
            for name, text in {
                "before it says that the file is done": AFTER,
                **{f"after the report of the {when}": REPORTED.format(when=when) for when in PHASES},
            }.items()
        ),
        pytest.param(
            REPORTED.format(when="call"),
            PASSING,
            id="after the report of a file that passes",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_file_that_it_was_at_has_its_own_verdict(project: Project, conftest: str, content: str) -> None:
    project.write(dict.fromkeys(NAMES, PASSING))
    project.write({"x.py": COMMENT + content, "conftest.py": DYING + conftest})
    expected = run(project)
    verdicts, cases, failed = read_report(project.path / "report.json"), junit(project), last_failed(project)
    result = run(project, "-n", "2")
    assert "replacing crashed worker" in result.stdout.str()
    assert outcomes(result) == outcomes(expected)
    assert (result.parseoutcomes(), result.ret) == (expected.parseoutcomes(), expected.ret)
    assert read_report(project.path / "report.json") == verdicts
    assert junit(project) == cases
    assert last_failed(project) == failed


STOPPING = """\
import os
import signal
import pytest_antipasta.plugin.watching
import xdist.workermanage

pytest_antipasta.plugin.watching.PATIENCE = 1.0
xdist.workermanage.NodeManager.EXIT_TIMEOUT = 1
WORKER = os.environ.get("PYTEST_XDIST_WORKER")

def stop():
    if WORKER in {workers}:
        os.kill(os.getpid(), signal.SIGSTOP)

"""
STARTING = STOPPING + "def pytest_sessionstart(session): stop()\n"
AT_A_FILE = (
    STOPPING
    + """\
def pytest_runtest_logstart(nodeid):
    if nodeid == "x.py::antipasta": stop()
"""
)
ENDING = STOPPING + "def pytest_sessionfinish(session): stop()\n"


@NEEDS_SIGNALS
@pytest.mark.parametrize(
    ("conftest", "silent"),
    [
        pytest.param(AT_A_FILE.format(workers=["gw0", "gw1"]), 1, id="one at a file", marks=pytest.mark.slow),
        pytest.param(
            STARTING.format(workers=["gw0", "gw1"]), 2, id="both before they collect", marks=pytest.mark.slow
        ),
        pytest.param(ENDING.format(workers=["gw0"]), 1, id="one at its end", marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_gives_no_answer_is_ended_and_its_file_has_its_own_verdict(
    project: Project, conftest: str, silent: int
) -> None:
    project.write(dict.fromkeys(NAMES, PASSING))
    project.write({"x.py": COMMENT + FAILING, "conftest.py": conftest})
    expected = run(project)
    verdicts, cases = read_report(project.path / "report.json"), junit(project)
    result = run(project, "-n", "2")
    lines = [line for line in told(result) if line.startswith("gw")]
    message = " did not respond for 1 s and was terminated; its files are measured again"
    assert [line[3:] for line in lines] == [message] * silent
    assert (result.parseoutcomes(), result.ret) == (expected.parseoutcomes(), expected.ret)
    assert (read_report(project.path / "report.json"), junit(project)) == (verdicts, cases)


DEADLY = """\
import contextlib
import os
import signal
import pytest_antipasta.engine.measuring.measurement as measurement

measure = measurement.measure

def die(data, *limits, **options):
    if b"deadly" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    return measure(data, *limits, **options)

measurement.measure = die
"""


@NEEDS_SIGNALS
@pytest.mark.slow
def test_a_file_that_kills_whatever_measures_it_is_named_and_costs_no_other(
    started_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = started_project
    project.write(dict.fromkeys(NAMES, PASSING) | {"x.py": "deadly = 1\n", "site/sitecustomize.py": DEADLY})
    monkeypatch.setenv("PYTHONPATH", str(project.path / "site"), prepend=os.pathsep)
    result = run(project, "-n", "2", "--ignore=site")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    expected = {f"{name}::antipasta": "passed" for name in NAMES} | {"x.py::antipasta": "failed"}
    assert outcomes(result) == expected
    reason = "the process measuring this file ended (SIGKILL); exclude the file and report a bug"
    result.stdout.fnmatch_lines([f"x.py: not measured (internal): {reason}"])
    assert read_report(project.path / "report.json")["summary"]["errors"] == 1


def find_measuring_workers() -> list[int]:
    """Return the workers of a pytest of ours that have a process of their own."""
    workers = [worker for pytest in find_children() for worker in find_children(pytest)]
    return [worker for worker in workers if find_children(worker)]


@contextmanager
def killing_a_measuring_worker() -> Iterator[list[int]]:
    """Kill the first worker of a pytest of ours that has a process of its own measure; give its number."""
    killed: list[int] = []
    is_over = threading.Event()

    def kill() -> None:
        while not killed and not is_over.is_set():
            with contextlib.suppress(OSError):
                for worker in find_measuring_workers()[:1]:
                    os.kill(worker, KILL)
                    killed.append(worker)
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        is_over.set()
        killer.join()


@pytest.mark.slow
def test_a_slow_file_is_measured_though_its_worker_is_killed_meanwhile(started_project: Project) -> None:
    project = started_project
    settings = "[tool.pytest-antipasta]\nfile_timeout = 60\n"
    project.write(dict.fromkeys(NAMES, PASSING) | {"slow.py": SLOW, "pyproject.toml": settings})
    with killing_a_measuring_worker() as killed:
        result = run(project, "-n", "2")
    assert len(killed) == 1
    assert "replacing crashed worker" in result.stdout.str()
    assert outcomes(result) == {f"{name}::antipasta": "passed" for name in (*NAMES, "slow.py")}
    assert result.ret == pytest.ExitCode.OK


@pytest.mark.parametrize("options", [[], ["--antipasta-exit-zero"]], ids=["plain", "exit zero"])
def test_items_that_no_worker_is_left_for_fail_the_session(project: Project, options: list[str]) -> None:
    dying = "import os\ndef pytest_runtest_setup(item):\n    if item.name == 'antipasta': os._exit(1)\n"
    files = {"a.py": PASSING, "b.py": PASSING, "c.py": PASSING, "conftest.py": dying}
    project.write(files)
    args = ("--antipasta-only", "-n", "1", "--max-worker-restart=0", *options)
    result = project.run(*args)
    assert (result.parseoutcomes(), result.ret) == ({"passed": 1}, pytest.ExitCode.TESTS_FAILED)
    reason = "workers of pytest-xdist crashed before all items ran"
    assert f"no violations; 1 of 4 files checked, stopped early ({reason})" in result.outlines
    assert "next: `pytest-antipasta check` checks the same files without pytest" in result.outlines
