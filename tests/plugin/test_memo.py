"""Runs of pytest that take files from the memo of a commit: they say what runs without a store say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commits import commit_all
from tests.conftest import Repository
from tests.memos import NEEDS_MEMOS
from tests.plugin.conftest import COST, FAILING, PASSING, SETTINGS, Project, read_report, told

pytestmark = NEEDS_MEMOS

# A small repository is worth a memo, and its files are old enough to be trusted. Each run with a memo notes
# which files differ from it.
CONFTEST = """\
import json, os, time
from pytest_antipasta.engine import memo, memo_keeping
memo_keeping.SMALLEST_INDEX, memo.MOST_DIFFERENCES = 0, 2
now, now_ns = time.time, time.time_ns
time.time = lambda: now() + 10
time.time_ns = lambda: now_ns() + 10**10
open_memo = memo_keeping.open_memo
def note(*asked, **how):
    kept = open_memo(*asked, **how)
    if kept.recalled is not None:
        with open(os.environ["RECALLED"], "a") as file:
            print(json.dumps([file.path for file in kept.recalled.files]), file=file)
    return kept
memo_keeping.open_memo = note
"""
IGNORED = "basetemp\n.pytest_cache\n__pycache__\n*.xml\n"
EXCLUDE = "[tool.pytest-antipasta]\nexclude = ['conftest.py']\n"
NAMES = ["bad.py", *(f"pkg/a{number}.py" for number in range(5)), "test_it.py"]
# What differs between two runs: the time, what is as wide as it, and which worker runs a file.
_TIME = re.compile(r"( in )[\d.]+ ?s\b.*|=+|\[gw\d\]")


class Tree(Project):
    """A repository of some files, one of which fails; all is committed, and was checked once."""

    def git(self, *words: str) -> None:
        """Run git."""
        command = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words)
        subprocess.run(command, cwd=self.path, check=True, capture_output=True)

    def say(self, *args: str) -> list[str]:
        """Run pytest; return the exit code, and all that it prints but the time."""
        result = self.run("--antipasta-only", *args)
        lines = (line for line in (*result.outlines, *result.errlines) if not COST.fullmatch(line))
        return [str(result.ret), *(_TIME.sub(r"\1", line) for line in lines)]

    def list_recalled(self) -> list[list[str]]:
        """Return the files that were judged in each run that used the memo."""
        noted = Path(os.environ["RECALLED"])
        return [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []


@pytest.fixture
def tree(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree.__new__(Tree)
    vars(tree).update(vars(project))
    monkeypatch.setenv("RECALLED", str(tmp_path_factory.mktemp("recalled") / "recalled"))
    tree.write({f"pkg/a{number}.py": PASSING + 2**number * "def more(): pass\n" for number in range(5)})
    tree.write({"pyproject.toml": EXCLUDE + SETTINGS, "conftest.py": CONFTEST, "bad.py": FAILING})
    tree.write(
        {"test_it.py": "def test():\n    pass\n", ".gitignore": "basetemp\n.pytest_cache\n__pycache__\n"}
    )
    Repository(tree.path)
    commit_all(tree.path, "one")
    assert tree.say("-v")[0] == "1"
    return tree


def edit(tree: Tree) -> None:
    tree.write({"pkg/a1.py": FAILING})


def change_all(tree: Tree) -> None:
    tree.write({"pkg/a1.py": FAILING, "pkg/new.py": PASSING, "a.py": FAILING})
    (tree.path / "pkg/a2.py").unlink()


def commit(tree: Tree) -> None:
    change_all(tree)
    tree.git("add", "-A")
    tree.git("commit", "--quiet", "-m", "two")


def link(tree: Tree) -> None:
    (tree.path / "pkg/a1.py").unlink()
    (tree.path / "pkg/a1.py").symlink_to("a2.py")
    (tree.path / "link.py").symlink_to("bad.py")
    tree.git("add", "-A")
    tree.git("commit", "--quiet", "-m", "links")


def ignore(tree: Tree) -> None:
    tree.write({".gitignore": f"new.py\n{IGNORED}", "pkg/new.py": FAILING})


@pytest.mark.parametrize(
    ("change", "judged"),
    [
        pytest.param(lambda _: None, [[]], id="nothing"),
        pytest.param(commit, [], id="another commit"),
        pytest.param(link, [[]], id="links", marks=pytest.mark.slow),
        pytest.param(ignore, [[]], id="an ignored file", marks=pytest.mark.slow),
    ],
)
def test_items_are_those_of_a_walk(
    tree: Tree, change: Callable[[Tree], None], judged: list[list[str]]
) -> None:
    change(tree)
    assert tree.say("-v") == tree.say("-v", "--antipasta-no-cache")
    assert tree.list_recalled() == judged


SELECTING = [
    ["-v", "-k", "a1 or bad"],
    ["-v", "-x"],
    ["-v", "--ignore=pkg/a1.py"],
    ["-v", "."],
    ["--collect-only", "-q"],
    ["--antipasta-report=sarif=-"],
    ["-n", "auto"],
]


@pytest.mark.slow
def test_what_is_selected_is_the_same(tree: Tree) -> None:
    edit(tree)
    for args in SELECTING:
        assert tree.say(*args) == tree.say(*args, "--antipasta-no-cache"), args
    assert tree.list_recalled() == [["pkg/a1.py"]] * len(SELECTING)


NEEDING_MORE = [
    ["-v", "pkg"],
    ["pkg/a1.py::antipasta", "pkg/a2.py"],
    ["-n", "1"],
    ["--antipasta-shard=1/2"],
    ["--antipasta-near=0.5"],
    ["--junitxml=junit.xml"],
    ["--setup-show"],
]


@pytest.mark.slow
def test_a_run_that_needs_more_than_the_memo_has_does_not_use_it(tree: Tree) -> None:
    edit(tree)
    for args in NEEDING_MORE:
        memo, cold = (
            # Workers run files in any order.
            sorted(sorted(line) for line in tree.say(*args, *more))
            for more in ([], ["--antipasta-no-cache"])
        )
        assert memo == cold, args
    assert tree.list_recalled() == []


@pytest.mark.slow
def test_files_that_failed_are_run_again(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    edit(tree)
    tree.say("-v")
    cache, before = tree.path / ".pytest_cache", tmp_path_factory.mktemp("before") / "cache"
    shutil.copytree(cache, before)
    said = tree.say("-v", "--lf")
    shutil.rmtree(cache)
    shutil.copytree(before, cache)
    assert said == tree.say("-v", "--lf", "--antipasta-no-cache")
    assert [line.split()[0] for line in said if "::antipasta FAILED" in line] == [
        "bad.py::antipasta", "pkg/a1.py::antipasta",
    ]  # fmt: skip
    assert tree.list_recalled() == [["pkg/a1.py"]] * 2


def test_tests_beside_the_files_may_change_them(tree: Tree) -> None:
    tree.write({"test_it.py": f"def test():\n    open('pkg/a1.py', 'w').write({FAILING!r})\n"})
    first, second, cold = (
        told(tree.run("--antipasta", *args))[0] for args in ([], [], ["--antipasta-no-cache"])
    )
    expected = "1 of 38 functions is over a limit, in 1 of 7 files"
    assert first == expected, "as all files were when they were found"
    assert second == cold == "2 of 36 functions are over a limit, in 2 of 7 files"
    assert tree.list_recalled() == [["test_it.py"], ["pkg/a1.py", "test_it.py"]]


@pytest.mark.slow
def test_a_memo_is_made_by_a_run_over_all_files(tree: Tree) -> None:
    commit(tree)
    for args in (["-v", "pkg"], ["-v", "--ignore=a.py"], ["-v", "-k", "a1"], ["-v"], ["-v"]):
        assert tree.say(*args) == tree.say(*args, "--antipasta-no-cache")
    assert tree.list_recalled() == [[]], "the memo of the commit before is too far away for the others"


def test_numbers_of_all_files_are_written_from_the_store(tree: Tree) -> None:
    tree.say("--antipasta-report=json=one.json")
    tree.say("--antipasta-report=json=two.json", "--antipasta-no-cache")
    assert read_report(tree.path / "one.json") == read_report(tree.path / "two.json")
    assert tree.list_recalled() == []
