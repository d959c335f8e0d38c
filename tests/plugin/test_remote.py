"""Workers of xdist in other places: a folder with a copy of the tree, or with none, stands for one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.commits import commit_all
from tests.conftest import Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS, Project, outcomes, read_report, told
from tests.windows import NEEDS_SIGNALS, decode_name

FILES = {f"pkg/m{number}.py": f"{PASSING}x = {number}\n" for number in range(8)} | {
    "pkg/bad.py": FAILING,
    "pkg/known.py": f"{FAILING}x = 1\n",
    "pkg/wrong.py": "def f(:\n",
}
RECORDED = {
    "path": "pkg/known.py", "qualified_name": "decide", "metric": "cyclomatic_complexity", "value": 3
}  # fmt: skip
# What a worker of the copy does when it comes to a file.
BEGINNING = """\
import os, signal, time
from pytest_antipasta.plugin import watching, worker_judge

class Deed:
    def pytest_runtest_logstart(self, nodeid):
        if nodeid == "pkg/bad.py::antipasta" and os.path.basename(os.getcwd()) == "copy":
            {deed}

def pytest_configure(config):
    config.pluginmanager.register(Deed())  # the conftest itself is not asked for files of another folder
"""
# What a worker of the copy does when it has asked for a file.
ASKING = """\
import os, signal
from pytest_antipasta.plugin import worker_judge

def ask(files, path):
    files.send(path)
    os.kill(os.getpid(), signal.SIGSTOP)

if os.path.basename(os.getcwd()) == "copy":
    worker_judge._fetch = ask
"""
# Tests that are beside source files: one holds its worker up, one ends it.
TESTS = """\
import os, signal, subprocess

def test_stops():
    subprocess.Popen(["sh", "-c", f"sleep 2; kill -CONT {os.getpid()}"])
    os.kill(os.getpid(), signal.SIGSTOP)

def test_dies():
    if not os.path.exists("died"):
        open("died", "w").close()
        os._exit(1)

def test_goes_on():
    open("here", "w").close()
"""
# What makes a worker of the copy come to wrong results.
ERRING = """\
from pytest_antipasta.plugin import worker_judge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement

TOO_SLOW = Measurement(FileMetrics(), (), FileError("timeout", "it takes too much"))
LACKING = Measurement(FileMetrics(), (), missing=(FileError("extension", "none"),))
"""
_OF_WORKERS, _UNJUDGED = ("gw", "workers", "store:"), "had to be checked in this process"
# Seconds that are waited, and in the end of a session by xdist.
IMPATIENT = """\
import pytest_antipasta.plugin.watching
import xdist.workermanage

pytest_antipasta.plugin.watching.PATIENCE = 1.0
xdist.workermanage.NodeManager.EXIT_TIMEOUT = 1
"""


@pytest.fixture
def tree(project: Project) -> Project:
    """A repository with a file of each kind, and a baseline that is not committed."""
    project.write(FILES)
    Repository(project.path)
    commit_all(project.path, "one", exclude=("pyproject.toml",))
    project.write({"antipasta-baseline.json": json.dumps({"schema_version": 1, "entries": [RECORDED]})})
    return project


@pytest.fixture
def copy(tree: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of it that has neither a baseline nor our settings."""
    folder = tmp_path_factory.mktemp("other") / "copy"
    subprocess.run(["git", "clone", "-q", tree.path, folder], check=True)
    (folder / "pyproject.toml").write_text("[tool.pytest-antipasta]\nexclude = ['pkg']\n")
    return folder


def elsewhere(folder: Path, number: int = 1) -> list[str]:
    return ["--dist=load", *(f"--tx=popen//chdir={folder}" for _ in range(number))]


def run(project: Project, *args: str, folder: str = ".") -> tuple[Any, list[str]]:
    """Run pytest; return what must not differ between two runs, and what was told of workers."""
    report, junit = project.path / "report.json", project.path / "junit.xml"
    reports = (f"--antipasta-report=json={report}", f"--junitxml={junit}", "--antipasta-debug")
    result = project.run(*reports, *args, folder=folder)
    cases = sorted(
        (case.get("name"), [child.tag for child in case], [one.attrib for one in case.iter("property")])
        for case in ElementTree.parse(junit).iter("testcase")
    )
    counts = result.parseoutcomes()
    counts.pop("deselected", None)  # workers of xdist keep it to themselves
    seen = result.ret, counts, outcomes(result), read_report(report), cases
    return seen, [line for line in told(result) if line.startswith(_OF_WORKERS) or _UNJUDGED in line]


@pytest.mark.parametrize(
    ("args", "folder"),
    [
        pytest.param([], ".", id="all"),
        pytest.param(["-k", "pkg", "pkg"], ".", id="a word that is a folder, too", marks=pytest.mark.slow),
        pytest.param(["bad.py::antipasta", "m1.py"], "pkg", id="from a folder", marks=pytest.mark.slow),
        pytest.param(["--antipasta-diff=HEAD"], ".", id="a change", marks=pytest.mark.slow),
        pytest.param(["--setup-show"], ".", id="in three phases", marks=pytest.mark.slow),
    ],
)
def test_the_report_is_that_of_this_process(tree: Project, copy: Path, args: list[str], folder: str) -> None:
    tree.write({"pkg/m1.py": FAILING})
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache", *args, folder=folder)
    seen, lines = run(tree, "--antipasta-only", *elsewhere(copy, 2), *args, folder=folder)
    assert seen == expected
    assert not [line for line in lines if "lost" in line or line.startswith("workers")]


@pytest.mark.slow
def test_settings_of_folders_are_those_of_this_process(tree: Project, copy: Path) -> None:
    options = "[tool.pytest-antipasta]\nnested = true\n"
    loose = SETTINGS.replace("2", "20")
    tree.write(
        {"pyproject.toml": options + SETTINGS, "pkg/loose/pyproject.toml": loose, "pkg/loose/a.py": FAILING}
    )
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    assert expected[2]["pkg/bad.py::antipasta"] == "failed"
    assert expected[2]["pkg/loose/a.py::antipasta"] == "passed"
    seen, lines = run(tree, "--antipasta-only", *elsewhere(copy))
    assert seen == expected
    assert not [line for line in lines if "lost" in line]


def test_what_a_worker_has_measured_is_not_measured_here(tree: Project, copy: Path) -> None:
    args = ["--antipasta-only", "-k", "not wrong"]  # an error is looked into here
    expected, _ = run(tree, *args, "--antipasta-no-cache")
    tree.write({"conftest.py": f"{ERRING}\nMeasurer._measure = lambda *_: TOO_SLOW\n"})
    seen, _ = run(tree, *args, "--ignore=conftest.py", *elsewhere(copy))
    assert seen == expected


def test_only_the_controller_keeps_what_is_measured(tree: Project, copy: Path) -> None:
    before = sorted(copy.iterdir())
    _, lines = run(tree, "--antipasta-only", *elsewhere(copy))
    assert [line.partition(" in ")[0] for line in lines] == ["store: 0 hits, 11 misses,"]
    shutil.rmtree(copy / "pkg")
    for args in (elsewhere(copy), []):
        _, lines = run(tree, "--antipasta-only", *args)
        assert lines[-1].startswith("store: 10 hits, 1 miss, ")  # a file with an error is always measured
    copied = {path.name for path in copy.iterdir()} - {path.name for path in before}
    assert copied <= {"__pycache__", ".pytest_cache"}


@pytest.mark.slow
def test_what_a_copy_lacks_or_has_otherwise_is_sent(tree: Project, copy: Path) -> None:
    name = "pkg/n\xe4me.py" if sys.platform == "win32" else decode_name(b"pkg/n\xe4me.py")
    tree.write({name: f"{FAILING}x = 2\n"})
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    (copy / "pkg/bad.py").write_text(PASSING)
    (copy / "pkg/m1.py").write_text(FAILING)
    (copy / "pkg/m2.py").unlink()
    (copy / "pkg/m3.py").unlink()
    (copy / "pkg/m3.py").mkdir()
    seen, lines = run(tree, "--antipasta-only", *elsewhere(copy, 1))
    assert seen == expected
    assert lines[0] == f"gw0 ({copy}) received this host's copy of 5 files: it had none or different ones"


@pytest.mark.slow
def test_what_is_stored_here_is_not_sent(tree: Project, copy: Path) -> None:
    run(tree, "--antipasta-only")
    _, lines = run(tree, "--antipasta-only", *elsewhere(copy, 1))
    assert [line for line in lines if "received" in line] == []


@pytest.mark.slow
def test_without_a_tree_all_files_are_sent(tree: Project, copy: Path) -> None:
    shutil.rmtree(copy)
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    seen, lines = run(tree, "--antipasta-only", *elsewhere(copy, 1))
    assert seen == expected
    assert lines[0].startswith(f"gw0 ({copy}) received this host's copy of 11 files")


@pytest.mark.slow
@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("os._exit(1)", id="dies"),
        pytest.param("os.kill(os.getpid(), signal.SIGSTOP)", id="stops", marks=NEEDS_SIGNALS),
        pytest.param(
            "watching.PATIENCE = 1; worker_judge.Source.reread = lambda *_: time.sleep(600)",
            id="has a disk that is gone",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_worker_that_is_lost_or_silent_loses_no_file(tree: Project, copy: Path, deed: str) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache", "-p", "no:cacheprovider")
    tree.write({"conftest.py": IMPATIENT})
    (copy / "conftest.py").write_text(BEGINNING.format(deed=deed))
    args = ["--ignore=conftest.py", *elsewhere(copy, 2), "-v"]
    seen, lines = run(tree, "--antipasta-only", *args)
    assert seen == expected
    lost = [line.partition(" (")[0] for line in lines if "crashed; its files" in line]
    assert lost in (["gw0"], ["gw1"]), lines


@pytest.mark.slow
def test_a_worker_that_stops_while_it_is_sent_a_file_loses_none(tree: Project, copy: Path) -> None:
    """More than a pipe holds: who sends it waits, and so does whoever else has a word for that worker."""
    tree.write({"pkg/large.py": f"x = 1  # {'x' * 300_000}\n"})
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache", "-p", "no:cacheprovider")
    tree.write({"conftest.py": IMPATIENT})
    (copy / "conftest.py").write_text(ASKING)
    seen, lines = run(tree, "--antipasta-only", "--ignore=conftest.py", *elsewhere(copy, 1))
    assert seen == expected
    assert len([line for line in lines if "crashed; its files" in line]) == 1, lines


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(
            "worker_judge.digest_content = lambda *_: b''", id="another version", marks=pytest.mark.slow
        ),
        pytest.param("Measurer._measure = lambda *_: TOO_SLOW", id="too slow there", marks=pytest.mark.slow),
        pytest.param(
            "Measurer._is_whole = lambda *_: False; Measurer._measure = lambda *_: LACKING", id="lacking"
        ),
    ],
)
def test_what_a_worker_did_not_measure_right_is_measured_here(tree: Project, copy: Path, deed: str) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    for path in copy.glob("pkg/*.py"):
        path.write_text("x = 1\n")
    (copy / "conftest.py").write_text(f"{ERRING}\n{deed}\n")
    assert run(tree, "--antipasta-only", *elsewhere(copy))[0] == expected
    assert run(tree, "--antipasta-only")[0] == expected


@pytest.mark.slow
def test_a_worker_that_can_not_begin_is_replaced(tree: Project, copy: Path) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    (copy / "conftest.py").write_text("import nothing_of_that_name\n")
    seen, lines = run(tree, "--antipasta-only", *elsewhere(copy, 2))
    assert seen == expected
    assert len([line for line in lines if "crashed; its files" in line]) == 2


@pytest.mark.slow
def test_workers_that_always_die_end(tree: Project, copy: Path) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache", "--ignore=conftest.py")
    dying = "import os\nif 'PYTEST_XDIST_WORKER' in os.environ:\n    os._exit(1)\n"
    tree.write({"conftest.py": dying})
    (copy / "conftest.py").write_text(dying)
    seen, lines = run(tree, "--antipasta-only", "--ignore=conftest.py", *elsewhere(copy, 1))
    assert seen == expected
    assert any(line.startswith("11 files had to be checked in this process") for line in lines), lines


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("pytest.ini", "[pytest]\naddopts = -k bad\n", id="some by its settings"),
        pytest.param(
            "conftest.py",
            "def pytest_collection_modifyitems(items):\n    del items[:]\n",
            id="all",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_a_copy_leaves_out_is_judged_here(tree: Project, copy: Path, name: str, content: str) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    (copy / name).write_text(content)
    seen, lines = run(tree, "--antipasta-only", *elsewhere(copy))
    assert seen == expected
    assert any(_UNJUDGED in line for line in lines), lines


def test_a_place_that_can_not_be_reached_is_named(tree: Project, copy: Path) -> None:
    result = tree.run("--antipasta-only", *elsewhere(copy, 1), "--tx=socket=127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--tx: can't start a worker at 127.0.0.1:1 (" in result.stderr.str()


def test_what_only_this_place_remembers_is_refused(tree: Project, copy: Path) -> None:
    result = tree.run("--antipasta-only", "--sw", *elsewhere(copy))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--sw uses pytest's cache on this host" in result.stderr.str()


@pytest.mark.slow
def test_beside_tests_workers_are_left_to_xdist(tree: Project, copy: Path) -> None:
    tree.write({"conftest.py": IMPATIENT, "test_t.py": TESTS})
    (copy / "test_t.py").write_text(TESTS)
    result = tree.run("--antipasta", "--lf", *elsewhere(copy, 1))
    assert len([line for line in told(result) if "crashed; its files" in line]) == 1
    assert outcomes(result)["test_t.py::test_stops"] == "passed"
    assert outcomes(result)["test_t.py::test_goes_on"] == "passed"
    assert (copy / "here").exists()


@pytest.mark.slow
def test_nobody_is_watched_after_the_session(tree: Project, copy: Path) -> None:
    conftest = """\
import threading, time

def pytest_runtest_logreport():
    raise KeyboardInterrupt

def pytest_unconfigure():
    time.sleep(0.5)
    print("WATCHING", [thread.name for thread in threading.enumerate() if "_watch" in thread.name])
"""
    tree.write({"conftest.py": conftest})
    result = tree.run("--antipasta-only", "-s", *elsewhere(copy))
    assert "WATCHING []" in result.outlines
