"""What limits to choose from would mean for a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.metrics.notebook.making import make_notebook


def make(name: str, points: int, end: str = "a") -> str:
    branches = "".join(f"    if a == {number}: pass\n" for number in range(points))
    return f"def {name}(a):\n{branches}    return {end}\n"


@pytest.fixture
def tree(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Functions of 11, 16, 21 and 26 cognitive points, of which two were edited; the current folder."""
    monkeypatch.chdir(repository.path)
    for step in range(2):
        for points in (11, 16, 21, 26):
            end = str(step) if points in (16, 26) else "a"
            Path(f"m{points}.py").write_text(make("f", points, end))
        Path("test_m.py").write_text(make("test_f", 30))
        commit_all(repository.path, "x", 1_700_000_000 + step)
    return repository.path


TABLE = """\
over a limit    functions    lines  changed in the last year
cognitive 10            5      114                         2
cognitive 15            4      101                         2
cognitive 20            3       83                         1
cognitive 25            2       60                         1
cyclomatic 10           4       82                         2
cyclomatic 15           3       69                         2
cyclomatic 20           2       51                         1
choose by how many functions you want to deal with, and write that limit into the settings
history: 2 commits in the year up to the last one
"""


def test_each_limit_says_what_it_concerns(tree: Path, program: Program) -> None:
    """Tests have no cyclomatic limit."""
    assert TABLE in program("config", "init").out


def test_changes_in_notebooks_are_not_counted(repository: Repository, program: Program) -> None:
    for step in range(2):
        (repository.path / "n.ipynb").write_text(make_notebook(make("f", 11, str(step))))
        commit_all(repository.path, "x", 1_700_000_000 + step)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repository.path)
        out = program("config", "init").out
    assert "cognitive 10            1       13                         0\n" in out
    history = "history: 2 commits in the year up to the last one"
    assert f"{history}; changes in notebooks are not counted\n" in out


def test_without_a_history_nothing_is_said_of_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(make("f", 11))
    out = program("config", "init").out
    assert "over a limit    functions    lines\ncognitive 10            1       13\n" in out
    assert "edited" not in out


def test_nothing_is_over_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(make("f", 1))
    assert "over a limit" not in program("config", "init").out
