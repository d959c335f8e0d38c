"""``templates/antipasta.yml``: its script is run as GitLab's runner runs it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.conftest import Repository
from tests.recipes.conftest import Hosted, commit_store
from tests.recipes.runner import BIN, ROOT, run_shell

if sys.platform == "win32":
    pytest.skip("needs sh", allow_module_level=True)


@pytest.fixture(scope="module")
def job() -> dict[str, Any]:
    """The template's job."""
    (found,) = yaml.safe_load((ROOT / "templates/antipasta.yml").read_text()).values()
    job: dict[str, Any] = found
    return job


def run_job(job: dict[str, Any], clone: Repository, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run all but the installing."""
    install, *script = job["script"]
    assert install.startswith("pip install ")
    known = {"CI_PROJECT_DIR": str(clone.path), "CI_COMMIT_SHA": clone.git("rev-parse", "HEAD").strip()}
    own = {
        name: value.replace("$CI_PROJECT_DIR", known["CI_PROJECT_DIR"])
        for name, value in job["variables"].items()
    }
    return run_shell("\n".join(script), clone.path, {**known, **own, **variables})


def read_places(clone: Repository) -> list[str]:
    """Return where the report for GitLab has violations."""
    report = json.loads((clone.path / "gl-code-quality-report.json").read_bytes())
    return [f"{one['location']['path']}:{one['location']['lines']['begin']}" for one in report]


def test_a_merge_request_is_judged_by_what_it_changes(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path
) -> None:
    clone = hosted.clone("refs/heads/topic", tmp_path / "clone")
    done = run_job(job, clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=hosted.began)
    assert done.returncode == 1, done.stdout
    assert "1 function became too complex, in 1 file" in done.stdout
    assert read_places(clone) == ["old.py:1", "sub/new.py:1"], "what GitLab compares with the target's"
    names = ["antipasta.md", *job["artifacts"]["reports"].values()]
    assert all((clone.path / name).exists() for name in names)
    failures = ElementTree.parse(clone.path / "antipasta.xml").findall(".//failure")
    assert len(failures) == 1


def test_where_both_are_merged_the_target_is_what_it_is_compared_with(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path
) -> None:
    clone = hosted.clone("refs/pull/1/merge", tmp_path / "clone")
    bases = {
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": hosted.began,
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": hosted.head("main"),
    }
    done = run_job(job, clone, **bases)
    assert done.returncode == 1, done.stdout
    assert (
        "1 function became too complex, in 1 file" in done.stdout
        and "sub/new.py\n    1:1  new  " in done.stdout
    )
    assert read_places(clone) == ["old.py:1", "other.py:1", "sub/new.py:1"]


def test_without_a_package_it_says_what_to_set(job: dict[str, Any], tmp_path: Path) -> None:
    done = run_shell(job["script"][0], tmp_path, job["variables"])
    assert done.returncode != 0
    assert "ANTIPASTA_PACKAGE: set it to what pip installs" in done.stdout


def test_a_branch_is_judged_as_a_whole_and_its_artifacts_are_written_though_it_fails(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv("PYTEST_ANTIPASTA_LOG_FILE", str(log))
    clone = hosted.clone("refs/heads/main", tmp_path / "clone")
    assert run_job(job, clone, CI_MERGE_REQUEST_DIFF_BASE_SHA="").returncode == 1
    assert read_places(clone) == ["old.py:1", "other.py:1"]
    artifacts = job["artifacts"]
    assert artifacts["when"] == job["cache"]["when"] == "always"
    named = [*artifacts["paths"], *artifacts["reports"].values(), *job["cache"]["paths"]]
    assert [name for name in named if not (clone.path / name).exists()] == []
    run_job(job, clone)
    assert log.read_text().rpartition("; ")[2].startswith("2 hits, 0 misses")


@pytest.mark.parametrize("as_link", [False, True], ids=["files", "a link"])
def test_a_store_that_is_committed_fails_the_job(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path, as_link: bool
) -> None:
    clone = hosted.clone("refs/heads/main", tmp_path / "clone")
    commit_store(clone, as_link=as_link)
    done = run_job(job, clone)
    assert (done.returncode, "error: git tracks .cache/antipasta" in done.stdout) == (2, True)


def test_options_and_paths_are_separated_by_spaces(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path
) -> None:
    clone = hosted.clone("refs/heads/topic", tmp_path / "clone")
    done = run_job(job, clone, ANTIPASTA_ARGS="sub ;touch$IFS'pwned' --limit cyclomatic_complexity=9")
    assert "no such file or folder: ;touch$IFS'pwned'" in done.stdout
    assert not list(tmp_path.rglob("pwned"))
    done = run_job(job, clone, ANTIPASTA_ARGS="sub --limit cyclomatic_complexity=9")
    assert "no violations; 1 of 3 files checked, limited to `sub`" in done.stdout
    assert done.returncode == 0


def test_history_that_can_not_be_had_is_reported_with_what_to_do(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path
) -> None:
    clone = hosted.clone("refs/heads/topic", tmp_path / "clone")
    clone.git("remote", "set-url", "origin", (tmp_path / "gone").as_uri())
    done = run_job(job, clone, CI_MERGE_REQUEST_DIFF_BASE_SHA=hosted.began)
    assert done.returncode == 2
    assert "this is a shallow clone: `git fetch " in done.stdout


def test_the_example_changes_what_there_is(job: dict[str, Any]) -> None:
    example = yaml.safe_load((ROOT / "examples/gitlab/.gitlab-ci.yml").read_text())
    (include,) = example["include"]
    assert (ROOT / include["remote"].partition("COMMIT/")[2]).is_file()
    assert set(example["antipasta"]) <= set(job)
    assert set(example["antipasta"]["variables"]) <= set(job["variables"])


@pytest.mark.slow
def test_the_example_beside_tests_writes_its_reports(pytester: pytest.Pytester) -> None:
    tests = yaml.safe_load((ROOT / "examples/gitlab/.gitlab-ci.yml").read_text())["tests"]
    install, command = tests["script"]
    assert install.startswith("pip install ")
    folder = pytester.path
    for name in ("pyproject.toml", "src/fares.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text((ROOT / "examples/gitlab" / name).read_text())
    alone = "-p no:randomly -p no:sugar -p no:pytest_jsonreport -p no:html -p no:rerunfailures"
    program, *arguments = shlex.split(command)
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_ADDOPTS": alone},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    reports = tests["artifacts"]["reports"]
    assert json.loads((folder / reports["codequality"]).read_bytes()) == []
    assert len(ElementTree.parse(folder / reports["junit"]).findall(".//testcase")) == 1


def test_a_baseline_that_allows_more_than_the_code_needs_fails_where_that_is_asked_for(
    job: dict[str, Any], hosted: Hosted, tmp_path: Path
) -> None:
    hosted.record_old(value=9)
    clone = hosted.clone("refs/heads/main", tmp_path / "clone")
    assert run_job(job, clone).returncode == 0
    done = run_job(job, clone, ANTIPASTA_TIGHT_BASELINE="true")
    assert (done.returncode, "allows 9, the code has 5" in done.stdout) == (1, True), done
