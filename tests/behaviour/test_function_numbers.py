"""Of how many functions a run says that some are over a limit: of all in its files, however it knows them."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.tables import keep_quick

SETTINGS = "[tool.pytest-antipasta]\nthresholds = {cyclomatic = 2, cognitive = false}\n"
OVER = "def over(a, b):\n    return a and b or a\n\n\nasync def other():\n    return lambda: 1\n"
FILES = {
    "over.py": OVER,
    "empty.py": "X = 1\n",
    "lib/class.py": """\
class Outer:
    @property
    def value(self): return 1
    @value.setter
    def value(self, value): pass
    class Inner:
        async def method(self): pass
""",
    "lib/nested.py": """\
def outer():
    class Local:
        def method(self):
            def closure(): pass
    if Local:
        def inner(): pass
    return [lambda a: a]
try:
    def first(): pass
except ValueError:
    def first(): pass
""",
    "lib/comment.py": "def within(): pass  # antipasta: ignore\n\n\ndef other(): pass\n",
}


def list_files() -> Iterable[Path]:
    """Return the source files of the current folder."""
    return sorted(Path().rglob("*.py"))


def count_functions(paths: Iterable[Path]) -> int:
    """Return how many functions some files have."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return sum(isinstance(node, kinds) for path in paths for node in ast.walk(ast.parse(path.read_text())))


def describe() -> str:
    """Return what a run over the current folder says."""
    files = [*list_files()]
    over = sum(path.read_text().startswith(OVER) for path in files)
    places = f"{over} of {count_functions(files)} functions {'is' if over == 1 else 'are'} over a limit"
    return f"{places}, in {over} of {len(files)} files"


@pytest.fixture
def tree(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with some functions, whose files are old enough to be trusted; the current folder."""
    for name, text in {"pyproject.toml": SETTINGS, **FILES}.items():
        path = repository.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    commit_all(repository.path, "files")
    monkeypatch.chdir(repository.path)
    now, now_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: now() + 10)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + 10**10)
    return repository.path


def edit() -> None:
    for name in ("lib/class.py", "lib/comment.py", "over.py"):
        path = Path(name)
        path.write_text(f"{path.read_text()}\n\ndef more(): pass\n")


def delete() -> None:
    Path("lib/nested.py").unlink()


def rename() -> None:
    Path("lib/nested.py").rename("lib/renamed.py")


def add() -> None:
    Path("lib/new.py").write_text(OVER)


def commit() -> None:
    for change in (edit, rename, add):
        change()
    commit_all(Path.cwd(), "changed")


CHANGES = keep_quick(
    [
        pytest.param(lambda: None, id="nothing"),
        pytest.param(edit, id="edited files"),
        pytest.param(delete, id="a deleted file"),
        pytest.param(rename, id="a renamed file"),
        pytest.param(add, id="a new file"),
        pytest.param(commit, id="another commit"),
    ],
    "nothing",
    "edited files",
    "another commit",
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("has_memo", [False, True], ids=["by the index", "by a memo"])
def test_after_a_change(
    tree: Path, program: Program, monkeypatch: pytest.MonkeyPatch, has_memo: bool, change: Callable[[], None]
) -> None:
    if has_memo:
        monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    said = [program("check", code=1).out for _ in range(2)]
    assert all(describe() in text for text in said)
    change()
    said = [program("check", *args, code=1).out for args in ([], ["--debug"], ["--no-cache"])]
    assert all(describe() in text for text in said), said


def test_in_some_files(tree: Path, program: Program) -> None:
    add()
    functions = count_functions(Path("lib").rglob("*.py"))
    line = f"1 of {functions} functions is over a limit, in 1 file; 4 of 6 files checked, limited to `lib`"
    assert [line in program("check", "lib", code=1).out for _ in range(2)] == 2 * [True]
    assert "1 of 2 functions is over a limit, in 1 file\n" in program("check", "over.py", code=1).out


def test_in_shards(tree: Path, program: Program) -> None:
    shards = [f"../{number}.shard" for number in (1, 2)]
    for number, path in enumerate(shards, 1):
        main(["check", "--quiet", f"--shard={number}/2", f"--report=shard={path}"])
    assert describe() in program("report", "merge", *shards, code=1).out


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_in_pytest(tree: Path, workers: str) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--antipasta-only", "-n", workers]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert describe() in done.stdout.splitlines()


def test_cells_of_a_notebook_are_no_functions(tree: Path, program: Program) -> None:
    code = (OVER + "if a: pass\n" * 9).replace("\n", "\\n")
    Path("study.ipynb").write_text(
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
        f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "{code}"}}]}}'
    )
    line = "1 of 2 functions and 1 cell are over a limit, in 1 file"
    assert line in program("check", "study.ipynb", code=1).out
    assert line in program("check", "study.ipynb", code=1).out


def test_a_change_leaves_most_functions_of_its_files_out(tree: Path, program: Program) -> None:
    add()
    assert "1 function became too complex, in 1 file; " in program("check", "--diff=HEAD", code=1).out
