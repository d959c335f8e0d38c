"""The numbers of any commit are those that ``measure`` and ``check`` have in a fresh worktree of it."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.extension.metrics import is_of_blocks, judged_metrics
from pytest_antipasta.model.registry import COVERAGE_METRICS
from tests.trend.conftest import Past, function
from tests.windows import can_be_on_disk, decode_name

COMMITS = 24
SETTINGS = """
[tool.pytest-antipasta]
exclude = ["gone/", "*_left_out.py"]
nested_blocks = false

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
maintainability_index = 70

[[tool.pytest-antipasta.overrides]]
files = ["lib/"]
thresholds = { cyclomatic_complexity = 5 }
"""
NAMES = tuple(filter(can_be_on_disk, (
    "a.py", "lib/b.py", "lib/deep/c.py", "gone/d.py", "e_left_out.py", "f.txt", "lib/g.py", "h.py",
    "tab\t.py", decode_name(b"caf\xe9.py"), ":i.py",
)))  # fmt: skip


NESTED = """
def outer(b):
    def inner(a):
        if a: a += 1
        if b: a += 1
        if a and b: a += 1
        return a
    return inner
"""
BROKEN = ("def f(:\n", "print 'old'\n", "# coding: nothing\n")
ENDS = ("", NESTED, "class A:\n    def g(self):\n        return 1\n")


def make_text(chance: random.Random) -> str:
    """Return a source, now and then one without numbers."""
    if not chance.randrange(5):
        return chance.choice(BROKEN)
    parts = [function(chance.randrange(1, 8), f"f{n}", chance.randrange(9)) for n in range(3)]
    return "".join([*parts, chance.choice(ENDS)])


def write_history(past: Past, chance: random.Random) -> None:
    """Make commits that add, change, rename, copy and delete files, make links of them, and merge."""
    for number in range(COMMITS):
        files = choose_files(past, chance)
        if number % 8 == 5:
            merge(past, number, make_text(chance))
        past.record(files, number)
        if number == 7:
            (past.path / "link.py").symlink_to("a.py")
            past.record({}, number)


def choose_files(past: Past, chance: random.Random) -> dict[str, str | None]:
    """Return what a commit does to which files."""
    files: dict[str, str | None] = {}
    for name in chance.sample(NAMES, chance.randrange(4)):
        files[name] = make_text(chance)
    there = [name for name in past.git("ls-files", "-z").split("\0") if (past.path / name).is_file()]
    if there and not chance.randrange(3):
        files[chance.choice(there)] = None
    if there and not chance.randrange(3):
        files[chance.choice(NAMES)] = (past.path / chance.choice(there)).read_text()
    return files


def merge(past: Past, number: int, text: str) -> None:
    """Merge a branch with a commit of its own, and now and then nothing of what is in it."""
    past.git("checkout", "--quiet", "-b", f"side{number}", "HEAD~1")
    past.record({"lib/side.py": text}, number)
    past.git("checkout", "--quiet", "main")
    strategy = "--strategy=ours" if number > 10 else "-Xours"
    past.git("merge", "--quiet", "--no-edit", strategy, f"side{number}")


def measure_worktree(past: Past, commit: str, folder: Path, ask: Any) -> tuple[dict[str, Any], int]:
    past.git("worktree", "add", "--quiet", "--detach", str(folder), commit)
    (folder / "pyproject.toml").write_text(SETTINGS)
    measured = ask("measure", folder)
    violations = ask("check", folder)["summary"]["violations"]
    past.git("worktree", "remove", "--force", str(folder))
    return measured, violations


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in a folder, and returns its JSON."""

    def run(command: str, folder: Path) -> dict[str, Any]:
        with monkeypatch.context() as environment:
            environment.chdir(folder)
            capsys.readouterr()
            options = ["--no-baseline", "--no-ignore"] if command == "check" else []
            main([command, "--format", "json", "--no-cache", "--jobs", "1", *options])
            answer: dict[str, Any] = json.loads(capsys.readouterr().out)
            return answer

    return run


def add_up(measured: dict[str, Any], metric: str) -> list[float]:
    """Return all numbers of a metric."""
    files = [file for file in measured["files"] if file["status"] == "measured"]
    if is_of_blocks(metric):
        found = [block[metric] for file in files for block in file["blocks"] if block["kind"] != "class"]
    else:
        found = [file["metrics"][metric] for file in files]
    return [value for value in found if value is not None]


def compare(one: dict[str, Any], measured: dict[str, Any], violations: int) -> None:
    assert one["files"] == len(measured["files"])
    assert one["errors"] == sum(file["status"] == "error" for file in measured["files"])
    assert one["violations"] == violations == sum(over["numbers"] for over in one["over"].values())
    assert not COVERAGE_METRICS & one["sum"].keys()
    for metric in judged_metrics().keys() - COVERAGE_METRICS:
        values = add_up(measured, metric)
        assert one["sum"][metric] == math.fsum(values), metric
        assert one["mean"][metric] == (math.fsum(values) / len(values) if values else None), metric


@pytest.mark.parametrize(("seed", "jobs"), [(0, "1"), pytest.param(1, "2", marks=pytest.mark.slow)])
def test_they_are_those_of_a_worktree(past: Past, tmp_path: Path, ask: Any, seed: int, jobs: str) -> None:
    chance = random.Random(seed)
    (past.path / "pyproject.toml").write_text(SETTINGS)
    write_history(past, chance)
    commits = past.ask("--jobs", jobs)["commits"]
    assert [one["commit"] for one in commits] == past.git(
        "rev-list", "--first-parent", "--reverse", "HEAD"
    ).split()
    assert any(one["errors"] for one in commits)
    for one in chance.sample(commits, 6):
        compare(one, *measure_worktree(past, one["commit"], tmp_path / "worktree", ask))
    assert past.ask("--jobs", "1")["commits"] == commits, "again, from the store"
    assert past.ask("--no-cache", "--jobs", "1")["commits"] == commits
    sample = past.ask("--every", "week")["commits"]
    assert sample == [one for one in commits if one["commit"] in {each["commit"] for each in sample}]
    assert 1 < len(sample) < len(commits)
