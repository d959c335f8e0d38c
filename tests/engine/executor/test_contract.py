"""What holds for every executor: this process, a pool of ours in any order, workers of pytest-xdist anywhere.

The same files have the same outcomes, each exactly once, whoever has judged them; and nothing is left behind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.executor.judging import Ahead, judge_apart, judge_many
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.opening import open_run
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules, read_rules
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.run import Workers
from pytest_antipasta.settings.values import Settings
from tests.forked import ForkedPython
from tests.limits import find_children
from tests.plugin.conftest import PASSING

FAILING = "def f(a):\n" + "    if a: pass\n" * 12
RECORDED = FAILING.replace("pass", "print(a)")
FILES = {
    "moved.py": RECORDED,
    "passing.py": PASSING,
    "failing.py": FAILING,
    "again.py": FAILING,
    "pkg/__init__.py": "",
    "pkg/ignored.py": FAILING.replace("):", "):  # antipasta: ignore", 1),
    "broken.py": "def f(:\n",
    "latin.py": "# coding: no-such-encoding\n",
    "large.py": "x = 1\n" * 20_000,
    **{f"many/m{number}.py": f"x = {number}\n" for number in range(3)},
}
SETTINGS = "[tool.pytest-antipasta]\nmax_file_size_mb = 0.1\n"

Seen = dict[str, Any]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files that pass, fail, are copies, or can't be measured; a baseline allows one at another place."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "tree" / "recorded.py").write_text(RECORDED)
    assert main(["baseline", "write", "--quiet", "--config", str(tmp_path / "tree" / "pyproject.toml")]) == 0
    (tmp_path / "tree" / "recorded.py").unlink()
    for name, text in FILES.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "tree"


def judge_with(judge: Callable[[Sequence[Source], FileJudge], Iterable[Outcome]], tree: Path) -> Seen:
    """Judge all files by a function that takes them and their judge."""
    run = open_run(read_rules(tree), None)
    with closing(run.judge.measurer):
        seen = [*judge(run.plan.sources, run.judge)]
    assert sorted(outcome.verdict.path for outcome in seen) == sorted(FILES)
    return {outcome.verdict.path: describe(outcome) for outcome in seen}


def judge_apart_each(sources: Sequence[Source], judge: FileJudge) -> list[Outcome]:
    """Judge each in a process apart from what may end it."""
    return [judge_apart(source, judge) for source in sources]


def judge_ahead(sources: Sequence[Source], judge: FileJudge) -> list[Outcome]:
    """Judge ahead of requests in another order; a second request has the same outcome."""
    ahead = Ahead(sources, judge, 2)
    taken = [*map(ahead.take, reversed(sources))]
    assert ahead.end() == []
    assert [*map(describe, map(ahead.take, reversed(sources)))] == [*map(describe, taken)]
    return taken


def describe(outcome: Outcome) -> Any:
    verdict = outcome.verdict
    violations = [[one.qualified_name, one.metric, one.value] for one in verdict.violations]
    return [verdict.failed, verdict.error and verdict.error.kind, violations]


def judge_in_xdist(tree: Path, forked_python: ForkedPython, *arguments: str) -> Seen:
    report = tree.parent / "report.json"
    options = ["-p", "no:cacheprovider", "--antipasta-only", "--antipasta-no-cache", *arguments]
    done = forked_python.run("pytest", [*options, f"--antipasta-report=json={report}"], tree, os.environ)
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads(report.read_bytes())
    assert found["run"]["workers"] > 0
    return {
        file["path"]: [
            bool(file["violations"]) or file["status"] == "error",
            file["error"]["kind"] if file["status"] == "error" else None,
            [[one["qualified_name"], one["metric"], one["value"]] for one in file["violations"]],
        ]
        for file in found["files"]
    }


@pytest.mark.slow
def test_the_outcomes_are_those_of_this_process(tree: Path, forked_python: ForkedPython) -> None:
    expected = judge_with(judge_many, tree)
    assert {one[1] for one in expected.values()} == {None, "syntax", "encoding", "too_large"}
    assert sum(one[0] for one in expected.values()) == 5
    assert judge_with(partial(judge_many, workers=2), tree) == expected, "a pool of ours"
    assert judge_with(judge_ahead, tree) == expected, "a pool of ours, ahead of requests"
    assert judge_with(judge_apart_each, tree) == expected, "a process apart"
    places = ("--dist=load", "--tx=popen", "--tx=popen//chdir=elsewhere")
    assert judge_in_xdist(tree, forked_python, *places) == expected, "here and in another place"


@pytest.mark.parametrize("workers", [0, 2])
def test_one_that_is_closed_early_leaves_no_process(tree: Path, workers: int) -> None:
    run = open_run(Rules(Settings(root=tree, source=None)), None)
    with closing(run.judge.measurer), closing(judge_many(run.plan.sources, run.judge, workers)) as outcomes:
        next(outcomes)
    assert find_children() == []


def test_a_run_that_is_closed_early_leaves_no_process(tree: Path) -> None:
    run = open_run(Rules(Settings(root=tree, source=None)), None)
    run.workers = Workers(2, "2 requested")
    run.begin(run.plan.sources)
    run.judge_one(run.plan.sources[0])
    assert find_children()
    run.close()
    assert find_children() == []


@pytest.mark.parametrize("workers", [0, 2])
def test_contents_of_no_file_are_tasks_like_any_other(tmp_path: Path, workers: int) -> None:
    settings = Settings(root=tmp_path, source=None)
    sources = [
        Source(f"gone/{number}.py", "", size=len(text), data=text.encode())
        for number, text in enumerate([PASSING, FAILING, "def f(:\n"] * 10)
    ]
    with closing(open_measurer(settings, None)) as measurer:
        judged = judge_many(sources, FileJudge(Rules(settings), measurer), workers)
        outcomes = {one.verdict.path: one for one in judged}
    assert outcomes.keys() == {source.path for source in sources}
    assert [outcomes[source.path].verdict.failed for source in sources[:3]] == [False, True, True]
