"""``--antipasta-shard``: a part of the source files, and all tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.plugin.conftest import FAILING, PASSING, Project, outcomes, told

FILES = {"bad.py": FAILING, **{f"good_{number}.py": PASSING for number in range(7)}}


@pytest.fixture
def tree(project: Project) -> Project:
    """Eight files, one of which fails."""
    project.write(FILES)
    return project


def check_shards(tree: Project, of: int, *args: str) -> list[Mapping[str, str]]:
    """Return the outcomes of all shards."""
    return [tree.check(f"--antipasta-shard={number}/{of}", *args) for number in range(1, of + 1)]


def test_each_file_is_in_one_shard(tree: Project, workers: list[str]) -> None:
    shards = check_shards(tree, 2, *workers)
    assert sum(map(len, shards)) == 8
    assert {name: outcome for shard in shards for name, outcome in shard.items()} == tree.check()
    assert all(shards)


def test_the_others_are_deselected(tree: Project) -> None:
    result = tree.run("--antipasta-only", "--antipasta-shard=1/3")
    own = len(outcomes(result))
    assert 0 < own < 8
    assert f"collected 8 items / {8 - own} deselected / {own} selected" in result.outlines
    assert told(result)[0].endswith(f"; {own} of 8 files checked, limited to `shard 1/3`")
    listed = tree.run("--antipasta-only", "--antipasta-shard=1/3", "--collect-only", "-q")
    assert [line for line in listed.outlines if line.endswith("::antipasta")] == sorted(outcomes(result))


def test_tests_are_none_of_its_business(tree: Project) -> None:
    tree.write({"test_it.py": "def test_one(): pass\n\ndef test_two(): pass\n"})
    for number in (1, 2):
        found = outcomes(tree.run("--antipasta", f"--antipasta-shard={number}/2"))
        tests = {name for name in found if not name.endswith("::antipasta")}
        assert tests == {"test_it.py::test_one", "test_it.py::test_two"}
        assert 0 < len(found) - 2 < 9


@pytest.mark.slow
def test_the_last_failed_of_a_shard_are_run_again(tree: Project) -> None:
    shards = check_shards(tree, 2)
    number = next(number for number, shard in enumerate(shards, 1) if "bad.py::antipasta" in shard)
    shard = f"--antipasta-shard={number}/2"
    tree.check(shard)
    assert tree.check(shard, "--lf", "-n", "1") == {"bad.py::antipasta": "failed"}
    assert set(tree.check(shard, "-k", "not bad")) == set(shards[number - 1]) - {"bad.py::antipasta"}
    # What failed in another shard is not forgotten, and not run.
    other = f"--antipasta-shard={3 - number}/2"
    assert tree.check(other, "--lf") == shards[2 - number]
    assert tree.check("--lf") == {"bad.py::antipasta": "failed"}


def test_a_shard_without_files_is_a_good_one(tree: Project) -> None:
    empty = next(number for number in range(1, 41) if not tree_has(tree, number))
    result = tree.run("--antipasta-only", f"--antipasta-shard={empty}/40")
    assert result.ret == 0
    assert told(result)[0] == f"warning: 0 of 8 files, limited to `shard {empty}/40`: nothing was checked"


def tree_has(tree: Project, number: int) -> bool:
    """Whether a shard of forty has a file, by the command line, which divides alike."""
    path = tree.path / "shard.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tree.path)
        main(["check", "--quiet", f"--shard={number}/40", f"--report=json={path}"])
    return bool(json.loads(path.read_bytes())["files"])


def test_its_report_can_be_merged_with_those_of_the_command_line(
    tree: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree.path)
    main(["check", "--quiet", "--shard=1/2", "--report=shard=../1.shard"])
    options = ("--antipasta-shard=2/2", "--antipasta-report=shard=../2.shard", "-n", "1")
    tree.run("--antipasta-only", *options)
    assert main(["report", "merge", "../2.shard", "../1.shard", "--report=json=../merged.json"]) == 1
    main(["check", "--quiet", "--report=json=../whole.json"])
    merged, whole = (
        {**json.loads((tree.path.parent / name).read_bytes())} for name in ("merged.json", "whole.json")
    )
    assert without_run(merged) == without_run(whole)
    assert merged["run"]["complete"]


def report_alone(tree: Project, name: str, *args: str) -> Path:
    """Return the report of a run that knows nothing of others, as on a machine of its own."""
    shutil.rmtree(tree.path / ".pytest_cache", ignore_errors=True)
    path = tree.path.parent / name
    tree.run("--antipasta-only", f"--antipasta-report={path.suffix[1:]}={path}", *args)
    return path


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["-k", "not bad"], id="files of one shard are deselected"),
        pytest.param(["-k", "nothing"], id="all files are", marks=pytest.mark.slow),
        pytest.param(["--lf"], id="nothing has failed yet", marks=pytest.mark.slow),
    ],
)
def test_what_pytest_deselects_is_reported_as_in_one_run(tree: Project, args: Sequence[str]) -> None:
    shards = [
        report_alone(tree, f"{number}.shard", f"--antipasta-shard={number}/2", *args) for number in (1, 2)
    ]
    path = tree.path.parent / "merged.json"
    main(["report", "merge", *map(str, shards), f"--report=json={path}"])
    merged, whole = (
        json.loads(each.read_bytes()) for each in (path, report_alone(tree, "whole.json", *args))
    )
    assert without_run(merged) == without_run(whole)
    for key in ("narrowed_by", "complete", "stopped", "total"):
        assert merged["run"][key] == whole["run"][key], key


def test_a_shard_with_other_options_of_pytest_is_foreign(
    tree: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    one = report_alone(tree, "one.shard", "--antipasta-shard=1/2")
    two = report_alone(tree, "two.shard", "--antipasta-shard=2/2", "-k", "py")  # which leaves no file out
    assert main(["report", "merge", str(one), str(two)]) == 2
    assert f"{two} does not belong to {one}: different files were requested" in capsys.readouterr().err


def without_run(report: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in report.items() if name != "run"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["--antipasta-only", "--antipasta-shard=3/2"],
            "ERROR: expected a shard such as 2/5, from 1/1 to 1000/1000, got '3/2'",
        ),
        (["--antipasta-shard=1/2"], "ERROR: --antipasta-shard needs --antipasta or --antipasta-only"),
    ],
)
def test_wrong_usage_is_reported(tree: Project, args: Sequence[str], message: str) -> None:
    result = tree.run(*args)
    assert result.ret == 4
    assert message in result.stderr.lines
