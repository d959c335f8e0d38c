"""The text of a baseline, and what is wrong with one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_antipasta.baseline.text import BaselineError, format_baseline, parse_baseline
from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.model.judged import BaselineEntry
from tests.baseline.conftest import Root, function

ENTRIES = [
    BaselineEntry(path="b.py", metric="halstead_volume", value=1000.5),
    BaselineEntry(path="a.py", qualified_name="g", metric="cyclomatic_complexity", value=11, body="0f"),
    BaselineEntry(path="a.py", qualified_name="f#2", metric="cyclomatic_complexity", value=12),
    BaselineEntry(path="a.py", metric="maintainability_index", value=40.5, python="3.11"),
    BaselineEntry(path="ü/\\xff.py", metric="halstead_effort", value=1),
]
TEXT = """\
{
"schema_version": 1,
"entries": [
{"path": "a.py", "metric": "maintainability_index", "value": 40.5, "python": "3.11"},
{"path": "a.py", "qualified_name": "f#2", "metric": "cyclomatic_complexity", "value": 12},
{"path": "a.py", "qualified_name": "g", "metric": "cyclomatic_complexity", "value": 11, "body": "0f"},
{"path": "b.py", "metric": "halstead_volume", "value": 1000.5},
{"path": "ü/\\\\xff.py", "metric": "halstead_effort", "value": 1},
null
]
}
"""
LINES = TEXT.splitlines(keepends=True)


def test_an_entry_is_a_line_and_lines_are_sorted() -> None:
    assert format_baseline(ENTRIES).decode() == TEXT
    assert format_baseline(reversed(ENTRIES)).decode() == TEXT


def test_an_empty_one() -> None:
    text = format_baseline([]).decode()
    assert text == '{\n"schema_version": 1,\n"entries": [\nnull\n]\n}\n'
    assert parse_baseline(text) == []


@pytest.mark.parametrize(
    "layout", [TEXT, json.dumps(json.loads(TEXT)), json.dumps(json.loads(TEXT), indent=4)]
)
def test_what_is_read_may_be_laid_out_in_any_way(layout: str) -> None:
    entries = parse_baseline(layout)
    assert format_baseline(entries).decode() == TEXT
    assert len(entries) == 5


def replaced(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


DAMAGED = [
    pytest.param("", None, "is empty", id="nothing"),
    *(
        pytest.param(
            "".join(
                [
                    *LINES[:4],
                    f"{'<' * size} HEAD\n",
                    LINES[4],
                    f"{'=' * size}\n",
                    LINES[5],
                    f"{'>' * size} topic\n",
                    *LINES[6:],
                ]
            ),
            5,
            (
                "has merge conflict markers; keep the lines of both sides, remove the markers, and run "
                "`pytest-antipasta baseline prune`"
            ),
            id=f"a conflict, {size}",
        )
        for size in (7, 9)
    ),
    pytest.param(
        replaced('"value": 12},', '"value": 12}'),
        6,
        "not valid JSON: Expecting ',' delimiter",
        id="a comma that is missing",
    ),
    pytest.param(
        '{"schema_version": 1, "entries": [{"path": "\\ud800"}, ' + "[" * 100_000,
        None,
        "not valid JSON: nested too deeply",
        id="deep nesting",
    ),
    pytest.param("[]", None, "Expected `object`, got `array`", id="a list"),
    pytest.param("{}", None, "Object missing required field `schema_version`", id="nothing in it"),
    pytest.param(
        replaced('"schema_version": 1', '"schema_version": 2'),
        None,
        "has schema version 2, but this pytest-antipasta supports 1; upgrade pytest-antipasta",
        id="a later version",
    ),
    pytest.param(
        replaced('"schema_version": 1', '"schema_version": 0'),
        None,
        "invalid schema version 0",
        id="a version that never was",
    ),
    pytest.param(
        replaced('"schema_version": 1', '"schema_version": 1, "entry": []'),
        None,
        "Object contains unknown field `entry`",
        id="an unknown key",
    ),
    pytest.param(
        replaced('"value": 12}', '"value": "12"}'),
        5,
        "Expected `int | float`, got `str` - at `value`",
        id="a value that is text",
    ),
    pytest.param(
        replaced('"value": 12}', f'"value": {2**63}}}'),
        5,
        "the value is not a finite number",
        id="a huge value",
    ),
    pytest.param(
        replaced(', "value": 12}', "}"),
        5,
        "Object missing required field `value`",
        id="an entry without value",
    ),
    pytest.param(
        replaced('"metric": "halstead_volume"', '"metric": "halstead_volumes"'),
        7,
        'unknown metric "halstead_volumes"; did you mean "halstead_volume"?',
        id="an unknown metric",
    ),
    pytest.param(
        replaced('"metric": "halstead_volume"', '"metric": "size"'),
        7,
        f'unknown metric "size"; expected one of: {", ".join(judged_metrics())}',
        id="a metric like no other",
    ),
    pytest.param(
        replaced('"metric": "halstead_volume"', '"metric": "cognitive_complexity"'),
        7,
        '"cognitive_complexity" is measured per function or class, but the entry has no "qualified_name"',
        id="a block's number without a block",
    ),
    pytest.param(replaced('"path": "b.py"', '"path": ""'), 7, 'the "path" is empty', id="no path"),
    *(
        pytest.param(
            replaced('"path": "b.py"', f'"path": "{path}"'),
            7,
            f'the "path" is not relative to the root, or not in its shortest form: "{path}"',
            id=path,
        )
        for path in ("./b.py", "a//b.py", "a/../b.py", "../b.py", "/b.py")
    ),
    pytest.param(
        replaced('"qualified_name": "g"', '"qualified_name": ""'),
        6,
        'the "qualified_name" is empty',
        id="no name",
    ),
    pytest.param(
        json.dumps(json.loads(replaced('"path": "b.py"', '"path": 1')), indent=1),
        23,
        "Expected `str`, got `int` - at `path`",
        id="in another layout",
    ),
]


@pytest.mark.parametrize(("text", "line", "message"), DAMAGED)
def test_what_is_wrong_is_reported_with_its_line(text: str, line: int | None, message: str) -> None:
    with pytest.raises(BaselineError) as caught:
        parse_baseline(text)
    assert (caught.value.line, str(caught.value)) == (line, message)


COMMANDS = ("check", "hook", "baseline show", "baseline prune")


def test_a_damaged_one_ends_every_command_that_judges(root: Root) -> None:
    root.write("a.py", function(2))
    root.baseline.write_text(TEXT.replace('"value": 12}', '"value": null}'), encoding="utf-8")
    before = root.baseline.read_bytes()
    error = (
        "error: antipasta-baseline.json:5: Expected `int | float`, got `null` - at `value`; if it is "
        "committed, restore it with `git checkout HEAD -- antipasta-baseline.json`; otherwise fix it "
        "by hand, or delete it and run `pytest-antipasta baseline write`, which records all "
        "present violations"
    )
    for command in (*COMMANDS, "baseline write"):
        assert root.run(*command.split()) == (2, [], [error]), command
        assert root.baseline.read_bytes() == before


def test_numbers_alone_need_no_baseline(root: Root) -> None:
    root.write("a.py", function(2))
    root.baseline.write_text("damaged")
    assert root.run("measure").code == 0


def test_a_folder_in_its_place(root: Root) -> None:
    root.baseline.mkdir()
    assert root.run("check")[::2] == (2, ["error: antipasta-baseline.json: can't be read: Is a directory"])


def test_text_in_another_encoding(root: Root) -> None:
    root.baseline.write_bytes(TEXT.encode("latin-1"))
    assert root.run("check").err == [
        "error: antipasta-baseline.json:8: not UTF-8 (byte 0xfc); save the file as UTF-8"
    ]


@pytest.mark.parametrize(
    "args", [["--baseline", "other.json"], []], ids=["named by an option", "named by the settings"]
)
def test_one_that_is_named_and_missing_is_an_error(root: Root, args: list[str]) -> None:
    root.configure("" if args else 'baseline = "other.json"')
    write = " ".join(["pytest-antipasta baseline write", *args])
    error = f"error: other.json: baseline not found; create it with `{write}`"
    for command in COMMANDS:
        assert root.run(*command.split(), *args)[::2] == (2, [error]), command
    root.write("a.py", function(2))
    assert root.run(*write.split()[1:]) == (0, ["other.json: written, 0 entries for 0 files"], [])
    assert root.run("check", *args).code == 0


def test_a_file_of_another_kind_is_not_to_be_deleted(root: Root) -> None:
    before = (root.path / "pyproject.toml").read_bytes()
    error = "error: pyproject.toml: is not a baseline file; left unchanged; name another file"
    for command in ("check", "baseline prune", "baseline write"):
        assert root.run(*command.split(), "--baseline", "pyproject.toml") == (2, [], [error]), command
        assert (root.path / "pyproject.toml").read_bytes() == before


def test_an_option_is_relative_to_the_current_folder_and_comes_before_the_settings(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.configure('baseline = "missing.json"')
    root.write("a.py", function(5))
    (root.path / "sub").mkdir()
    assert root.run("baseline", "write", "--baseline", "sub/b.json").code == 0
    assert root.check("--baseline", "sub/b.json") == []
    assert not Path(root.path / "missing.json").exists()


def test_the_settings_name_one_relative_to_the_root(root: Root) -> None:
    root.configure('baseline = "ci/known.json"')
    root.write("a.py", function(5))
    assert root.run("baseline", "write").code == 0
    assert (root.path / "ci/known.json").is_file()
    assert root.check() == []
    assert not root.baseline.exists()


def test_the_page_shows_such_a_text() -> None:
    page = (Path(__file__).parents[2] / "docs/baseline.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    entries = parse_baseline(text)
    assert len(entries) == 2
    assert format_baseline(entries).decode() == text
