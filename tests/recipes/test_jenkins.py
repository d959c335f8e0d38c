"""The Jenkinsfile: what it gives to the shell is run as Jenkins does; Groovy itself can't be run here."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import Repository
from tests.recipes.conftest import Hosted
from tests.recipes.runner import ROOT, run_shell

if sys.platform == "win32":
    pytest.skip("needs sh", allow_module_level=True)

JENKINSFILE = (ROOT / "examples/jenkins/Jenkinsfile").read_text()


INSTALL, CHECK = re.findall(r"sh '''(.*?)'''", JENKINSFILE, re.DOTALL)


def run_check(clone: Repository, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run all but the installing, where the environment is the one that the tests are run in."""
    (clone.path / ".venv").symlink_to(sys.prefix)
    return run_shell(textwrap.dedent(CHECK), clone.path, variables, "-x")


def test_without_a_package_it_says_what_to_set_and_old_reports_are_gone(tmp_path: Path) -> None:
    for name in ("antipasta.sarif", "antipasta.xml"):
        (tmp_path / name).touch()
    (variable,) = re.findall(r"(ANTIPASTA_PACKAGE) = ''", JENKINSFILE)
    done = run_shell(textwrap.dedent(INSTALL), tmp_path, {variable: ""})
    assert done.returncode != 0
    assert "ANTIPASTA_PACKAGE: set it to what pip installs" in done.stdout
    assert not list(tmp_path.iterdir())


def test_installing_imports_nothing_from_the_checkout(tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    for name in ("logging", "venv", "pip"):
        (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    script = textwrap.dedent(INSTALL).replace(" venv .venv", " venv --help")  # making one takes seconds
    done = run_shell(script, tmp_path, {"ANTIPASTA_PACKAGE": "nothing"})
    assert re.search(r"^usage: .*\bvenv ", done.stdout)
    assert not mark.exists()


@pytest.mark.slow
def test_what_jenkins_has_fetched_will_do(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone("refs/heads/topic", tmp_path / "clone", depth=0)
    clone.git("fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main")
    clone.git("remote", "set-url", "origin", (tmp_path / "gone").as_uri())
    assert "1 function became too complex, in 1 file" in run_check(clone, CHANGE_TARGET="main").stdout


def test_a_target_that_can_not_be_had_is_reported(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone("refs/heads/topic", tmp_path / "clone", depth=0)
    clone.git("remote", "set-url", "origin", (tmp_path / "gone").as_uri())
    done = run_check(clone, CHANGE_TARGET="main")
    assert done.returncode == 2
    assert "origin/main" in done.stdout.splitlines()[-1]


def test_a_pull_request_is_judged_by_what_it_changes(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone("refs/heads/topic", tmp_path / "clone", depth=0)
    done = run_check(clone, CHANGE_TARGET="main")
    assert done.returncode == 1, done.stdout
    assert (
        "1 function became too complex, in 1 file" in done.stdout
        and "1:1  new  cyclomatic 5/2" in done.stdout
    )
    assert len(ElementTree.parse(clone.path / "antipasta.xml").findall(".//failure")) == 1
    assert (clone.path / "antipasta.sarif").is_file()


@pytest.mark.slow
def test_a_branch_is_judged_as_a_whole(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone("refs/heads/main", tmp_path / "clone", depth=0)
    done = run_check(clone)
    assert done.returncode == 1
    assert "2 functions are over a limit, in 2 of 2 files" in done.stdout


@pytest.mark.slow
def test_no_name_of_a_branch_is_run(hosted: Hosted, tmp_path: Path) -> None:
    branch = "a;touch${IFS}pwned;$(touch${IFS}pwned)"
    hosted.git("branch", branch, hosted.began)
    done = run_check(hosted.clone("refs/heads/topic", tmp_path / "clone", depth=0), CHANGE_TARGET=branch)
    assert "1 function became too complex, in 1 file" in done.stdout
    assert not list(tmp_path.rglob("pwned"))


def test_groovy_fills_nothing_in_and_reports_are_those_that_are_written() -> None:
    assert '"' not in re.sub(r"'''.*?'''", "", JENKINSFILE, flags=re.DOTALL), "what Groovy would fill in"
    for name in ("antipasta.xml", "antipasta.sarif"):
        assert f"={name}" in JENKINSFILE and f"'{name}'" in JENKINSFILE
    for opening, closing in ("{}", "()"):
        assert JENKINSFILE.count(opening) == JENKINSFILE.count(closing)
