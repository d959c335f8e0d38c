"""On a file system that ignores case, as those of macOS and Windows, a path has the case that is on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pytest_antipasta.files.locations import spell
from tests.conftest import Program, Repository

BAD = "def f(a):\n" + "    if a: a += 1\n" * 10 + "    return a\n"


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A commit of a file over its limit."""
    folder = repository.path
    (folder / "Shop").mkdir()
    if not (folder / "sHOP").exists():
        pytest.skip("this file system tells names apart by case")
    (folder / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    (folder / "Shop" / "Cart.py").write_text(BAD)
    monkeypatch.chdir(folder)
    repository.git("config", "core.ignoreCase", "true")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "-m", "one")
    return repository


@pytest.mark.parametrize("named", ["shop", "SHOP/CART.PY", "Shop/cart.py", os.path.join("shop", "Cart.py")])
def test_a_path_may_be_typed_in_any_case(project: Repository, program: Program, named: str) -> None:
    said = program("check", "--format", "concise", named, code=1)
    assert said.out.startswith("Shop/Cart.py:1: cyclomatic_complexity")
    program("baseline", "write", named)
    program("check", named)


def test_settings_and_a_baseline_typed_in_another_case_are_those_of_git(
    project: Repository, program: Program
) -> None:
    program("baseline", "write", "--baseline", "Recorded.json")
    Path("Shop/Cart.py").write_text(f"{BAD}\n\ndef g():\n    pass\n")
    project.git("add", ".")
    options = ("--config", "PyProject.TOML", "--baseline", "recorded.JSON")
    said = program("check", "--staged", *options)
    assert "is not staged" not in said.out + said.err


@pytest.mark.parametrize("named", ["SHOP/CART.PY", os.path.join("Shop", "cart.py")])
def test_a_hook_takes_a_path_in_any_case(project: Repository, program: Program, named: str) -> None:
    assert program("hook", named, code=1).out.startswith("Shop/Cart.py\n")
    Path("Shop/Cart.py").write_text(BAD.replace("    return", "    if a: a += 1\n    return"))
    project.git("add", ".")
    assert program("hook", named, code=1).out.startswith("Shop/Cart.py\n")
    program("check", "--staged", named, code=1)


def test_a_baseline_follows_a_file_whose_name_gets_another_case(
    project: Repository, program: Program
) -> None:
    program("baseline", "write")
    project.git("mv", "Shop/Cart.py", "Shop/cart.py")
    assert "1 recorded under another name or path" in program("check").out
    program("baseline", "prune")
    entries = json.loads(Path("antipasta-baseline.json").read_text())["entries"]
    assert entries[0]["path"] == "Shop/cart.py"


def test_a_path_of_the_settings_has_the_case_that_git_knows(project: Repository, program: Program) -> None:
    Path("pyproject.toml").write_text('[tool.pytest-antipasta]\npaths = ["shop"]\n')
    said = program("check", code=2)
    assert 'no such file or folder: "shop"; did you mean "Shop"?' in said.err
    Path("pyproject.toml").write_text('[tool.pytest-antipasta]\npaths = ["./Shop/"]\n')
    program("check", code=1)


def test_settings_around_the_current_folder_are_not_reported_as_ignored(
    project: Repository, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("Shop/pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    monkeypatch.chdir("sHOP")
    said = program("check", "--config", "../pyproject.toml", ".", code=1)
    assert "ignored in this run" not in said.out


def test_a_listed_name_is_found_by_one_in_another_case(tmp_path: Path) -> None:
    """With a second name for a file, and a listing without it."""
    (tmp_path / "Shop").mkdir()
    (tmp_path / "Shop" / "cart.py").touch()
    if not (tmp_path / "Shop" / "CART.PY").exists():
        (tmp_path / "Shop" / "CART.PY").hardlink_to(tmp_path / "Shop" / "cart.py")
    listed = {str(tmp_path): {"Shop"}, str(tmp_path / "Shop"): {"cart.py", "other.py"}}
    typed = os.path.join("Shop", "CART.PY")
    assert spell(str(tmp_path), typed, lambda folder: frozenset(listed[folder])) == os.path.join(
        "Shop", "cart.py"
    )


def test_a_missing_name_is_not_one_in_another_case(tmp_path: Path) -> None:
    (tmp_path / "cART.PY").touch()
    if not (tmp_path / "Cart.py").exists():
        assert spell(str(tmp_path), "Cart.py") == "Cart.py"
    assert spell(str(tmp_path), "other.py") == "other.py"
