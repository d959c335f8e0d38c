"""Over generated edits: a check passes after a commit that the gate lets pass, and after no other."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, note, seed, settings
from hypothesis import strategies as st

from pytest_antipasta.cli import main
from tests.gate.conftest import SETTINGS
from tests.gate.edits import Project, edited, projects, write


@st.composite
def histories(draw: st.DrawFn) -> list[Project]:
    """A project and what became of it, in one commit or two."""
    sides = [draw(projects)]
    for _ in range(draw(st.integers(1, 2))):
        sides.append(draw(edited(sides[-1])))
    return sides


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with nothing but settings."""
    folder = tmp_path_factory.mktemp("edits")
    git(folder, "init", "--quiet")
    (folder / "pyproject.toml").write_text(SETTINGS.format(""))
    return folder


def git(folder: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True)


def replace_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files of a side, stage them, and take away those of others."""
    for old in folder.rglob("*.py"):
        old.unlink()
    for path, data in contents.items():
        note(f"--- {path}\n{data.decode()}")
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)
    git(folder, "add", "--all")


def say(folder: Path, *args: str) -> int:
    """Run our command line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return main([*args, "--no-cache"])


# Always the same ones: a rare difference is for fuzzing to find, and not for who happens to run the tests.
@seed(2)
@settings(
    max_examples=10,
    database=None,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(sides=histories(), is_pruned=st.booleans())
def test_of_generated_edits(folder: Path, sides: list[Project], is_pruned: bool) -> None:
    replace_files(folder, write(sides[0]))
    (folder / "antipasta-baseline.json").unlink(missing_ok=True)
    assert say(folder, "baseline", "write", "--quiet") == 0
    for side in sides[1:]:
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", "a commit")
        replace_files(folder, write(side))
        gate, check = say(folder, "hook"), say(folder, "check", "--quiet")
        event(f"fails: {bool(gate)}")
        assert gate == check
        if gate:
            return
        if is_pruned:
            assert say(folder, "baseline", "prune", "--quiet") == 0
            assert say(folder, "check", "--quiet") == 0
