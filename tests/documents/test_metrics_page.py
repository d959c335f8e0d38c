"""``docs/metrics.md``: its example is what our commands print, its tables are what the tools count."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import Block
from pytest_antipasta.model.registry import OUR_METRICS
from tests.corpora import CorpusUnavailableError, corpus

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
TEXT = PAGE.read_text(encoding="utf-8")
# The code of each row of the table of cyclomatic complexity.
BODIES = {
    "`if`, `elif`": "if a: b\nelif c: d",
    "`a and b or c`": "a and b or c",
    "`a if b else c`": "a if b else c",
    "comprehension with `if`": "[b for b in a if b]",
    "`assert`": "assert a",
    "`for`, `else`": "for b in a: c\nelse: d",
    "`try`, `except`": "try: a\nexcept B: c",
    "`try`, `except`, `else`": "try: a\nexcept B: c\nelse: d",
    "`try`, `except`, `finally`": "try: a\nexcept B: c\nfinally: d",
    "`match`, 2 values": "match a:\n    case 1: b\n    case 2: c",
    "`match`, 1 value and `_`": "match a:\n    case 1: b\n    case _: c",
    "inner function with `if`": "def g():\n    if a: b",
}
# Of the table of cognitive complexity: code inside an `if`, and the points of all that the row is not about.
NESTED = {
    "`a or b and c or d`": ("a or b and c or d", 1),
    "comprehension": ("[b for b in a]", 1),
    "`match`": ("match a:\n    case 1: b", 1),
    "recursion": ("f(f(a))", 1),
    "`else` of a loop or `try`": ("for b in a: c\nelse: d", 3),
    "value of a keyword argument": ("a(b=c if d else e)", 1),
}


def find_rows(first: str) -> dict[str, list[str]]:
    """Return the cells of the table whose header begins with this, by the first cell of each row."""
    table = TEXT.partition(f"\n| {first}")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0]: row[1:] for row in rows}


def make_function(body: str) -> str:
    """Return the source of a function with this body."""
    return "def f():\n" + "".join(f"    {line}\n" for line in body.split("\n"))


def measure_body(body: str) -> Block:
    """Return the block of a function with this body."""
    return next(block for block in measure(make_function(body).encode()).blocks if block.name == "f")


def test_the_index_has_the_formula_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cart.py").write_text("a = 1 + 2\n", encoding="utf-8")
    main(["explain", "cart.py", "--all"])
    (shown,) = re.findall(r"^171 - .+$", TEXT, re.MULTILINE)
    assert f"\n  {shown}\n" in capsys.readouterr().out


def test_its_default_limits_are_ours() -> None:
    found = {name: cells[1] for name, cells in find_rows("metric | of | default").items()}
    for metric in OUR_METRICS:
        if metric.limit is not None:
            most = "at least" if metric.more_is_better else "at most"
            assert found[f"`{metric.name}`"] == f"{most} {metric.limit}, {metric.level}"


def test_each_metric_is_on_it() -> None:
    assert [metric.name for metric in OUR_METRICS if f"`{metric.name}`" not in TEXT] == []


def test_its_rules_of_other_tools_are_those_that_are_migrated() -> None:
    found = {name: cells[1:] for name, cells in find_rows("metric | counts | rule").items()}
    ours = [metric for metric in OUR_METRICS if metric.ruff]
    assert len(ours) == 7
    for metric in ours:
        assert found[f"`{metric.name}`"] == [f"`{metric.ruff}`", f"`{metric.pylint[0]}`"]


def test_cyclomatic_complexity_is_as_it_shows() -> None:
    shown = {name: cells[0] for name, cells in find_rows("code | radon").items()}
    assert shown == {name: str(measure_body(body).cyclomatic_complexity) for name, body in BODIES.items()}


def test_the_complexity_of_ruff_is_as_it_shows() -> None:
    shown = {name: cells[2] for name, cells in find_rows("code | radon").items()}
    assert shown == {name: str(measure_body(body).mccabe_complexity) for name, body in BODIES.items()}


def test_the_complexity_of_lizard_is_as_it_shows(tmp_path: Path) -> None:
    try:
        lizard = corpus("lizard")
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    rows = find_rows("code | radon")
    for number, name in enumerate(rows):
        (tmp_path / f"{number}.py").write_text(make_function(BODIES[name]))
    done = subprocess.run(
        [sys.executable, "-m", "lizard", "--csv", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(lizard)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {row[6]: row[1] for row in csv.reader(done.stdout.splitlines()) if row[7] == "f"}
    assert found == {f"./{number}.py": cells[3] for number, cells in enumerate(rows.values())}


def test_cognitive_complexity_is_as_it_shows() -> None:
    shown = {name: cells[0] for name, cells in find_rows("code | complexipy").items()}
    assert shown.keys() == NESTED.keys()
    for name, (body, others) in NESTED.items():
        nested = "\n".join(f"    {line}" for line in body.split("\n"))
        points = int(shown[name][0]) + ("plus nesting" in shown[name])
        assert measure_body(f"if x:\n{nested}").cognitive_complexity == points + others, name
