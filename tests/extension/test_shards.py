"""Shards of what extensions measure: their numbers, languages, versions and faults come through a merge."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.extension.conftest import PARAMETERS, SQL, Environment, make_procedure, write_settings

FORMATS = ("sarif", "gitlab", "github", "markdown", "html", "csv")


@pytest.fixture(autouse=True)
def _installed(environment: Environment, project: Path) -> None:
    environment.install(SQL + PARAMETERS)
    write_settings(project, '"example:parameters" = 2', others=['languages = ["example:sql"]'])
    for number in range(5):
        (project / f"p{number}.py").write_text(f"def p(a, b, c, d):\n    return {number}\n")
        (project / f"q{number}.sql").write_text(make_procedure("q", 8 + number))
    (project / "bad.sql").write_text("procedure bad(a int)\n")


def check_shards(environment: Environment, project: Path, numbers: Sequence[int] = (1, 2)) -> None:
    for number in numbers:
        environment.check(project, "--no-cache", f"--shard={number}/2", f"--report=shard=../{number}.shard")


def merge(environment: Environment, project: Path, *args: str) -> subprocess.CompletedProcess[str]:
    names = ("../1.shard", "../2.shard")
    return environment.run("pytest_antipasta", "report", "merge", *names, *args, cwd=project)


def read(path: Path) -> Any:
    """Return a report without what may differ."""
    return json.loads(path.read_bytes()) | {"run": None}


@pytest.mark.slow
def test_merged_reports_are_those_of_one_run(environment: Environment, project: Path) -> None:
    def name_all(name: str) -> list[str]:
        return [f"--report={form}=../{name}.{form}" for form in ("json", *FORMATS)]

    environment.check(project, "--no-cache", *name_all("whole"))
    check_shards(environment, project)
    done = merge(environment, project, *name_all("merged"))
    assert done.returncode == 1, done.stderr
    folder = project.parent
    assert read(folder / "merged.json") == read(folder / "whole.json")
    for form in FORMATS:
        assert (folder / f"merged.{form}").read_bytes() == (folder / f"whole.{form}").read_bytes(), form


def test_what_no_shard_could_judge_is_not_a_success(environment: Environment, project: Path) -> None:
    environment.uninstall()
    (project / ".antipasta.yaml").write_text("defaults: {}\n")
    check_shards(environment, project)
    done, whole = merge(environment, project), environment.check(project)
    assert done.stdout.splitlines()[:-1] == whole.stdout.splitlines()[:-1]  # without how long it took
    assert "ignored because there is also" in done.stdout
    assert "extension example is not installed" in done.stdout
    assert "no violations in 6 files" in done.stdout
    assert done.returncode == 3


def test_what_an_extension_has_not_measured_counts_as_in_one_run(
    environment: Environment, project: Path
) -> None:
    """In files that are over a limit and in others."""
    environment.install(PARAMETERS.replace("return {", "raise ValueError; return {"))
    limits = ('"example:parameters" = 2', "lines_of_code = 2")
    write_settings(project, *limits, others=['on_error = "warn"'])
    (project / "p0.py").write_text("x = 1\n\n\n")
    check_shards(environment, project)
    environment.check(project, "--no-cache", "--report=json=../whole.json", "--report=sarif=../whole.sarif")
    done = merge(environment, project, "--report=json=../merged.json", "--report=sarif=../merged.sarif")
    folder = project.parent
    for form in ("json", "sarif"):
        assert read(folder / f"merged.{form}") == read(folder / f"whole.{form}")
    files = {file["path"]: file for file in read(folder / "merged.json")["files"]}
    assert files["p0.py"]["violations"]
    assert {file["missing"][0]["severity"] for file in files.values()} == {"warning"}
    assert "not measured by an extension" not in done.stdout


@pytest.mark.slow
def test_a_shard_of_another_version_of_it_is_foreign(environment: Environment, project: Path) -> None:
    check_shards(environment, project, [1])
    environment.install(SQL + PARAMETERS, version="2.0")
    check_shards(environment, project, [2])
    done = merge(environment, project)
    assert done.returncode == 2
    assert (
        done.stderr
        == "error: ../1.shard is from example 1.0; merging needs the same versions; this is example 2.0\n"
    )
    environment.install(PARAMETERS, "other")
    assert "is from example 1.0, other None; merging needs" in merge(environment, project).stderr
