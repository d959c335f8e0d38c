"""What is built for PyPI: which files, the same bytes each time, and what checkers of packages say of it."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from pytest_antipasta.runtime import VERSION
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


def test_the_tag_of_a_release_is_compared_with_this_version() -> None:
    if find_spec("hatchling") is None:
        give_up("needs `pip install -e '.[lint]'`")
    command = "python -m hatchling version"
    assert command in (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert run(sys.executable, *command.split()[1:]).strip() == VERSION
