"""What is said of settings below the root: where a limit stands, what is wrong, what has no effect."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pytest_antipasta.cli import main
from tests.behaviour.nested_settings.conftest import INNER, PROJECT, YAML, write
from tests.conftest import Repository
from tests.forked import ForkedPython

METRIC = "cyclomatic_complexity"
LIMITS = {
    "a.py": "<= 3  (settings, pyproject.toml:6)",
    "tests/test_a.py": "<= 1  (overrides[0], pyproject.toml:17)",
    f"{PROJECT}/c.py": f"<= 4  (settings, {PROJECT}/pyproject.toml:6)",
    f"{PROJECT}/tests/c.py": f"<= 5  (overrides[0], {PROJECT}/pyproject.toml:17)",
    f"{INNER}/d.py": f"<= 10  (default, not set in {INNER}/pyproject.toml)",
    f"{YAML}/e.py": f"<= 2  (settings, {YAML}/.antipasta.yaml:1)",
}
BROKEN = "[tool.pytest-antipasta]\nexclud = []\n[tool.pytest-antipasta.thresholds]\nlines = 1\n"


@pytest.mark.parametrize("path", LIMITS)
def test_a_limit_has_the_place_where_it_stands(
    monorepo: Repository, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "show", path]) == 0
    shown = capsys.readouterr().out.splitlines()
    (limit,) = [line for line in shown if line.startswith(METRIC)]
    assert limit.split(maxsplit=1) == [METRIC, LIMITS[path]]
    assert "# checked: yes" in shown
    main(["explain", f"{path}::f6"])
    assert LIMITS[path].partition("(")[2].rstrip(")") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"{PROJECT}/gen/c.py", f"`exclude` in {PROJECT}/pyproject.toml: /gen/ matches gen/"),
        (
            f"{PROJECT}/deep/a_pb2.py",
            f"`exclude` in {PROJECT}/pyproject.toml: *_pb2.py matches deep/a_pb2.py",
        ),
        (f"{YAML}/gen/e.py", f"`exclude` in {YAML}/.antipasta.yaml: gen matches gen/"),
        (f"{PROJECT}/skipped.py", "exclude[0] (pyproject.toml:4): skipped.py matches"),
    ],
)
def test_what_a_project_leaves_out_has_its_reason(
    monorepo: Repository, path: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "show", path]) == 0
    assert f"# checked: no: {reason}" in capsys.readouterr().out


def test_all_that_is_wrong_is_reported_at_once(
    monorepo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    write(monorepo, f"{INNER}/pyproject.toml", BROKEN)
    write(monorepo, f"{YAML}/.antipasta.yaml", "default: 1\n")
    monorepo.git("add", ".")
    for command in ("check", "check --staged", "hook", "config validate", "baseline write"):
        assert main(command.split()) == 2, command
        told = capsys.readouterr().err
        assert f"{INNER}/pyproject.toml:2: tool.pytest-antipasta.exclud: unknown key" in told
        assert f"{INNER}/pyproject.toml:4: tool.pytest-antipasta.thresholds.lines: unknown metric" in told
        assert f'{YAML}/.antipasta.yaml:1: default: unknown key; did you mean "defaults"?' in told


def test_validation_reports_faults_of_all_files_at_once(
    monorepo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    write(monorepo, f"{INNER}/pyproject.toml", BROKEN)
    write(monorepo, "antipasta-baseline.json", "{}")
    assert main(["config", "validate"]) == 2
    told = capsys.readouterr().err.splitlines()
    files = [line.removeprefix("error: ").partition(":")[0] for line in told]
    assert files == [f"{INNER}/pyproject.toml"] * 2 + ["antipasta-baseline.json"]


def test_what_no_file_is_under_is_not_read(monorepo: Repository) -> None:
    write(monorepo, f"{INNER}/pyproject.toml", BROKEN)
    assert main(["check", "-q", "a.py"]) == 1
    assert main(["check", "-q", f"{INNER}/d.py"]) == 2


@pytest.mark.skipif(sys.version_info < (3, 13), reason="Python says nothing of a database that is left open")
@pytest.mark.parametrize(
    "command",
    ["check", "check --staged", "check --metric comment_lines", "hook packages", "trend"],
)
def test_an_error_leaves_no_store_open(monorepo: Repository, command: str) -> None:
    if "--metric" not in command:
        write(monorepo, f"{INNER}/pyproject.toml", BROKEN)
    monorepo.git("add", ".")
    apart = [sys.executable, "-W", "error", "-m", "pytest_antipasta", *command.split()]
    done = subprocess.run(apart, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 2
    assert "unclosed" not in done.stderr


def test_a_metric_without_a_limit_anywhere(monorepo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """One that only settings below the root limit has one."""
    assert main(["check", "--metric", "comment_lines"]) == 2
    told = "--metric comment_lines: has no limit; set one by --limit comment_lines=N or in `thresholds`"
    assert capsys.readouterr().err == f"error: {told}\n"
    limits = "[tool.pytest-antipasta.thresholds]\ncomment_lines = 5\n"
    write(monorepo, f"{INNER}/pyproject.toml", limits)
    assert main(["check", "--metric", "comment_lines"]) == 0


def test_pytest_ends_over_what_is_wrong(
    monorepo: Repository, workers: list[str], forked_python: ForkedPython
) -> None:
    write(monorepo, f"{INNER}/pyproject.toml", BROKEN)
    done = forked_python.run("pytest", ["--antipasta-only", *workers], monorepo.path, os.environ)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 4
    assert f"ERROR: {INNER}/pyproject.toml:2: tool.pytest-antipasta.exclud: unknown key" in err
    assert "Traceback" not in out + err


def test_what_has_no_effect_is_reported_in_a_line(
    monorepo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """But not what says the same as the root."""
    keys = 'nested = true\njudge = "all"\npaths = ["src"]\non_error = "fail"\ncache_max_size_mb = 5\n'
    write(monorepo, f"{INNER}/pyproject.toml", f"[tool.pytest-antipasta]\n{keys}")
    write(monorepo, f"{YAML}/.antipasta.yaml", "use_gitignore: false\n")
    main(["check"])
    said = capsys.readouterr().out
    told = "ignored below the root, where the settings of pyproject.toml apply: "
    of_yaml = f"use_gitignore of {YAML}/.antipasta.yaml"
    assert said.count(f"{told}{of_yaml}; cache_max_size_mb, judge, paths of {INNER}/pyproject.toml\n") == 1
