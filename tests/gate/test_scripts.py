"""Python scripts without a suffix: every way in checks the same files, by mode and first line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_antipasta import check
from pytest_antipasta.editor.buffers import Committed, judge_buffer
from pytest_antipasta.engine import memo_keeping
from tests.gate.conftest import Guarded, find_places, function
from tests.windows import change_mode

PYTHON = f"#!/usr/bin/env python3\n{function(5)}"
SHELL = f"#!/bin/sh\nexec python3 -c '{function(5)}'\n"
# What is there, whether it is executable, and whether it is a source file.
FILES = {
    "bin/tool": (PYTHON, True, True),
    ".hook": (PYTHON, True, True),
    "W.PYW": (function(5), False, True),
    "bin/shell": (SHELL, True, False),
    "bin/data": (PYTHON, False, False),
    "bin/tool.in": (PYTHON, True, False),
    "bin/empty": ("", True, False),
    "bin/binary": ("\0" * 9999, True, False),
}
SOURCES = {path for path, (_, _, is_source) in FILES.items() if is_source}


def write_tool(guarded: Guarded, content: str = PYTHON, mode: int = 0o755, path: str = "tool") -> None:
    guarded.write(path, content)
    change_mode(guarded.path, path, mode)


@pytest.fixture
def staged(guarded: Guarded) -> Guarded:
    """A repository with a commit, in which these files are staged."""
    guarded.stage("old.py", function(2))
    guarded.record("fixed")
    for path, (content, is_executable, _) in FILES.items():
        write_tool(guarded, content, 0o755 if is_executable else 0o644, path)
    guarded.git("add", "--all")
    return guarded


def find_paths(text: str) -> set[str]:
    """Return the files that fail by a text, each for its only function."""
    assert len(find_places(text)) == text.count(" f  cyclomatic 5/3")
    return {place.rpartition(":")[0] for place in find_places(text)}


def read(guarded: Guarded, *args: str) -> set[str]:
    """Return the files that fail by the text of a command."""
    said = guarded.say(*args)
    assert said.code == 1
    return find_paths(said.out)


def check_by_memo(guarded: Guarded) -> set[str]:
    """Return those of a run that takes its answer from a memo."""
    guarded.record("all")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
        assert read(guarded, "check") == SOURCES
        return read(guarded, "check")


def run_pytest(guarded: Guarded, *args: str) -> set[str]:
    """Return those of items of pytest."""
    return find_paths(guarded.run_pytest("--antipasta-only", "-v", *args).out)


def check_range(guarded: Guarded) -> set[str]:
    """Return those of a commit in the place of the index, as a CI service checks it."""
    guarded.record("all")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
        patch.setenv("PRE_COMMIT_TO_REF", "HEAD")
        return read(guarded, "hook")


def push(guarded: Guarded) -> set[str]:
    """Return those of a push, by the hook before it."""
    server = guarded.path.parent / "server"
    guarded.git("clone", "--quiet", "--bare", ".", str(server))
    guarded.record("all")
    guarded.install("pre-push")
    return find_paths(guarded.run_git("push", str(server), "HEAD").out)


def receive(guarded: Guarded) -> set[str]:
    """Return those of a push, by the hook of the server."""
    server = Guarded.__new__(Guarded)
    server.path = guarded.path.parent / "server"
    guarded.git("clone", "--quiet", "--bare", ".", str(server.path))
    guarded.record("all")
    server.install("pre-receive")
    return find_paths(guarded.run_git("push", str(server.path), "HEAD").out)


def trend(guarded: Guarded) -> set[str]:
    """Return those of the last commit of a history."""
    guarded.record("all")
    report = json.loads(guarded.say("trend", "--format", "json", "--quiet").out)
    return {standing["path"] for standing in report["standing"]}


def edit(guarded: Guarded) -> set[str]:
    """Return those whose buffers an editor judges."""
    found = set()
    for path, (content, _, _) in FILES.items():
        location = guarded.path / path
        judged = judge_buffer(location.parent, str(location), content, Committed())
        found |= {path} if judged is not None and judged.verdict.failed else set()
        assert judged is None or judged.verdict.failed
    return found


def show(guarded: Guarded) -> set[str]:
    """Return those that are checked by what ``config show`` says."""
    return {path for path in FILES if "# checked: yes" in guarded.say("config", "show", path).out}


def call(guarded: Guarded) -> set[str]:
    """Return those that fail for a program that calls us."""
    report = check(root=guarded.path)
    return {file.path for file in report.files if file.violations}


WAYS: dict[str, Callable[[Guarded], set[str]]] = {
    "a memo": check_by_memo,
    "check --staged": lambda guarded: read(guarded, "check", "--staged"),
    "check --diff": lambda guarded: read(guarded, "check", "--diff", "HEAD"),
    "hook": lambda guarded: read(guarded, "hook"),
    "a range": check_range,
    "a push": push,
    "a server": receive,
    "pytest": run_pytest,
    "trend": trend,
    "an editor": edit,
    "config show": show,
    "a program": call,
}


def rename(guarded: Guarded, old: str, new: str) -> None:
    (guarded.path / old).rename(guarded.path / new)


NEW = "tool\n    2:1  f  cyclomatic 5/3  added\n"
OLD = "tool\n    2:1  f  cyclomatic 5 → 6/3 (+1)\n"
WORSE = PYTHON.replace(function(5), function(6))


@pytest.mark.parametrize(
    ("before", "change", "expected"),
    [
        pytest.param(0o755, lambda it: write_tool(it, WORSE), [OLD], id="a script gets worse"),
        pytest.param(
            0o644, lambda it: change_mode(it.path, "tool", 0o755), [NEW], id="a text becomes a script"
        ),
        pytest.param(0o755, lambda it: rename(it, "tool", "tool.py"), [], id="it gets a suffix"),
    ],
)
def test_each_version_of_a_file_is_a_script_by_its_own_mode_and_first_line(
    guarded: Guarded, before: int, change: Callable[[Guarded], object], expected: list[str]
) -> None:
    write_tool(guarded, mode=before)
    guarded.record_all("a tool")
    change(guarded)
    for way in (("check", "--diff", "HEAD"), ("hook",), ("check", "--diff", "HEAD~1..HEAD")):
        said = guarded.say(*way)
        assert (said.code, len(find_places(said.out))) == (bool(expected), len(expected)), way
        assert all(row in said.out for row in expected), way
        guarded.git("add", "--all")
        guarded.record("changed") if way == ("hook",) else None


def _drop_first_line(repository: Guarded) -> None:
    write_tool(repository, WORSE.partition("\n")[2])


def _disable(repository: Guarded) -> None:
    write_tool(repository, WORSE, 0o644)


@pytest.mark.parametrize("change", [_disable, _drop_first_line])
def test_a_script_that_is_none_any_more_is_a_waiver(
    guarded: Guarded, change: Callable[[Guarded], object]
) -> None:
    guarded.configure('new_waivers = "fail"')
    write_tool(guarded)
    guarded.record_all("a tool")
    change(guarded)
    guarded.git("add", "--all")
    waiver = "tool: f: cyclomatic_complexity: no longer checked (was an executable Python script); "
    for way in (("hook",), ("check", "--staged"), ("check", "--diff", "HEAD")):
        said = guarded.say(*way)
        assert said.code == 1
        assert f"\n  {waiver}1 value would have failed: tool::f cyclomatic_complexity\n" in said.out
    guarded.record("it is a text")
    assert f"\n  {waiver}" in guarded.say("check", "--diff", "HEAD~1..HEAD").out


def test_a_script_with_conflicts_is_named(guarded: Guarded) -> None:
    write_tool(guarded)
    guarded.git("add", "tool")
    guarded.record("a tool")
    for branch in ("ours", "theirs"):
        guarded.git("checkout", "--quiet", "-B", branch, "main")
        write_tool(guarded, f"{PYTHON}x = '{branch}'\n")
        guarded.git("add", "tool")
        guarded.record(branch)
    assert guarded.run_git("merge", "ours").code == 1
    said = guarded.say("check", "--staged")
    assert "tool: not measured (unmerged): it has unresolved merge conflicts" in said.out


def test_a_baseline_follows_a_script(guarded: Guarded) -> None:
    write_tool(guarded, path="bin/tool")
    assert guarded.say("baseline", "write").code == 0
    guarded.git("add", "--all")
    assert guarded.hook().code == 0
    guarded.record("recorded")
    rename(guarded, "bin/tool", "bin/renamed")
    change_mode(guarded.path, "bin/renamed", 0o755)
    guarded.git("add", "--all")
    assert guarded.hook().code == guarded.say("check").code == 0
    change_mode(guarded.path, "bin/renamed", 0o644)
    assert "1 entry" in guarded.say("baseline", "prune").out


def test_a_module_that_becomes_a_script_with_a_looser_limit_is_a_waiver(guarded: Guarded) -> None:
    guarded.configure('overrides = [{ files = ["/lax/"], thresholds = { cyclomatic_complexity = 20 } }]')
    guarded.stage("a.py", PYTHON)
    guarded.record("a module")
    (guarded.path / "lax").mkdir()
    rename(guarded, "a.py", "lax/a")
    change_mode(guarded.path, "lax/a", 0o755)
    guarded.git("add", "--all")
    assert "  lax/a: f: cyclomatic_complexity: was a.py, with a different limit" in guarded.hook().out


def test_where_git_reads_no_modes_those_of_the_index_count(guarded: Guarded) -> None:
    guarded.stage("old.py", function(2))
    guarded.record("fixed")
    guarded.git("config", "core.fileMode", "false")
    for path in ("tool", "other"):
        guarded.write(path, PYTHON).chmod(0o755)
    guarded.git("add", "tool", "other")
    change_mode(guarded.path, "tool", 0o644)
    guarded.git("update-index", "--chmod=+x", "tool")
    ways = (("check",), ("check", "--staged"), ("check", "--diff", "HEAD"), ("hook",))
    assert [read(guarded, *way) for way in ways] == [{"tool"}] * 4


@pytest.mark.slow
def test_all_ways_check_the_same_scripts(staged: Guarded, tmp_path: Path) -> None:
    found = {}
    for number, (name, way) in enumerate(WAYS.items()):
        copy = Guarded(tmp_path / str(number) / "copy", staged._capsys, staged._run, staged.path)
        found[name] = way(copy)
    assert found == dict.fromkeys(WAYS, SOURCES)
