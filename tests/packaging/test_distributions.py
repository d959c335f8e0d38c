"""What is built for PyPI: which files, the same bytes each time, and what checkers of packages say of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from pytest_antipasta.runtime.environment import VERSION
from tests.documents.pages import iter_blocks
from tests.packaging.built import ROOT, build, clone, run
from tests.report.browser import give_up

pytestmark = pytest.mark.programs


def list_tracked(*folders: str) -> set[str]:
    """Return the paths that git tracks in some folders of this repository."""
    return set(run("git", "ls-files", "-z", *folders).split("\0")[:-1])


def test_there_is_one_of_each(packages: Sequence[Path]) -> None:
    names = {f"pytest_antipasta-{VERSION}-py3-none-any.whl", f"pytest_antipasta-{VERSION}.tar.gz"}
    assert {path.name for path in packages} == names


def test_a_wheel_has_the_package_and_the_git_hooks(packages: Sequence[Path]) -> None:
    with zipfile.ZipFile(packages[0]) as archive:
        names = set(archive.namelist())
    data = f"pytest_antipasta-{VERSION}.data/data/share/pytest-antipasta"
    about = {name for name in names if name.startswith(f"pytest_antipasta-{VERSION}.dist-info/")}
    assert names - about == {
        *list_tracked("pytest_antipasta"),
        *(f"{data}/{name}" for name in list_tracked("hooks")),
    }
    licences = [name for name in list_tracked("pytest_antipasta") if name.endswith(".LICENSE")]
    assert {name.partition("/licenses/")[2] for name in about} >= {"LICENSE", *licences}


def test_an_sdist_has_all_that_git_tracks(packages: Sequence[Path]) -> None:
    with tarfile.open(packages[1]) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    assert names - {"PKG-INFO"} == list_tracked()


def test_two_builds_have_the_same_bytes(packages: Sequence[Path], tmp_path: Path) -> None:
    again = build(clone(tmp_path), tmp_path / "dist")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in packages]


def test_checkers_find_nothing(packages: Sequence[Path]) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *packages)
    run(sys.executable, "-m", "check_wheel_contents", f"--config={ROOT / 'pyproject.toml'}", packages[0])


def test_classifiers_name_the_pythons_that_all_tests_run_on(packages: Sequence[Path]) -> None:
    named = re.findall(r"^Classifier: .* :: Python :: (3\.\d+)$", read_metadata(packages[0]), re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (tested,) = re.findall(r"for version in (3[\d. ]+); do", script)
    assert named == tested.split()
    assert "Requires-Python: >=3.11\n" in read_metadata(packages[0])


@pytest.mark.usefixtures("packages")  # which says what building needs
def test_links_and_pictures_of_a_description_lead_to_the_repository(tmp_path: Path) -> None:
    """That has no address yet; docs/maintaining.md says where to write it down."""
    pages = (block for block in iter_blocks(ROOT / "docs/maintaining.md") if block.name == "pyproject.toml")
    urls = next(pages).text.replace("OWNER", "someone")
    source = clone(tmp_path)
    with (source / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{urls}")
    metadata = read_metadata(build(source, tmp_path / "dist")[0])
    repository = "https://github.com/someone/pytest-antipasta"
    assert f"Project-URL: Source, {repository}\n" in metadata
    links = re.findall(r"\]\(([^)]+)\)", metadata)
    assert f"{repository}/blob/v{VERSION}/docs/errors.md" in links
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    pictures = re.findall(r"\bsrc(?:set)?=\"([^\"]+)\"", metadata)
    assert f"{repository}/raw/v{VERSION}/docs/pictures/commit-light.svg" in pictures
    assert [picture for picture in pictures if not picture.startswith(f"{repository}/raw/")] == []
    for owner, code in (("someone", 0), ("other", 1)):
        environment = {**os.environ, "GITHUB_REPOSITORY": f"{owner}/pytest-antipasta"}
        environment["GITHUB_SERVER_URL"] = "https://github.com"
        done = subprocess.run(["bash", "-c", find_step("compare the address")], cwd=source, env=environment)
        assert done.returncode == code


def find_step(name: str) -> str:
    """Return the command of a step of the release, by how its name begins."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["build"]["steps"]
    (command,) = (step["run"] for step in steps if step.get("name", "").startswith(name))
    return str(command)


def read_metadata(wheel: Path) -> str:
    """Return what a wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"pytest_antipasta-{VERSION}.dist-info/METADATA").decode()


def test_the_tag_of_a_release_is_compared_with_this_version() -> None:
    if find_spec("hatchling") is None:
        give_up("needs `pip install -e '.[lint]'`")
    command = "python -m hatchling version"
    assert command in (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert run(sys.executable, *command.split()[1:]).strip() == VERSION
