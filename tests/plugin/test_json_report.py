"""The JSON report: its shape, and that it is the same however a run is made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project, told
from tests.report.shape import check_verdicts
from tests.windows import NEEDS_PIPES

CLASSES = """\
import os


class Tree:
    '''A tree.'''

    @property
    def height(self):
        return max((child.height for child in self.children if child), default=0)

    @height.setter
    def height(self, value):
        def check(x):
            class Limit:
                def low(self):
                    return x or 0
            return Limit().low() < x
        assert check(value) and value

    def cut(self, a):
        if a:
            if a:
                if a:
                    if a:
                        if a:
                            if a:
                                a()
"""
FILES: dict[str, str | bytes] = {
    "a.py": FAILING,
    "empty.py": "",
    "pkg/__init__.py": '"""A package."""\n',
    "pkg/tree.py": CLASSES,
    "pkg/broken.py": "def f(:\n    pass\n",
    "pkg/latin.py": "s = 'é'\n".encode("latin-1"),
    "pkg/lacking.py": "def f():\n    raise;\n",
    "z.py": PASSING,
}


NEEDS_DEVICE = pytest.mark.skipif(sys.platform == "win32", reason="standard output has no name there")
# As somebody does it who has had enough.
INTERRUPTING = """
import signal

def pytest_runtest_logfinish(nodeid):
    if nodeid.startswith("pkg/"):
        signal.raise_signal(signal.SIGINT)
"""


@pytest.fixture
def tree(project: Project) -> Project:
    """Files of every kind: passing, failing, unmeasurable, without an index."""
    project.write(FILES)
    return project


def test_it_has_the_documented_shape(tree: Project) -> None:
    tree.run("--antipasta-only", "--antipasta-report=json=out/report.json")
    report = json.loads((tree.path / "out" / "report.json").read_bytes())
    check_verdicts(report)
    by_path = {file["path"]: file for file in report["files"]}
    assert list(by_path) == sorted(FILES)
    assert report["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert report["summary"] == {
        "files": 8,
        "measured": 5,
        "errors": 3,
        "violations": len(by_path["a.py"]["violations"]) + len(by_path["pkg/tree.py"]["violations"]),
        "warnings": sum(len(file["warnings"]) for file in report["files"]),
        "tolerated": 0,
        "unjudged": 0,
    }
    assert by_path["a.py"]["violations"] == [
        {
            "metric": "cyclomatic_complexity",
            "qualified_name": "decide",
            "line": 1,
            "value": 3,
            "threshold": 2,
            "comparison": "<=",
            "before": None,
            "change": None,
            "recorded": None,
            "was_suppressed": False,
            "was_recorded": False,
            "previous_path": None,
            "previous_name": None,
            "previous_limit": None,
        }
    ]
    plan = {"line": 20, "first_line": 21, "last_line": 27, "title": "Merge 6 nested if statements"}
    assert [file["plans"] for file in report["files"] if file["plans"]] == [[plan | {"reduction": 19}]]
    assert [error["kind"] for error in by_path["pkg/lacking.py"]["missing"]] == ["no_value"]
    assert by_path["pkg/broken.py"]["error"]["kind"] == "syntax"
    assert by_path["pkg/latin.py"]["error"]["kind"] == "encoding"
    names = [block["qualified_name"] for block in by_path["pkg/tree.py"]["blocks"]]
    assert names == [
        "Tree",
        "Tree.height",
        "Tree.height#2",
        "Tree.height#2.check",
        "Tree.height#2.check.Limit",
        "Tree.height#2.check.Limit.low",
        "Tree.cut",
    ]


@pytest.mark.slow
def test_it_is_the_same_however_the_run_is_made(tree: Project) -> None:
    expected = tree.report("--antipasta-only", "--antipasta-no-cache")
    runs = {
        "cold": ["--antipasta-only"],
        "warm": ["--antipasta-only"],
        "without xdist": ["--antipasta-only", "-p", "no:xdist"],
        "-n 2": ["--antipasta-only", "-n", "2"],
        "beside tests": ["--antipasta"],
        "-n auto": ["--antipasta-only", "-n", "auto"],
        "after the first failure": ["--antipasta-only", "--ff"],
    }
    reports = {name: tree.report(*args) for name, args in runs.items()}
    assert [name for name, report in reports.items() if report != expected] == []


def test_it_may_be_printed_without_a_terminal(tree: Project) -> None:
    args = ("--antipasta-only", "-p", "no:terminal", "--antipasta-report=json=-")
    printed = json.loads(tree.run(*args).stdout.str())
    assert [file["path"] for file in printed["files"]] == [
        file["path"] for file in tree.report("--antipasta-only")["files"]
    ]


@pytest.mark.slow
def test_it_is_the_same_in_workers(tree: Project) -> None:
    expected = tree.report("--antipasta-only", "--antipasta-no-cache")
    strategies = ("loadscope", "worksteal", "each")  # loadfile and loadgroup are of loadscope's class
    reports = {dist: tree.report("--antipasta-only", "-n", "2", f"--dist={dist}") for dist in strategies}
    assert [dist for dist, report in reports.items() if report != expected] == []


def test_it_is_the_same_from_the_command_line(tree: Project) -> None:
    expected = tree.report("--antipasta-only")
    done = tree.call("check", "--format", "json")
    report = json.loads(done.stdout)
    check_verdicts(report)
    del report["run"]
    assert report == expected
    assert done.returncode == 1


def test_it_says_what_may_differ(tree: Project) -> None:
    def run(*args: str) -> dict[str, Any]:
        tree.run("--antipasta-only", "--antipasta-report=json=report.json", *args)
        found: dict[str, Any] = json.loads((tree.path / "report.json").read_bytes())["run"]
        return found

    cold, warm, spread = run(), run(), run("-n", "2", "--dist", "loadfile")
    assert (cold["hits"], cold["misses"], cold["workers"]) == (0, 8, 0)
    assert (warm["hits"], warm["misses"]) == (6, 2)
    assert (spread["hits"], spread["workers"]) == (6, 2)
    assert "loadfile" in spread["strategy"]


def test_its_time_is_that_of_the_files(tree: Project) -> None:
    tree.write({"test_t.py": "def test_good(): pass\n"})
    args = ("--antipasta-report=json=report.json", "--antipasta-debug")
    result = tree.run("--antipasta", *args)
    run = json.loads((tree.path / "report.json").read_bytes())["run"]
    assert run["seconds"] == pytest.approx(sum(run["phases"].values()))
    assert run["phases"]["judge"] > 0
    assert " s, tests not counted" in next(line for line in told(result) if line.startswith("store: "))
    result = tree.run("--antipasta-only", *args)
    assert "tests not counted" not in result.stdout.str()


EXTENTS = [
    pytest.param([], (8, [], None, True), id="all files"),
    pytest.param(["pkg"], (8, ["pkg"], None, False), id="a folder"),
    pytest.param(["-x"], (8, [], "stopping after 1 failures", False), id="the first failure"),
    pytest.param(
        ["-x", "-n", "2"],
        (8, [], "stopping after 1 failures", False),
        id="the first failure, in workers",
        marks=pytest.mark.slow,
    ),
    pytest.param(
        ["-k", "z", "-n", "1"],
        (8, ["-k z"], None, False),
        id="a word, in workers",
        marks=pytest.mark.slow,
    ),
    pytest.param(["-m", "not antipasta"], (8, ["-m not antipasta"], None, False), id="a mark"),
]


@pytest.mark.parametrize(("args", "expected"), EXTENTS)
def test_it_says_how_much_of_all_it_is_about(
    tree: Project, args: list[str], expected: tuple[object, ...]
) -> None:
    tree.run("--antipasta-only", *args, "--antipasta-report=json=report.json")
    report = json.loads((tree.path / "report.json").read_bytes())
    check_verdicts(report)
    run = report["run"]
    assert (run["total"], run["narrowed_by"], run["stopped"], run["complete"]) == expected
    assert (len(report["files"]) == 8) == run["complete"]


def test_a_mark_that_is_wrong_is_why_it_stopped(tree: Project, workers: list[str]) -> None:
    tree.run("--antipasta-only", "-m", "not (", *workers, "--antipasta-report=json=report.json")
    run = json.loads((tree.path / "report.json").read_bytes())["run"]
    # It ends the controller of xdist with an internal error.
    in_workers = "workers reported a usage error; `-n 0` shows it"
    stopped = in_workers if workers else "pytest reported a usage error"
    assert (run["total"], run["narrowed_by"], run["stopped"], run["complete"]) == (
        8,
        ["-m not ("],
        stopped,
        False,
    )


def test_what_failed_last_is_not_all(tree: Project) -> None:
    tree.run("--antipasta-only")
    result = tree.run("--antipasta-only", "--lf", "--antipasta-report=json=report.json")
    run = json.loads((tree.path / "report.json").read_bytes())["run"]
    assert (run["total"], run["narrowed_by"], run["complete"]) == (8, ["--lf"], False)
    assert "; 5 of 8 files checked, limited to `--lf`" in told(result)[0]


def test_an_interrupted_run_says_so(tree: Project) -> None:
    tree.write({"conftest.py": INTERRUPTING})
    result = tree.run("--antipasta-only", "-p", "no:randomly", "--antipasta-report=json=report.json")
    run = json.loads((tree.path / "report.json").read_bytes())["run"]
    assert (run["stopped"], run["complete"]) == ("interrupted", False)
    assert any(" of 9 files checked, stopped early (interrupted)" in line for line in told(result))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        pytest.param(
            "json=- --antipasta-report=json=/dev/stdout",
            "ERROR: only one report can go to standard output; name a file for each",
            id="two in one place",
            marks=NEEDS_DEVICE,
        ),
        pytest.param(
            "json=a.py",
            (
                "ERROR: the report would overwrite the source file {}/a.py; name another file, such as "
                "report.json"
            ),
            id="a source file",
        ),
    ],
)
def test_a_wrong_report_option_is_a_usage_error(tree: Project, option: str, message: str) -> None:
    result = tree.run("--antipasta-only", *f"--antipasta-report={option}".split())
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if line] == [message.format(tree.path.as_posix())]


def test_a_report_that_can_not_be_written_is_reported_and_fails_and_costs_no_other(tree: Project) -> None:
    reports = ("--antipasta-report=json=a.py/x.json", "--antipasta-report", "json=good.json")
    result = tree.run("--antipasta-only", *reports)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    line = next(line for line in told(result) if line.startswith("error:"))
    assert line.startswith("error: can't write the report a.py/x.json: ")
    check_verdicts(json.loads((tree.path / "good.json").read_bytes()))


@pytest.mark.parametrize(
    ("path", "workers"), [("-", ["-n", "2"]), pytest.param("/dev/stdout", [], marks=NEEDS_DEVICE)]
)
def test_a_printed_report_has_standard_output_for_itself(
    tree: Project, path: str, workers: list[str]
) -> None:
    expected = tree.report("--antipasta-only")
    result = tree.run("--antipasta-only", f"--antipasta-report=json={path}", *workers)
    report = json.loads(result.stdout.str())
    check_verdicts(report)
    del report["run"]
    assert report == expected
    assert any(line.startswith("FAILED a.py::antipasta - ") for line in result.errlines)
    assert any(" of 8 files, 2 files not measured" in line for line in result.errlines)
    assert not (tree.path / "-").exists()


@pytest.mark.parametrize("capture", ["fd", "no"])
def test_what_tests_print_does_not_get_into_a_printed_report(tree: Project, capture: str) -> None:
    noise = "import os\n\ndef test_t():\n    print('one', flush=True)\n    os.system('echo two')\n"
    tree.write({"test_noise.py": f"{noise}    assert False\n", "conftest.py": "print('three')\n"})
    result = tree.run("--antipasta", "--antipasta-report=json=-", f"--capture={capture}")
    check_verdicts(json.loads(result.stdout.str()))
    assert {"one", "two"} <= set(result.stderr.str().split())


def test_a_list_is_not_a_report(tree: Project) -> None:
    result = tree.run("--antipasta-only", "--antipasta-report=json=-", "--collect-only", "-q")
    assert result.stdout.str() == ""
    assert "a.py::antipasta" in result.errlines


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
@pytest.mark.slow
def test_a_standard_output_that_takes_nothing_is_reported(tree: Project) -> None:
    command = [sys.executable, "-m", "pytest", "--antipasta-only", "--antipasta-report=json=-"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, cwd=tree.path, stdout=full, stderr=subprocess.PIPE, check=False)
    assert b"error: can't write to standard output: No space left on device\n" in done.stderr
    assert done.returncode == pytest.ExitCode.USAGE_ERROR


@pytest.mark.slow
def test_a_report_among_all_that_is_printed_begins_a_line(tree: Project) -> None:
    command = [sys.executable, "-m", "pytest", "--antipasta-only", "--antipasta-report=github=-", "-q"]
    done = subprocess.run(
        command, cwd=tree.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.stdout.count("::error ") == done.stdout.count("\n::error ") > 0


@NEEDS_PIPES
def test_a_report_can_go_to_a_pipe(tree: Project) -> None:
    pipe = tree.path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        tree.run("--antipasta-only", "--antipasta-report=json=pipe")
        written, _ = reader.communicate(timeout=30)
    check_verdicts(json.loads(written))
    assert pipe.is_fifo()
