"""A language of an extension: its files in every way in, in the gate, in baselines and in the store."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commits import commit_all, stage_all
from tests.extension.conftest import (
    PARAMETERS,
    SQL,
    Environment,
    make_procedure,
    read_files,
    write_settings,
)

NAMED = 'languages = ["example:sql"]'
# The index trusts files that were written just now, too.
SETTLED = """
import sys
from pytest_antipasta.cli import main
from pytest_antipasta.files import reading
reading._RACY_NANOSECONDS = 0
main(["check", "--format", "json"])
"""
ROW = "q.sql\n    1:1  load  cyclomatic 12/10"


@pytest.fixture(autouse=True)
def _installed(environment: Environment, project: Path) -> None:
    environment.install(SQL)
    write_settings(project, others=[NAMED])
    (project / "q.sql").write_text(make_procedure("load", 11))


def run(environment: Environment, folder: Path, *arguments: str) -> str:
    """Return what a command of ours prints."""
    done = environment.run("pytest_antipasta", *arguments, cwd=folder)
    return done.stdout + done.stderr


def check_settled(environment: Environment, folder: Path) -> Any:
    """Return the report of a ``check`` that uses the index of unchanged files."""
    command = [str(environment.python), "-B", "-c", SETTLED]
    return json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)


@pytest.mark.slow
def test_every_way_in_says_the_same(environment: Environment, project: Path) -> None:
    """Of a language, and of a metric of Python files."""
    environment.install(SQL + PARAMETERS)
    write_settings(project, '"example:parameters" = 2', others=[NAMED])
    for number in range(12):
        (project / f"b{number}.sql").write_text(make_procedure("b", number))
        (project / f"p{number}.py").write_text(f"def p{number}(a, b, c, d):\n    return a\n")
    expected, *others = environment.report_in_all_ways(project, "16 failed, 10 passed")
    records = {record["path"]: record for record in read_files(expected)}
    assert [one["value"] for one in records["p0.py"]["violations"]] == [4]
    assert records["q.sql"]["language"] == "example:sql"
    assert [one["value"] for one in records["q.sql"]["violations"]] == [12]
    assert records["q.sql"]["unjudged"] == []
    assert "language" not in records["a.py"]
    assert json.loads(expected)["extensions"] == {"example": "1.0"}
    for report in others:
        assert read_files(report) == read_files(expected)


def test_one_that_settings_do_not_name_changes_nothing(environment: Environment, project: Path) -> None:
    write_settings(project)
    done = environment.check(project, "--format", "json", "--no-cache")
    assert [record["path"] for record in read_files(done.stdout)] == ["a.py"]
    assert json.loads(done.stdout)["extensions"] == {}
    assert "not measured (syntax)" in environment.check(project, "q.sql").stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("check", "q.sql"), f"{ROW}\n"),
        (("hook",), "allow     add to q.sql:1  -- antipasta: ignore[cyclomatic<=12] REASON\n"),
        (("measure",), "  1:1  function load  cyclomatic  12  cognitive   -\n"),
        (("explain", "q.sql::load"), "cyclomatic_complexity 12, must be <= 10 (default): over by 2\n"),
        (("fix", "q.sql:1"), "error: q.sql is not a Python file\n"),
        (("config", "show", "q.sql"), "# checked: yes\n"),
        (("cache", "verify"), " measured again: no problems\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_its_files_are_source_files(
    arguments: tuple[str, ...], expected: str, environment: Environment, project: Path
) -> None:
    stage_all(project)
    if arguments[0] == "cache":
        environment.check(project)
    assert expected in run(environment, project, *arguments)


def test_what_it_does_not_give_is_not_explained(environment: Environment, project: Path) -> None:
    printed = run(environment, project, "explain", "q.sql")
    assert "no value" not in printed
    assert "outside functions and classes" not in printed
    blocks = json.loads(run(environment, project, "explain", "q.sql", "--format", "json"))["blocks"]
    assert (blocks[0]["points"], blocks[0]["plans"]) == ([], [])


def test_exclude_leaves_them_out(environment: Environment, project: Path) -> None:
    write_settings(project, others=[NAMED, 'exclude = ["*.sql"]'])
    stage_all(project)
    assert run(environment, project, "hook") == ""
    assert "no violations in 1 file" in environment.check(project).stdout


def test_content_that_is_wrong_has_a_line(environment: Environment, project: Path) -> None:
    (project / "q.sql").write_text("\nprocedure load()\n", newline="\r\n")
    done = environment.check(project)
    assert "q.sql:2: not measured (syntax): procedure load has no end\n" in done.stdout
    assert "    fix it, or exclude the file\n" in done.stdout
    assert done.returncode == 3
    assert "       2  procedure load()\n" in run(environment, project, "explain", "q.sql")


CHANGES = {
    "worse": (
        make_procedure("load", 21),
        make_procedure("load", 23),
        "    1:1  load  cyclomatic 22 → 24/10 (+2)",
    ),
    "better": (make_procedure("load", 20), make_procedure("load", 19), ""),
    "another name": (make_procedure("load", 14), make_procedure("store", 14), ""),
    "layout": (
        make_procedure("load", 13),
        "\n\n" + make_procedure("load", 13).replace("b\n", "b  \n"),
        "",
    ),
    "one more": (
        make_procedure("load", 11),
        make_procedure("load", 11) + make_procedure("more", 12),
        "   14:1  more  cyclomatic 13/10            added",
    ),
}


def test_a_commit_answers_for_what_it_changes(environment: Environment, project: Path) -> None:
    files = [project / f"q{number}.sql" for number in range(len(CHANGES))]
    for file, (before, _, _) in zip(files, CHANGES.values(), strict=True):
        file.write_text(before)
    commit_all(project, "before")
    for file, (_, after, _) in zip(files, CHANGES.values(), strict=True):
        file.write_text(after)
    stage_all(project)
    lines = run(environment, project, "hook").splitlines()
    for file, (_, _, expected) in zip(files, CHANGES.values(), strict=True):
        assert (file.name in lines) == bool(expected)
        assert not expected or lines[lines.index(file.name) + 1] == expected


def test_a_baseline_follows_its_blocks(environment: Environment, project: Path) -> None:
    run(environment, project, "baseline", "write")
    assert environment.check(project).returncode == 0
    (project / "q.sql").rename(project / "r.sql")
    (project / "r.sql").write_text("\n" + make_procedure("store", 11))
    assert environment.check(project).returncode == 0
    (project / "r.sql").write_text(make_procedure("store", 12))
    assert environment.check(project).returncode == 1


def test_a_comment_suppresses(environment: Environment, project: Path) -> None:
    comments = {
        "ignore": 0,
        "ignore[cyclomatic_complexity<=12] why": 0,
        "ignore[cyclomatic_complexity<=11]": 1,
    }
    for number, comment in enumerate(comments):
        source = f"-- antipasta: {comment}\n{make_procedure('load', 11)}"
        (project / f"c{number}.sql").write_text(source)
    files = read_files(environment.check(project, "--format", "json").stdout)
    found = [len(one["violations"]) for one in files if one["path"].startswith("c")]
    assert found == [*comments.values()]


@pytest.fixture
def calls(environment: Environment, project: Path, tmp_path: Path) -> Callable[..., list[int]]:
    """Installs a version that notes its calls; returns how many there were in a ``check``, and misses."""
    log = tmp_path / "calls"

    def check(version: str, language_version: str = "1") -> list[int]:
        source = SQL.replace("def read(data):", f"def read(data):\n    open({str(log)!r}, 'a').write('x')")
        environment.install(source.replace('version="1"', f'version="{language_version}"'), version=version)
        log.unlink(missing_ok=True)
        report = check_settled(environment, project)
        return [len(log.read_text()) if log.exists() else 0, report["run"]["misses"]]

    return check


@pytest.mark.slow
def test_an_upgrade_measures_its_files_again_and_no_python(calls: Callable[..., list[int]]) -> None:
    assert calls("1.0", "1") == [1, 2]
    assert calls("1.1", "1") == [1, 1], "another distribution"
    assert calls("1.0", "2") == [1, 1], "another version of the language"
    assert calls("1.0", "1") == [0, 0], "a warm run never calls it"


@pytest.mark.slow
def test_what_was_python_is_not_looked_up(environment: Environment, project: Path) -> None:
    (project / "q.sql").write_text("x\n")
    for languages in ("[]", '["example:sql"]', '["example:sql"]', "[]"):
        settings = [f"languages = {languages}", 'include = ["*.py", "*.sql"]']
        write_settings(project, others=settings)
        (_, record) = check_settled(environment, project)["files"]
        assert ("language" in record) == (languages != "[]")


def test_one_that_is_not_installed_is_reported(environment: Environment, project: Path) -> None:
    run(environment, project, "baseline", "write")
    before = (project / "antipasta-baseline.json").read_text()
    environment.uninstall()
    stage_all(project)
    done = environment.check(project)
    expected = "example:sql is configured, but extension example is not installed: install it into"
    assert expected in done.stdout
    assert "no violations in 1 file" in done.stdout
    assert done.returncode == 3
    hook = environment.run("pytest_antipasta", "hook", cwd=project)
    assert expected in hook.stderr
    assert "in pre-commit with `additional_dependencies: [example]`, or remove it" in hook.stderr
    assert hook.returncode == 3
    assert "excluded?" not in run(environment, project, "baseline", "prune")
    run(environment, project, "baseline", "write")
    assert (project / "antipasta-baseline.json").read_text() == before


def test_a_default_limit_of_a_language_that_nobody_uses_is_not_reported(
    environment: Environment, project: Path
) -> None:
    environment.install(
        SQL
        + "@hookimpl\n"
        + "def antipasta_metrics():\n"
        + "    return [Metric(name='joins', scope='block', version='1', limit=3)]\n"
    )
    write_settings(project)
    assert "ignored limits" not in environment.check(project).stdout
    write_settings(project, '"example:joins" = 3')
    assert "ignored limits: example:joins: not measured in Python files" in environment.check(project).stdout


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ('["example:sqk"]', 'languages[0]: unknown language "example:sqk"; did you mean "example:sql"?'),
        ('["Example:sql"]', 'unknown language "Example:sql"; did you mean "example:sql"?'),
        ('["sql"]', 'languages[0]: unknown language "sql"; did you mean "example:sql"?'),
        (
            '["example:sql", "other:sql"]',
            ("example:sql and other:sql both measure *.sql; keep only one of them"),
        ),
        ('["ts"]', 'unknown language "ts"; did you mean "typescript"?'),
        ('["C++"]', 'unknown language "C++"; did you mean "cpp"?'),
    ],
    ids=[
        "a language that it has not",
        "another spelling",
        "no distribution",
        "two of one ending",
        "an ending",
        "C++",
    ],
)
def test_an_error_in_the_settings(names: str, expected: str, environment: Environment, project: Path) -> None:
    environment.install(SQL, "other")
    write_settings(project, others=[f"languages = {names}"])
    done = environment.check(project)
    assert expected in done.stderr
    assert done.returncode == 2


def test_a_metric_of_its_own_is_judged(environment: Environment, project: Path) -> None:
    metric = """
@hookimpl
def antipasta_metrics():
    return [Metric(name="lines", scope="block", version="1", limit=5)]
"""
    environment.install(
        SQL.replace('{"cyclomatic_complexity": points}', '{"lines": number - start}') + metric
    )
    done = environment.check(project)
    assert "q.sql\n    1:1  load  lines (example) 12/5\n" in done.stdout
    assert "1 of 3 functions is over a limit, in 1 of 2 files" in done.stdout
    assert "example:lines" not in run(environment, project, "explain", "a.py::many")


def test_no_report_replaces_a_source(environment: Environment, project: Path) -> None:
    before = (project / "q.sql").read_text()
    done = environment.run("pytest_antipasta", "check", "--output", "q.sql", cwd=project)
    assert done.returncode == 2
    assert "the report would overwrite the source file q.sql" in done.stderr
    assert (project / "q.sql").read_text() == before


def test_a_comment_is_shown_as_it_stands_in_the_source(environment: Environment, project: Path) -> None:
    commit_all(project, "before")
    comment = "-- antipasta: ignore[cyclomatic_complexity<=14]"
    (project / "q.sql").write_text(f"{comment}\n{make_procedure('load', 12)}")
    stage_all(project)
    report = json.loads(environment.check(project, "--staged", "--format", "json").stdout)
    assert [one["text"] for one in report["waivers"]] == [comment]
    assert [one["text"] for file in report["files"] for one in file["suppressions"]] == [comment]
    assert comment.partition("<")[0] in run(environment, project, "check", "--format", "html")
    assert f"comment {comment} (" in run(environment, project, "check", "--staged")
    listed = json.loads(environment.check(project, "--list-suppressions", "--format", "json").stdout)
    assert [one["text"] for one in listed["suppressions"]] == [comment]


def test_a_language_measured_no_more_is_a_waiver_of_what_fails_in_it(
    environment: Environment, project: Path
) -> None:
    (project / "few.sql").write_text(make_procedure("few", 1))
    commit_all(project, "before")
    write_settings(project)
    stage_all(project)
    report = json.loads(environment.check(project, "--staged", "--format", "json").stdout)
    waivers = [(one["text"], one["effect"]) for one in report["waivers"]]
    assert waivers == [("languages", ["q.sql::load cyclomatic_complexity"])]
