"""A report format of an extension."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.model.formats import OUR_NAMES, TEXTS
from tests.extension.conftest import Environment, write_settings
from tests.windows import NEEDS_SIGNALS

TSV = """
def write(report):
    print("noise")
    return "".join(f"{one.path}\\t{one.failed}\\n" for one in report.files).encode()

@hookimpl
def antipasta_report_formats():
    return [ReportFormat(name="tsv", endings=(".tsv",), write=write)]
"""


@pytest.fixture(autouse=True)
def _installed(environment: Environment, project: Path) -> None:
    environment.install(TSV)
    write_settings(project)


def test_check_writes_it_to_where_it_is_asked_to(environment: Environment, project: Path) -> None:
    assert environment.check(project, "--format", "tsv").stdout == "a.py\tFalse\n"
    environment.check(project, "--output", "report.tsv")
    assert (project / "report.tsv").read_text() == "a.py\tFalse\n"


def test_pytest_writes_it(environment: Environment, project: Path) -> None:
    arguments = ("--antipasta-only", "--antipasta-report=tsv=report.tsv", "-n", "1")
    assert environment.run("pytest", *arguments, cwd=project).returncode == 0
    assert (project / "report.tsv").read_text() == "a.py\tFalse\n"


def test_it_may_be_appended(environment: Environment, project: Path) -> None:
    environment.install(TSV.replace("write=write", "write=write, is_appended=True"))
    for name in ("b.py", "c.py"):
        (project / name).touch()
        environment.check(project, "--report", "tsv=report.tsv")
    lines = ["a.py\tFalse\n", "b.py\tFalse\n", "b.py\tFalse\n", "c.py\tFalse\n"]
    assert (project / "report.tsv").read_text() == "".join(lines)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 / 0", "failed with ZeroDivisionError: division by zero"),
        ("return 'x'", "returned str instead of bytes"),
    ],
)
def test_one_that_fails_costs_its_own_report_alone(
    line: str, expected: str, environment: Environment, project: Path
) -> None:
    environment.install(TSV.replace('print("noise")', line))
    done = environment.check(project, "--format", "tsv")
    assert f"report format tsv of example 1.0 {expected}" in done.stderr
    assert done.returncode == 3
    reports = ("--antipasta-report=tsv=report.tsv", "--antipasta-report=json=report.json")
    done = environment.run("pytest", "--antipasta-only", *reports, cwd=project)
    assert f"report format tsv of example 1.0 {expected}" in done.stdout
    assert done.returncode == 3
    assert (project / "report.json").exists()
    assert not (project / "report.tsv").exists()


LOOP = "signal.raise_signal(signal.SIGINT)\n    while True: pass"
CALL = "threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGTERM]).start()\n    time.sleep(600)"


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        pytest.param(LOOP, 130, "interrupted", id="a loop"),
        pytest.param(
            CALL,
            143,
            "terminated",
            id="a call that Python can leave",
            marks=NEEDS_SIGNALS,
        ),
    ],
)
def test_one_that_hangs_can_be_ended(
    line: str, code: int, word: str, environment: Environment, project: Path
) -> None:
    line = f"import signal, threading\n    {line}"
    environment.install(TSV.replace('print("noise")', line))
    (project / "report.tsv").write_text("of the run before")
    reports = [f"--report={one}" for one in ("csv=report.csv", "tsv=report.tsv", "json=report.json")]
    done = environment.check(project, *reports)
    said = f"{word} in the report format tsv of example 1.0"
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"{said}\n")
    assert (project / "report.tsv").read_text() == "of the run before"
    assert sorted(path.name for path in project.glob("*report*")) == ["report.csv", "report.tsv"]


def test_one_that_hangs_can_be_ended_in_pytest(environment: Environment, project: Path) -> None:
    environment.install(TSV.replace('print("noise")', f"import signal\n    {LOOP}"))
    arguments = ("--antipasta-only", "--antipasta-report=tsv=report.tsv", "-n", "1")
    done = environment.run("pytest", *arguments, cwd=project)
    said = "interrupted in the report format tsv of example 1.0"
    assert (done.returncode, done.stderr) == (2, "")
    assert said in done.stdout
    assert not [*project.glob("*report*")]


def test_an_unknown_format_names_all(environment: Environment, project: Path) -> None:
    done = environment.check(project, "--format", "pdf")
    assert f"expected one of: {', '.join((*TEXTS, *OUR_NAMES, 'tsv'))}\n" in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("option", ["--format=tsv", "--report=tsv=report.tsv", "--limit=example:x=1"])
def test_an_unknown_name_may_be_of_one_that_is_disabled(
    option: str, environment: Environment, project: Path
) -> None:
    environment.install("import nothing_of_that_name")
    done = environment.check(project, option)
    assert "extension example 1.0 is disabled: importing example failed" in done.stderr
    assert done.returncode == 2
