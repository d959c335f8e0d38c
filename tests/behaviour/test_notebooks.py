"""Notebooks go every way that Python goes: checks, commits, baselines, comments, explanations and reports."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import Any

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from tests.conftest import Repository
from tests.metrics.notebook.making import make_branches, make_notebook

SETTINGS = """\
[tool.pytest-antipasta]
notebooks = true
thresholds = { maintainability_index = false, halstead_volume = false, halstead_effort = false, \
halstead_difficulty = false, cyclomatic_complexity = 3, cognitive_complexity = false }
"""
FUNCTION = make_branches(4)
MODULE = "\n".join(["x = 0", *["if x:\n    x += 1"] * 3])
NOTEBOOK = make_notebook("md:# Title", "%matplotlib inline\nimport os", f"\n{FUNCTION}", MODULE)
ROWS = [
    "a.ipynb",
    "  cell 3:2  f            cyclomatic 4/3",
    "  cell 4:1  code-cell#4  cyclomatic 4/3",
]


class Root:
    """A repository with settings that take notebooks, the current folder."""

    def __init__(self, repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
        self.repository = repository
        self.path = repository.path
        self._capsys = capsys
        self.write("pyproject.toml", SETTINGS)

    def write(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def commit(self) -> None:
        self.repository.git("add", "--all")
        self.repository.git("-c", "user.name=a", "-c", "user.email=a", "commit", "--quiet", "--message=a")

    def stage(self, *cells: str, **others: Any) -> None:
        self.write("a.ipynb", make_notebook(*cells, **others))
        self.repository.git("add", "--all")

    def run(self, *args: str, code: int = 0) -> list[str]:
        """Run a command of ours; return the lines that it prints, warnings last."""
        assert main([*args]) == code
        out, err = self._capsys.readouterr()
        return [*out.splitlines(), *err.splitlines()]

    def report(self, *args: str, code: int = 0) -> Any:
        """Return the JSON that a command prints."""
        assert main([*args, "--format", "json", "--quiet"]) == code
        return json.loads(self._capsys.readouterr().out)


@pytest.fixture
def root(repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Root:
    monkeypatch.chdir(repository.path)
    return Root(repository, capsys)


def test_check_names_cell_and_line_from_the_store_too(root: Root) -> None:
    root.write("a.ipynb", NOTEBOOK)
    for found in ("0 hits, 1 miss", "1 hit, 0 misses"):
        lines = root.run("check", "--debug", code=1)
        assert lines[:3] == ROWS
        assert any(line.startswith("store: ") and found in line for line in lines)


def test_only_settings_make_notebooks_source_files(root: Root) -> None:
    root.write("a.ipynb", NOTEBOOK)
    root.write(".ipynb_checkpoints/a-checkpoint.ipynb", NOTEBOOK)
    names = ("include = ['*.ipynb']", "notebooks = false", "notebooks = true")
    found = []
    for name in names:
        root.write("pyproject.toml", SETTINGS.replace("notebooks = true", name))
        found.append([file["path"] for file in root.report("measure")["files"]])
    assert found == [[".ipynb_checkpoints/a-checkpoint.ipynb", "a.ipynb"], [], ["a.ipynb"]]
    root.write("pyproject.toml", SETTINGS.replace("notebooks = true", "notebooks = false"))
    assert root.run("check", "a.ipynb", code=1)[:3] == ROWS


def test_json_has_cells_and_lines_in_them(root: Root) -> None:
    root.write("a.ipynb", NOTEBOOK)
    (file,) = root.report("check", code=1)["files"]
    assert [
        (one["kind"], one["qualified_name"], one["cell"], one["line"], one["end_line"])
        for one in file["blocks"]
    ] == [
        ("cell", "code-cell#2", 2, 1, 2),
        ("cell", "code-cell#3", 3, 1, 9),
        ("function", "f", 3, 2, 8),
        ("cell", "code-cell#4", 4, 1, 7),
    ]
    assert [(one["cell"], one["line"]) for one in file["violations"]] == [(3, 2), (4, 1)]
    assert file["digest"] is None


def test_a_report_of_a_shard_is_read_back(root: Root) -> None:
    root.write("a.ipynb", NOTEBOOK.replace("def f", "def f"))
    root.write("b.ipynb", make_notebook("x = (", MODULE))
    root.run("check", "--report", "json=whole.json", code=1)
    whole = json.loads((root.path / "whole.json").read_text())
    for number in (1, 2):
        main(["check", "--shard", f"{number}/2", "--report", f"shard={number}.shard"])
    root.run("report", "merge", "1.shard", "2.shard", "--report", "json=merged.json", code=1)
    merged = json.loads((root.path / "merged.json").read_text())
    assert merged["files"] == whole["files"]


MESSAGES = ("cell 3, line 2: f: cyclo", "cell 4, line 1: code-cell#4: cyclo", "cell 2, line 1: not measured ")
# What programs that know no cells are told, and what people and pages are.
SHOWN = {
    "github": ["file=a.ipynb,line=1::cell 3, line 2: f: cyclo", "file=b.ipynb,line=1::cell 2, line 1: "],
    "markdown": ["`a.ipynb:cell 3:2`", "`b.ipynb:cell 2:1`"],
    "junit": ["a.ipynb:cell 3:2: f          ", "b.ipynb:cell 2:1: "],
    # The page's programs find the cells among the blocks; the source of one is there.
    "html": ['["code-cell#3","cell",3,11,', "def f(a):", '"line":1,"text":"not measured (syntax)'],
}


def test_each_format_names_the_cell(root: Root) -> None:
    """In SARIF and for GitLab in words, beside line 1."""
    root.write("a.ipynb", NOTEBOOK)
    root.write("b.ipynb", make_notebook("x", "y = ("))
    names = ("sarif", "gitlab", "csv", *SHOWN)
    root.run("check", "--quiet", *(f"--report={name}=report.{name}" for name in names), code=1)
    reports = {name: (root.path / f"report.{name}").read_text() for name in names}
    (run,) = json.loads(reports["sarif"])["runs"]
    told = [*run["results"], *run["invocations"][0]["toolExecutionNotifications"]]
    assert all(one["message"]["text"].startswith(text) for one, text in zip(told, MESSAGES, strict=True))
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in told]
    assert regions == [{"startLine": 1}] * 3
    issues = json.loads(reports["gitlab"])
    assert [issue["location"]["lines"]["begin"] for issue in issues] == [1, 1, 1]
    assert all(one["description"].startswith(text) for one, text in zip(issues, MESSAGES, strict=True))
    rows = list(csv.DictReader(reports["csv"].splitlines()))
    assert [(row["cell"], row["line"]) for row in rows] == [("3", "2"), ("4", "1"), ("2", "1")]
    for name, texts in SHOWN.items():
        assert [text for text in texts if text not in reports[name]] == [], name


def test_a_commit_that_executes_a_notebook_again_says_nothing(root: Root) -> None:
    root.stage(FUNCTION, MODULE)
    root.commit()
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["done"]}]
    root.stage(FUNCTION, MODULE, outputs=outputs, count=7)
    assert root.run("hook", "a.ipynb") == []


def test_a_commit_that_makes_code_of_a_notebook_worse_is_reported_where(root: Root) -> None:
    root.stage(FUNCTION, MODULE, "y = 1")
    root.commit()
    # What is inserted before it makes each cell the next one.
    root.stage("md:new", "z = 1", make_branches(5), f"{MODULE}\nif x: pass", "y = 1")
    lines = root.run("hook", code=1)
    assert lines[:3] == [
        "a.ipynb",
        "  cell 3:1  f            cyclomatic 4 → 5/3 (+1)",
        "  cell 4:1  code-cell#4  cyclomatic 4 → 5/3 (+1)",
    ]
    changes = root.report("check", "--staged", code=1)["changes"]
    keys = ("change", "previous_name", "qualified_name", "cell", "line", "end_line")
    assert [tuple(change[key] for key in keys) for change in changes] == [
        ("added", None, "code-cell#2", 2, 1, 1),
        ("modified", None, "f", 3, 1, 9),
        ("modified", "code-cell#2", "code-cell#4", 4, 1, 8),
    ]


def test_what_a_change_allows_and_splits_is_reported_where(root: Root) -> None:
    root.stage("x = 1", make_branches(7))
    root.commit()
    comment = "# antipasta: ignore[cyclomatic<=6]"
    helper, other = (
        make_branches(number).replace("f(", f"{name}(", 1) for number, name in ((5, "g"), (9, "h"))
    )
    root.stage("x = 1", f"{make_branches(1)}\n    return g(x)", f"{comment}\n{helper}", other)
    (line,) = (line for line in root.run("hook", code=1) if "its new helper" in line)
    assert line.startswith("better: a.ipynb:cell 2:1: f: ")
    text = f"g: cyclomatic_complexity: comment {comment} (<= 3 → <= 6)"
    check = ("check", "--staged", "--quiet", "--format")
    assert f"  a.ipynb:cell 3:1: {text}" in root.run("check", "--staged", code=1)
    assert f"file=a.ipynb,line=1::cell 3, line 1: {text}" in root.run(*check, "github", code=1)[0]
    said = json.loads("\n".join(root.run(*check, "rdjson", code=1)))["diagnostics"][-1]
    assert said["message"] == f"waiver added: cell 3, line 1: {text}"
    assert said["location"]["range"] == {"start": {"line": 1}}
    told = root.report("check", "--staged", code=1)
    (waiver,), (found,) = told["waivers"], told["splits"]
    assert [(item["cell"], item["line"]) for item in (waiver, found)] == [(3, 1), (2, 1)]


def test_a_commit_that_moves_cells_is_not_answerable_for_them(root: Root) -> None:
    root.stage(FUNCTION, MODULE, "y = 1")
    root.commit()
    root.stage(MODULE, "md:between", "y = 1", f"# moved\n\n{FUNCTION}")
    assert root.run("hook") == []


def test_a_commit_whose_notebook_is_damaged_does_not_pass(root: Root) -> None:
    root.stage(MODULE)
    root.commit()
    root.write("a.ipynb", '{"cells": [')
    root.repository.git("add", "--all")
    lines = root.run("hook", code=3)
    assert lines[0].startswith("a.ipynb: not measured (syntax): not a notebook: ")
    assert lines[1] == "    fix it, or exclude the file"


def test_a_baseline_follows_cells(root: Root) -> None:
    root.write("a.ipynb", NOTEBOOK)
    root.run("baseline", "write")
    root.write("a.ipynb", make_notebook("md:more", "md:# Title", MODULE, "x = 1", FUNCTION))
    assert root.run("check")[0] == "no violations in 1 file"
    root.write("a.ipynb", make_notebook("md:more", f"{MODULE}\nif x: pass", FUNCTION))
    lines = root.run("check", code=1)
    assert lines[1] == "  cell 2:1  code-cell#2  cyclomatic 5/3 (the baseline has 4)"


COMMENT = "# antipasta: ignore[cyclomatic_complexity<=4] as it is"


@pytest.mark.parametrize(
    "cells",
    [
        (f"{COMMENT}\n{FUNCTION}",),
        (FUNCTION.replace(":", f":  {COMMENT}", 1),),
        (f"{COMMENT}\n{MODULE}",),
        (f"# more\n%matplotlib inline\n{COMMENT}\n\n{MODULE}",),
        (f"%%time\n{COMMENT}\n{MODULE}",),
        ("x = 1", f"{COMMENT}\n{MODULE}\n{make_branches(2)}"),
    ],
)
def test_a_comment_in_a_cell_suppresses(root: Root, cells: tuple[str, ...]) -> None:
    root.write("a.ipynb", make_notebook(*cells))
    lines = root.run("check")
    assert lines[1].startswith("suppressed by comments: 1 violation in 1 file")


def test_a_comment_is_about_no_block_of_the_next_cell(root: Root) -> None:
    root.write("a.ipynb", make_notebook(f"x = 1\n{COMMENT}", FUNCTION))
    lines = root.run("check", code=1)
    assert any(line.startswith("a.ipynb:cell 1:2: suppression not applied: ") for line in lines)


def test_explain_takes_blocks_cells_and_lines_of_cells(root: Root) -> None:
    root.write("a.ipynb", NOTEBOOK)
    by_name = root.run("explain", "a.ipynb::f", "--quiet")
    assert by_name == root.run("explain", "a.ipynb:cell 3:5", "--quiet")
    assert by_name[0] == "a.ipynb:cell 3:2 function f"
    assert " +1         2  def f(a):  \N{LEFTWARDS ARROW} function" in by_name
    cell = root.run("explain", "a.ipynb::code-cell#4", "--quiet")
    assert cell[0] == "a.ipynb:cell 4:1 cell code-cell#4"
    start = cell.index("cyc cog  line") + 1
    assert cell[start : start + 2] == [" +1         1  x = 0", " +1  +1     2  if x:  \N{LEFTWARDS ARROW} if"]
    assert "  4   3   sum" in cell
    root.write("b.ipynb", make_notebook("x = 1", "y = 1"))
    assert root.run("explain", "b.ipynb::code-cell#1", "--quiet")[0] == "b.ipynb:cell 1:1 cell code-cell#1"
    assert "name the cell as well" in root.run("explain", "a.ipynb:5", code=2)[-1]
    root.write("a.py", "x = 1\n")
    assert "name the line alone, as in a.py:1" in root.run("explain", "a.py:cell 1:1", code=2)[-1]
    assert "this line is outside any function or class" in root.run("explain", "a.ipynb:cell 1:1", code=2)[-1]
    (block,) = root.report("explain", "a.ipynb::f")["blocks"]
    assert (block["cell"], block["line"], block["points"][0]["cell"], block["points"][0]["line"]) == (
        3,
        2,
        3,
        2,
    )


def test_standard_input_may_be_a_notebook(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NOTEBOOK.encode())))
    lines = root.run("measure", "-", "--stdin-filename", "b.ipynb")
    assert lines[3] == "  cell 3:2  function f        cyclomatic   4  cognitive   3"


def test_programs_measure_a_notebook_by_its_path() -> None:
    measured = pytest_antipasta.measure(NOTEBOOK.encode(), "a.ipynb")
    assert [block.kind for block in measured.blocks] == ["cell", "cell", "function", "cell"]
    assert pytest_antipasta.measure(b"\0notebook cells 1:1\0x\n").error is not None


def test_a_notebook_that_is_not_python_is_left_out_and_reported(root: Root) -> None:
    root.stage("x <- 3", language="R")
    told = "skipped notebooks with a kernel other than Python: a.ipynb (R)"
    for _ in range(2):
        assert told in root.run("check")
    assert f"warning: {told}" in root.run("hook")
    (file,) = root.report("measure")["files"]
    assert (file["status"], file["language"], file["blocks"]) == ("skipped", "R", [])
    assert file["metrics"]["lines_of_code"] is None


def test_a_skipped_notebook_is_not_counted_as_checked(root: Root) -> None:
    root.stage("x <- 3", language="R")
    assert root.run("check")[0] == "1 file skipped"
    root.write("b.py", "def f(): ...\n")
    for known in ("", ", 1 unchanged"):
        first, _, last = root.run("check")
        assert first == "no violations in 1 file"
        assert last.startswith(f"checked 1 file{known}, in ")
    over = root.run("check", "--limit", "cyclomatic=0", code=1)
    assert "1 function is over a limit, in 1 file" in over
    summary = root.report("check")["summary"]
    assert (summary["files"], summary["measured"], summary["errors"]) == (2, 1, 0)
    junit = "\n".join(root.run("check", "--format", "junit"))
    assert 'skipped="1"' in junit
    assert "2 files, 0 violations, 1 skipped" in root.run("check", "--format", "markdown")
    figures = root.run("check", "--format", "prometheus")
    assert [line[-2:] for line in figures if line.startswith("antipasta_files{")] == [" 1"]
    assert '<skipped message="a notebook with a kernel other than Python: R" />' in junit


def test_a_history_has_the_numbers_of_notebooks(root: Root) -> None:
    root.write("b.ipynb", "damaged")
    for cells in ((make_branches(2), "x = 1"), ("y = 2", make_branches(3), "x = 1"), (make_branches(5),)):
        root.stage(*cells)
        root.commit()
    assert root.run("trend", "a.ipynb::code-cell#1", "--quiet", "--ref", "HEAD~1")
    trend = root.report("trend", "--hotspots")
    numbers = [(one["files"], one["errors"], one["violations"]) for one in trend["commits"]]
    assert numbers == [(2, 1, 0), (2, 1, 0), (2, 1, 1)]
    (standing,) = trend["standing"]
    assert (standing["path"], standing["qualified_name"], standing["line"]) == ("a.ipynb", "f", None)
