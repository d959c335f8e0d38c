"""Limits whose level is ``warning``, in commits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.gate.conftest import SETTINGS, Guarded, MakeTable, function
from tests.gate.tables import name_rows

LIMITS = SETTINGS.format("")
FILES = LIMITS.replace("halstead_volume = false", 'halstead_volume = { limit = 60, level = "warning" }')
FUNCTIONS = LIMITS.replace(
    "cyclomatic_complexity = 3", 'cyclomatic_complexity = { limit = 3, level = "warning" }'
)
SMALL, LARGE = "a = b + c\n" * 5, "a = b + c\n" * 20


@pytest.fixture
def guarded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Guarded:
    """A repository in which files are warned of."""
    repository = Guarded(tmp_path / "repository", capsys)
    repository.stage("pyproject.toml", FILES)
    repository.record()
    return repository


class Warned(NamedTuple):
    """What is said of the rows of a table.

    Attributes:
        hook: what it prints.
        files: those of a JSON report.
        failing: what is over its limit where warnings fail.
        numbers: of the rows.
    """

    hook: str
    files: dict[str, list[dict[str, Any]]]
    failing: dict[str, list[str]]
    numbers: dict[str, int]


def judge_rows(make_table: MakeTable, settings: str, rows: Sequence[Any]) -> Warned:
    """Commit what rows have before, and judge what they have after it."""
    values = name_rows(rows)
    table = make_table({name: {"a.py": row[0]} if row[0] else {} for name, row in values.items()})
    table.guarded.stage("pyproject.toml", settings)
    table.guarded.record()
    table.stage({name: {"a.py": row[1]} for name, row in values.items()})
    said = table.say("hook")
    assert said.code == 0
    failing = table.find("check", "--staged", "--warnings-fail")
    return Warned(
        said.out, table.read("check", "--staged"), failing, {name: n for n, name in enumerate(values)}
    )


OF_FILES = [
    pytest.param(SMALL, LARGE, True, id="a file that the commit takes over its limit"),
    pytest.param(LARGE, LARGE * 2, False, id="one that was over it before"),
    pytest.param(LARGE, SMALL, False, id="one that the commit brings back"),
    pytest.param(None, LARGE, False, id="a new one"),
]


@pytest.fixture(scope="module")
def files(make_table: MakeTable) -> Warned:
    return judge_rows(make_table, FILES, OF_FILES)


@pytest.mark.parametrize(("before", "after", "warns"), OF_FILES)
def test_a_file_is_warned_of_once(
    files: Warned, request: pytest.FixtureRequest, before: str | None, after: str, warns: bool
) -> None:
    name = request.node.callspec.id
    assert (f"warning: row{files.numbers[name]}/a.py  halstead volume " in files.hook) is warns
    (file,) = files.files[name]
    assert ([one["metric"] for one in file["warnings"]] == ["halstead_volume"]) is warns
    assert bool(files.failing[name]) is (warns or before is None)


OF_FUNCTIONS = [
    pytest.param(function(3), function(4), True, id="a function that comes to be over its limit"),
    pytest.param(function(4), function(5), True, id="one that gets worse"),
    pytest.param(None, function(4), True, id="a new one"),
    pytest.param(function(5), function(4), False, id="one that gets better"),
    pytest.param(function(5), function(5) + "x = 1\n", False, id="one that the commit does not touch"),
]


@pytest.fixture(scope="module")
def functions(make_table: MakeTable) -> Warned:
    return judge_rows(make_table, FUNCTIONS, OF_FUNCTIONS)


@pytest.mark.parametrize(("before", "after", "warns"), OF_FUNCTIONS)
def test_a_function_is_warned_of_where_it_would_fail(
    functions: Warned, request: pytest.FixtureRequest, before: str | None, after: str, warns: bool
) -> None:
    name = request.node.callspec.id
    assert (f"warning: row{functions.numbers[name]}/a.py:1: f  cyclomatic " in functions.hook) is warns
    assert bool(functions.failing[name]) is warns


def test_what_comes_back_from_the_baseline_of_another_file_warns_of_nothing(guarded: Guarded) -> None:
    """A file is judged again where the commit takes its entry away, and only for that."""
    guarded.stage("a.py", f"{LARGE}{function(5)}")
    entry = {"path": "a.py", "qualified_name": "f", "metric": "cyclomatic_complexity", "value": 5}
    guarded.stage("antipasta-baseline.json", json.dumps({"schema_version": 1, "entries": [entry]}))
    guarded.record()
    guarded.stage("antipasta-baseline.json", json.dumps({"schema_version": 1, "entries": []}))
    said = guarded.hook()
    assert said.code == 1
    assert "warning: a.py" not in said.out


def test_a_quiet_hook_does_not_warn(guarded: Guarded) -> None:
    guarded.stage("a.py", SMALL)
    guarded.record()
    guarded.stage("a.py", LARGE)
    assert guarded.hook("--quiet") == (0, "", "")


def test_files_that_are_judged_whole_are_not_warned_of(guarded: Guarded) -> None:
    """Of `pre-commit run --all-files`, which asks about what no commit changes."""
    guarded.stage("a.py", LARGE)
    guarded.record()
    assert guarded.hook("a.py").out == ""
    head = "[tool.pytest-antipasta]\n"
    guarded.stage("pyproject.toml", FILES.replace(head, f'{head}judge = "all"\n'))
    guarded.stage("a.py", f"{LARGE}# more\n")
    assert guarded.hook().out == ""


def test_a_default_limit_of_files_warns_in_no_commit(guarded: Guarded) -> None:
    usual = LIMITS.replace("halstead_volume = false\n", "")
    guarded.stage("pyproject.toml", usual)
    guarded.stage("a.py", SMALL)
    guarded.record()
    guarded.stage("a.py", "".join(f"a{number} = b{number} + c{number}\n" for number in range(80)))
    assert guarded.hook() == (0, "", "")
    file = json.loads(guarded.say("check", "--staged", "--format", "json").out)["files"][0]
    assert [item["metric"] for item in file["warnings"]] == ["halstead_volume"]
    guarded.stage("pyproject.toml", usual + 'halstead_volume = { limit = 900, level = "warning" }\n')
    assert guarded.hook().out == "warning: a.py  halstead volume 23.8 → 1,759/900 (+1,735)\n"
