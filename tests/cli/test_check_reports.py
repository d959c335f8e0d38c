"""``check --report``: reports beside the verdict, or in its place on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS
from tests.report.shape import check_verdicts

EXPECTED = "expected FORMAT=PATH for a report, such as "


@pytest.fixture
def project(made_store: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in a repository, with settings, a file that fails and one that passes; the current one."""
    path = repository.path / "sub"
    path.mkdir()
    monkeypatch.chdir(path)
    (path / "pyproject.toml").write_text(SETTINGS)
    (path / "a.py").write_text(FAILING)
    (path / "b.py").write_text(PASSING)
    return path


def test_reports_are_written_beside_the_text(project: Path, program: Program) -> None:
    said = program("check", "--report", "json=new/one.json", "--report=json=two.json", code=1)
    assert said.out.startswith("a.py\n    1:1  decide  cyclomatic 3/2\n")
    assert (project / "new" / "one.json").read_bytes() == (project / "two.json").read_bytes()
    check_verdicts(json.loads((project / "two.json").read_bytes()))


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_the_text_stands_aside_for_one_on_standard_output(
    project: Path, name: str, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.delenv("TERM")
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = program("check", "--report", f"json={name}", code=1)
    check_verdicts(json.loads(said.out))
    assert said.err.startswith(
        "a.py\n    1:1  decide  cyclomatic 3/2\n1 of 2 functions is over a limit, in 1 of 2 files"
    )


def test_the_text_stays_where_it_has_a_file(project: Path, program: Program) -> None:
    said = program("check", "--report", "json=-", "--output", "report.txt", code=1)
    check_verdicts(json.loads(said.out))
    assert said.err == ""
    assert (project / "report.txt").read_text().startswith("a.py\n")


def test_one_that_can_not_be_written_costs_no_other(project: Path, program: Program) -> None:
    said = program("check", "--report=json=a.py/x", "--report=json=good.json", code=2)
    assert said.err == "error: can't write the report a.py/x: a.py is not a folder\n"
    assert said.out.startswith("a.py\n")
    check_verdicts(json.loads((project / "good.json").read_bytes()))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--report=json"], f"{EXPECTED}json=report.json, got 'json'"),
        (["--report=page.html"], f"{EXPECTED}html=page.html, got 'page.html'"),
        (["--report=x.sarif.json"], f"{EXPECTED}sarif=x.sarif.json, got 'x.sarif.json'"),
        (["--report=sarif:a.sarif"], f"{EXPECTED}sarif=a.sarif, got 'sarif:a.sarif'"),
        (["--report=jsn=x"], 'unknown report format "jsn"; did you mean "json"?'),
        (
            ["--report=json=a.py"],
            "the report would overwrite the source file {a}; name another file, such as report.json",
        ),
        (
            ["--report=json=-", "--report=json=/dev/stdout"],
            "only one report can go to standard output; name a file for each",
        ),
        (
            ["--report=json=-", "--format=json"],
            "only one report can go to standard output; name a file for each",
        ),
        (
            ["--report=json=x.json", "--output=x.json"],
            "only one report can go to {x}; name a file for each",
        ),
        (
            ["--report=json=x", "--list-suppressions"],
            "--list-suppressions checks nothing; remove --report",
        ),
    ],
)
def test_an_error_is_reported_before_anything_is_judged(
    project: Path, args: list[str], message: str, program: Program
) -> None:
    message = message.format(a=project / "a.py", x=project / "x.json")
    assert program("check", *args, code=2) == ("", f"error: {message}\n")
    assert sorted(path.name for path in project.iterdir()) == ["a.py", "b.py", "pyproject.toml"]


def read_run(*args: str) -> dict[str, object]:
    """Return what the report of a run says of it."""
    main(["check", "--report=json=report.json", *args])
    run: dict[str, object] = json.loads(Path("report.json").read_bytes())["run"]
    return run


def test_the_run_says_where_paths_begin(project: Path) -> None:
    run = read_run()
    assert (run["root"], run["git_top"]) == (project.as_posix(), project.parent.as_posix())
    assert run["settings"] == "pyproject.toml"
    (project.parent / ".git").rename(project.parent / "nothing")
    assert read_run()["git_top"] is None


def test_the_run_has_the_limits_that_count(project: Path) -> None:
    limits = read_run()["limits"]
    assert isinstance(limits, dict)
    others = {"block_limit": None, "level": "error"}
    assert limits["cyclomatic_complexity"] == {"limit": 2, "comparison": "<=", **others}
    assert limits["maintainability_index"] == {
        "limit": 50, "comparison": ">=", "block_limit": None, "level": "warning"
    }  # fmt: skip
    alone = read_run("--metric=cognitive_complexity", "--limit=cognitive_complexity=7")["limits"]
    assert alone == {"cognitive_complexity": {"limit": 7, "comparison": "<=", **others}}


def test_the_run_names_the_change_and_the_baseline(project: Path, repository: Repository) -> None:
    repository.git("add", ".")
    run = read_run("--staged")
    assert (run["change"], run["baseline"]) == ("--staged", None)
    repository.git("commit", "--quiet", "--message", "x")
    main(["baseline", "write"])
    run = read_run("--diff", "HEAD")
    assert (run["change"], run["baseline"]) == ("--diff HEAD", "antipasta-baseline.json")
    assert read_run("--no-baseline")["baseline"] is None
