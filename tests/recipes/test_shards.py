"""The recipes for shards: jobs that check a part each, and one that merges their reports."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Repository
from tests.recipes.conftest import GOOD, Hosted, commit_store
from tests.recipes.runner import ROOT, GitHub, Step, run_shell
from tests.recipes.test_action import RunJob, describe_pull_request, describe_push
from tests.recipes.test_action import forked_programs as forked_programs
from tests.recipes.test_action import run_job as run_job

if sys.platform == "win32":
    pytest.skip("needs sh and bash", allow_module_level=True)

TEMPLATE = yaml.safe_load((ROOT / "templates/antipasta-shards.yml").read_text())
FILES = {f"part_{number}.py": GOOD.format("good") for number in range(8)}


@pytest.fixture
def clone(hosted: Hosted, tmp_path: Path) -> Repository:
    """A clone of main with two files that fail and eight that don't."""
    hosted.commit(*chain.from_iterable(FILES.items()))
    return hosted.clone("refs/heads/main", tmp_path / "clone")


def make_job(name: str) -> dict[str, Any]:
    """Return a job of the template with what it extends."""
    job = TEMPLATE[name]
    return {**TEMPLATE[job["extends"]], **job}


def run_gitlab(name: str, clone: Repository, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a job, all but the installing."""
    job = make_job(name)
    own = {key: value.replace("$CI_PROJECT_DIR", str(clone.path)) for key, value in job["variables"].items()}
    script = [*job["before_script"][1:], *job["script"]]
    return run_shell("\n".join(script), clone.path, {**own, **variables})


def run_gitlab_shard(
    clone: Repository, number: int, of: int, **variables: str
) -> subprocess.CompletedProcess[str]:
    place = {"CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(of)}
    return run_gitlab("antipasta-shards", clone, **place, **variables)


def test_gitlab_shards_are_merged(clone: Repository) -> None:
    of = make_job("antipasta-shards")["parallel"]
    shards = [run_gitlab_shard(clone, number, of) for number in range(1, of + 1)]
    assert [done.returncode for done in shards] == [0] * 5, "though two have found something"
    assert sum(" over a limit, in 1 file" in done.stdout for done in shards) in (1, 2)
    done = run_gitlab("antipasta", clone)
    assert done.returncode == 1, done.stdout
    assert "2 of 10 functions are over a limit, in 2 of 10 files" in done.stdout
    report = json.loads((clone.path / "gl-code-quality-report.json").read_bytes())
    assert [one["location"]["path"] for one in report] == ["old.py", "other.py"]
    artifacts = make_job("antipasta")["artifacts"]
    assert artifacts["when"] == "always"
    named = [*artifacts["paths"], *artifacts["reports"].values()]
    assert [name for name in named if not (clone.path / name).exists()] == []


def test_gitlab_shards_keep_their_own_measurements(clone: Repository) -> None:
    job = make_job("antipasta-shards")
    assert job["cache"]["key"] == "antipasta-$CI_NODE_INDEX"
    assert job["variables"]["PYTEST_ANTIPASTA_CACHE_DIR"] == f"$CI_PROJECT_DIR/{job['cache']['paths'][0]}"
    assert job["artifacts"]["paths"] == ["*.shard"]


def test_a_store_that_is_committed_fails_the_gitlab_shards(clone: Repository) -> None:
    commit_store(clone)
    done = run_gitlab_shard(clone, 1, 5)
    assert (done.returncode, "error: git tracks .cache/antipasta" in done.stdout) == (2, True)


def test_a_gitlab_shard_fails_that_has_judged_nothing(clone: Repository) -> None:
    (clone.path / "pyproject.toml").write_text("[tool.pytest-antipasta]\npathz = []\n")
    assert run_gitlab_shard(clone, 1, 5).returncode == 2
    assert run_gitlab("antipasta", clone).returncode == 2, "as there is nothing to merge"


def test_gitlab_passes_options_to_each_shard(clone: Repository) -> None:
    done = run_gitlab_shard(clone, 1, 1, ANTIPASTA_ARGS="--limit cyclomatic_complexity=9 .")
    assert "no violations; 10 files checked, limited to `shard 1/1`" in done.stdout


def run_github_shards(
    run_job: RunJob, clone: Repository, github: dict[str, Any]
) -> list[tuple[GitHub, dict[str, Step]]]:
    """Run the jobs of the matrix, and put their reports where the last job downloads them to."""
    done = [run_job(clone, github, shard=f"{number}/3", sarif="true", comment="true") for number in (1, 2, 3)]
    (clone.path / "shards").mkdir()
    for runner, _ in done:
        for path in Path(runner.outputs["reports"]).glob("*.shard"):
            path.rename(clone.path / "shards" / path.name)
    return done


def check_shards(shards: list[tuple[GitHub, dict[str, Step]]]) -> None:
    """Compare what each shard has done, which passes whatever it finds."""
    for runner, steps in shards:
        assert steps["Check"].outcome == steps["Keep measurements"].outcome == "success"
        assert steps["Summarise"].outcome == steps["Upload to code scanning"].outcome == "skipped"
        assert "::error" not in steps["Check"].said
        assert runner.outputs["exit-code"] in ("0", "1")
    keys = {steps["Keep measurements"].given["key"] for _, steps in shards}
    assert keys == {f"antipasta-Linux-3.13-.-{number}/3-0123" for number in (1, 2, 3)}


def test_github_shards_are_merged_and_a_missing_one_is_named(clone: Repository, run_job: RunJob) -> None:
    check_shards(run_github_shards(run_job, clone, describe_push()))
    runner, steps = run_job(clone, describe_push(), merge="shards", sarif="true")
    assert steps["Check"].outcome == "failure"
    assert "2 of 10 functions are over a limit, in 2 of 10 files" in steps["Check"].said
    assert "::error title=Too complex%3A old 5/2,file=old.py,line=1,endLine=10::" in steps["Check"].said
    assert "### antipasta: 2 functions are over a limit" in steps["Summarise"].summary
    assert steps["Upload to code scanning"].outcome == "success"
    assert steps["Restore measurements"].outcome == steps["Keep measurements"].outcome == "skipped"
    assert runner.outputs["exit-code"] == "1"
    names = sorted(path.name for path in Path(runner.outputs["reports"]).iterdir())
    assert names == [f"antipasta.{kind}" for kind in ("json", "md", "sarif", "xml")]
    (clone.path / "shards/2.shard").unlink()
    runner, steps = run_job(clone, describe_push(), merge="shards")
    assert steps["Check"].outcome == "failure"
    assert "error: no report of shard 2/3;" in steps["Check"].said
    assert (runner.outputs["exit-code"], runner.outputs["reports"]) == ("2", "")


@pytest.mark.slow
def test_a_pull_request_in_shards_is_judged_by_what_it_changes(
    hosted: Hosted, run_job: RunJob, tmp_path: Path
) -> None:
    clone = hosted.clone("refs/pull/1/merge", tmp_path / "clone")
    run_github_shards(run_job, clone, describe_pull_request())
    _, steps = run_job(clone, describe_pull_request(), merge="shards", sarif="true")
    assert steps["Check"].outcome == "failure"
    assert steps["Upload to code scanning"].outcome == "skipped", "as it is not of the whole tree"
    assert (
        "1 function became too complex, in 1 file; 2 files checked, limited to `--diff origin/main`"
        in steps["Check"].said
    )


def test_a_github_shard_fails_that_has_judged_nothing(clone: Repository, run_job: RunJob) -> None:
    (clone.path / "pyproject.toml").write_text("[tool.pytest-antipasta]\npathz = []\n")
    runner, steps = run_job(clone, describe_push(), shard="1/3")
    assert steps["Check"].outcome == "failure"
    assert (runner.outputs["exit-code"], runner.outputs["reports"]) == ("2", "")


def test_the_workflow_gives_what_the_action_takes() -> None:
    path = ROOT / "examples/github/.github/workflows/shards.yml"
    jobs = yaml.safe_load(path.read_text())["jobs"]
    shards, last = jobs["shards"], jobs["complexity"]
    (check,) = (step for step in shards["steps"] if "antipasta@" in step.get("uses", ""))
    (merge,) = (step for step in last["steps"] if "antipasta@" in step.get("uses", ""))
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    assert {*check["with"], *merge["with"]} <= set(inputs)
    assert check["with"]["shard"] == "${{ matrix.shard }}/${{ strategy.job-total }}"
    assert shards["strategy"]["matrix"] == {"shard": [1, 2, 3, 4, 5]}
    assert last["needs"] == "shards"
    (download,) = (step["with"] for step in last["steps"] if "download-artifact" in step.get("uses", ""))
    (upload,) = (step["with"] for step in shards["steps"] if "upload-artifact" in step.get("uses", ""))
    assert merge["with"]["merge"] == download["path"]
    assert upload["name"].startswith(download["pattern"].removesuffix("*")) and download["merge-multiple"]
