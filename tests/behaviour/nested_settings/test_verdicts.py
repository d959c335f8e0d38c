"""``nested = true``: the settings nearest to a file count, in whichever way it is judged."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from pytest_antipasta import check
from pytest_antipasta.cli import main
from pytest_antipasta.model.judged import Verdict, Violation
from tests.behaviour.nested_settings.conftest import INNER, LIMITS, PROJECT, YAML, write
from tests.commits import commit_all
from tests.conftest import Repository
from tests.forked import ForkedPython

METRIC = "cyclomatic_complexity"
OVER = {path: [f"f{number}" for number in range(limit + 1, 7)] for path, limit in LIMITS.items()}


def find_over(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Return the functions that are too complex, by file."""
    return {
        verdict.path: [one.qualified_name or "" for one in verdict.violations if one.metric == METRIC]
        for verdict in verdicts
    }


def say(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """Run our command line; return its exit code and all that it has printed."""
    capsys.readouterr()
    code = main(args)
    out, err = capsys.readouterr()
    return code, out + err


def report(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, list[str]]:
    """Return what a command's JSON report says is too complex."""
    capsys.readouterr()
    main([*args, "--format=json"])
    return read(capsys.readouterr().out)


def read(text: str | bytes) -> dict[str, list[str]]:
    """Return what a JSON report says is too complex."""
    return {
        file["path"]: [one["qualified_name"] for one in file["violations"] if one["metric"] == METRIC]
        for file in json.loads(text)["files"]
    }


@pytest.mark.parametrize("jobs", [0, 2])
def test_each_file_has_the_limits_of_the_nearest(monorepo: Repository, jobs: int) -> None:
    assert find_over(check(jobs=jobs).files) == OVER
    assert find_over(check(jobs=jobs).files) == OVER, "with numbers from the store"


def test_the_verdict_is_that_of_a_run_in_the_project(monorepo: Repository) -> None:
    """Of every number, not of the cyclomatic complexity alone, and of every file that both look at."""
    whole = {verdict.path: verdict.violations for verdict in check().files}
    for project in (PROJECT, INNER, YAML):
        own: dict[str, Sequence[Violation]] = {
            f"{project}/{verdict.path}": verdict.violations for verdict in check(root=project).files
        }
        both = whole.keys() & own.keys()
        assert both == {path for path in whole if path.startswith(f"{project}/")}
        assert {path: whole[path] for path in both} == {path: own[path] for path in both}, project


def test_a_run_over_some_files_knows_what_is_around_them(monorepo: Repository) -> None:
    for path in (PROJECT, f"{PROJECT}/c.py", f"{YAML}/no_settings/e.py"):
        found = find_over(check([path]).files)
        assert found == {name: over for name, over in OVER.items() if name.startswith(path)}, path


def test_a_file_that_is_named_is_judged_though_its_project_leaves_it_out(monorepo: Repository) -> None:
    assert find_over(check([f"{PROJECT}/gen/c.py"]).files) == {f"{PROJECT}/gen/c.py": ["f5", "f6"]}


def test_off_is_the_default(monorepo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    settings = monorepo.path / "pyproject.toml"
    settings.write_text(settings.read_text().replace("nested = true\n", ""))
    code, said = say(capsys, "check")
    assert code == 1
    assert f"{PROJECT}/c.py\n   10:1  f4  cyclomatic 4/3\n" in said
    assert "or set `nested = true` in the root's settings" in said


def test_an_editor_s_content_has_them(
    monorepo: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def type_in(*args: str) -> dict[str, list[str]]:
        with open(monorepo.path / "a.py") as text:
            monkeypatch.setattr(sys, "stdin", text)
            return report(capsys, "check", "-", *args)

    for path in (f"{PROJECT}/new.py", f"{INNER}/new/new.py", f"{YAML}/e.py", "new.py"):
        limit = {PROJECT: 4, INNER: 10, YAML: 2, "": 3}[os.path.dirname(path).removesuffix("/new")]
        assert type_in("--stdin-filename", path) == {path: [f"f{one}" for one in range(limit + 1, 7)]}
    assert type_in("--force-exclude", "--stdin-filename", f"{PROJECT}/gen/c.py") == {}


def test_pytest_has_them(
    monorepo: Repository, workers: list[str], tmp_path: Path, forked_python: ForkedPython
) -> None:
    place = tmp_path / "report.json"
    options = ("--antipasta-only", f"--antipasta-report=json={place}", *workers)
    assert forked_python.run("pytest", options, monorepo.path, os.environ).returncode == 1
    assert read(place.read_bytes()) == OVER


def test_the_limits_of_a_command_line_hold_everywhere(
    monorepo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    everywhere = {path: ["f6"] for path in OVER}
    assert report(capsys, "check", "--limit", f"{METRIC}=5") == everywhere
    assert find_over(check(limits={METRIC: 5}).files) == everywhere
    monorepo.git("add", ".")
    assert report(capsys, "check", "--staged", "--limit", f"{METRIC}=5") == everywhere


def test_what_a_command_line_leaves_out_no_project_takes_back(monorepo: Repository) -> None:
    assert main(["check", "-q", "--exclude", "kept_pb2.py", f"{PROJECT}/deep"]) == 1
    assert main(["check", "-q", "--exclude", "*.py"]) == 0


def test_a_metric_that_a_project_limits_can_be_asked_for(
    monorepo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (monorepo.path / INNER / "pyproject.toml").read_text()
    write(monorepo, f"{INNER}/pyproject.toml", f"{text}blank_lines = {{ limit = 1, comparison = '>=' }}\n")
    code, said = say(capsys, "check", "--metric", "blank_lines")
    assert code == 1
    assert f"{INNER}/d.py\n   file  blank lines 0, must be >= 1\n" in said


def test_a_report_has_the_limits_of_each_file(
    monorepo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "--format=json"])
    overrides = json.loads(capsys.readouterr().out)["run"]["overrides"]
    found = {path: one["limits"][METRIC]["limit"] for one in overrides for path in one["files"]}
    assert found == {path: limit for path, limit in LIMITS.items() if path not in ("a.py", "packages/b.py")}


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        pytest.param(METRIC, "", {}, id="named outside"),
        pytest.param("", METRIC, {METRIC: -2}, id="named inside"),
        pytest.param(METRIC, METRIC, {METRIC: -2}, id="named in both"),
    ],
)
def test_reports_know_what_the_nearest_settings_limit_in_generated_files(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    outer: str,
    inner: str,
    expected: dict[str, int],
) -> None:
    source = "# Generated by a program. Do not edit.\ndef f(a):\n" + "    if a: a += 1\n" * 11
    for name, metric in (("pyproject.toml", outer), ("inner/pyproject.toml", inner)):
        named = f"[tool.pytest-antipasta.thresholds]\n{metric} = 10\n" if metric else ""
        write(repository, name, f"[tool.pytest-antipasta]\nnested = true\n{named}")
    write(repository, "inner/gen.py", source)
    write(repository, "a.py", "x = 1\n")
    monkeypatch.chdir(repository.path)
    names = ["1.shard", "2.shard"]
    for number, name in enumerate(names, 1):
        main(["check", "-q", "--shard", f"{number}/2", "--report", f"shard={name}"])
    main(["report", "merge", "-q", *names, "--report", "json=a.json"])
    (file,) = (one for one in json.loads(Path("a.json").read_bytes())["files"] if one["path"] != "a.py")
    (block,) = file["blocks"]
    assert {name: value for name, value in block["headroom"].items() if name == METRIC} == expected
    assert bool(file["violations"]) == bool(expected)


def test_shards_are_of_one_run(monorepo: Repository, tmp_path: Path) -> None:
    """Wherever the tree is, and not where a project has other limits."""

    def run_shard(number: int, name: str) -> str:
        place = tmp_path / f"{name}{number}.shard"
        main(["check", "--shard", f"{number}/2", "--output", str(place)])
        return str(place)

    one, other = (run_shard(number, "now") for number in (1, 2))
    assert main(["report", "merge", one, other, "--report", f"json={tmp_path}/whole.json"]) == 1
    assert read((tmp_path / "whole.json").read_bytes()) == OVER
    write(monorepo, f"{INNER}/pyproject.toml", "[tool.pytest-antipasta]\n")
    assert main(["report", "merge", one, run_shard(2, "later"), "--report", f"json={tmp_path}/x.json"]) == 2


def test_a_baseline_records_by_them(monorepo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    write(monorepo, f"{PROJECT}/antipasta-baseline.json", "")
    assert main(["baseline", "write", "-q"]) == 0
    recorded = json.loads((monorepo.path / "antipasta-baseline.json").read_text())
    entries = filter(None, recorded["entries"])
    paths = [entry["path"] for entry in entries if entry["metric"] == METRIC]
    assert {path: paths.count(path) for path in set(paths)} == {
        path: len(over) for path, over in OVER.items() if over
    }
    code, said = say(capsys, "check")
    assert code == 0
    told = f"baselines ignored in this run: {PROJECT}/antipasta-baseline.json; "
    assert f"{told}all files use antipasta-baseline.json" in said


@pytest.fixture
def moved(monorepo: Repository) -> str:
    """A function that is recorded, and gone from where it was."""
    text = "def g(a):\n    if a: a += 1\n    if a: a += 1\n    return a or 1\n"
    write(monorepo, "libraries/old.py", text)
    assert main(["baseline", "write", "-q"]) == 0
    (monorepo.path / "libraries/old.py").unlink()
    return text


@pytest.mark.parametrize("asked", ["libraries/new.py", "."])
def test_what_has_moved_is_followed_by_them(monorepo: Repository, moved: str, asked: str) -> None:
    """An entry goes to no function that its project lets be, whatever files a run is over."""
    write(monorepo, f"{INNER}/new.py", moved)
    write(monorepo, "libraries/new.py", moved.replace("g(", "h("))
    assert main(["check", "-q", asked]) == 0


def test_the_past_is_judged_by_them(monorepo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    (monorepo.path / INNER / "pyproject.toml").unlink()
    commit_all(monorepo.path, "one")

    def count() -> int:
        capsys.readouterr()
        assert main(["trend", "--format=json", "--metric", METRIC]) == 0
        violations: int = json.loads(capsys.readouterr().out)["commits"][-1]["violations"]
        return violations

    whole = sum(map(len, OVER.values()))
    assert count() == whole + 2 * len(["f5", "f6"])
    write(monorepo, f"{INNER}/pyproject.toml", f"[tool.pytest-antipasta]\nthresholds.{METRIC} = 10\n")
    assert count() == whole
