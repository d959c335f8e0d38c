"""``pytest-antipasta explain``: where the points come from."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import TypeAlias

import pytest

from pytest_antipasta import measure
from pytest_antipasta.cli import main
from pytest_antipasta.report.records import make_numbers
from tests.conftest import Program
from tests.metrics.notebook.making import make_notebook
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS

CART = '''\
class Cart:
    """What is bought."""

    def total(self, vip):
        amount = 0
        for item in self.items:
            if vip and item.old or item.free:
                continue
            amount += item.price
        else:
            amount = -amount
        return amount

    def names(self):
        def name(item):
            return item.name if item else "?"
        return [name(item) for item in self.items]


def simple(a): return a
'''
SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 4
halstead_effort = false

[[tool.pytest-antipasta.overrides]]
files = ["cart.py"]
thresholds = { cognitive_complexity = 4, halstead_volume = { limit = 1000, block_limit = 300 } }
"""

FROM_5, FROM_6 = "5 \N{RIGHTWARDS ARROW}", "6 \N{RIGHTWARDS ARROW}"


@pytest.fixture
def project(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a class, one of whose methods is over a limit; the current one."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "cart.py").write_text(CART)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Explain: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def explain(project: Path, program: Program) -> Explain:
    """Runs the command, and returns the lines of its output, or of what it says of wrong usage."""

    def run(*args: str, code: int = 0) -> list[str]:
        said = program("explain", *args, code=code)
        return (said.err if code == 2 else said.out).splitlines()

    return run


def test_a_block_is_shown_line_by_line(explain: Explain) -> None:
    assert explain("cart.py::Cart.total", "--all")[:27] == [
        "cart.py:4 method Cart.total",
        "cyclomatic_complexity 6, must be <= 4 (settings, pyproject.toml:2): over by 2",
        "cognitive_complexity 5, must be <= 4 (overrides[0], pyproject.toml:7): over by 1",
        "halstead_volume 36.54, must be <= 300 (overrides[0], pyproject.toml:7): within the limit by 263.46",
        "halstead_effort 85.26, no limit (settings, pyproject.toml:3)",
        "complexity within its limits in 1 step, proven equivalent: "
        "`pytest-antipasta fix cart.py::Cart.total --name 7=NAME`",
        "  choose each NAME; without it, its step is not written",
        f"  1. move to a new function, lines 7-9: cognitive {FROM_5} 1, cyclomatic {FROM_6} 3",
        "     new function: def _total_amount(vip, amount, item) (cognitive 3, cyclomatic 4)",
        "  proven equivalent: on every path, the bytecode of both versions does the same",
        "cyc cog  line",
        " +1         4      def total(self, vip):  \N{LEFTWARDS ARROW} function",
        "            5          amount = 0",
        " +1  +1     6          for item in self.items:  \N{LEFTWARDS ARROW} for",
        (
            " +3  +4     7              if vip and item.old or item.free:"
            "  \N{LEFTWARDS ARROW} if, nested 1, or, and"
        ),
        "            8                  continue",
        "            9              amount += item.price",
        " +1        10          else:  \N{LEFTWARDS ARROW} else",
        "           11              amount = -amount",
        "           12          return amount",
        "  6   5   sum",
        "without a limit: parameters 1, positional_parameters 1, branches 3, returns 1, statements 5, "
        "mccabe_complexity 3, boolean_expressions 3, nesting_depth 2, length 9",
        "Halstead",
        "  operators: N1 = 4, distinct n1 = 4: +, -x, and, or",
        "  operands: N2 = 7, distinct n2 = 6: amount, free, old, price, vip, 1 expression",
        "  volume = (N1 + N2) * log2(n1 + n2) = (4 + 7) * log2(4 + 6) = 36.54",
        "  difficulty = n1 / 2 * N2 / n2 = 4 / 2 * 7 / 6 = 2.33",
    ]


def test_values_without_a_limit_are_shown_if_asked_for(explain: Explain, project: Path) -> None:
    lines = explain("cart.py::Cart.total", "--all")
    unlimited = next(number for number, line in enumerate(lines) if line.startswith("without a limit: "))
    assert explain("cart.py::Cart.total") == [
        *lines[:unlimited],
        *lines[lines.index("step 1: move to a new function") :],
    ]
    (project / "pyproject.toml").write_text("")
    lines = explain("cart.py::Cart.total")
    assert (lines[0], lines[-1]) == ("cart.py:4 method Cart.total", "  6   5   sum")
    assert "Halstead" in explain("cart.py::Cart.total", "--all")


def test_halstead_over_its_limit_is_explained(explain: Explain, project: Path) -> None:
    settings = project / "pyproject.toml"
    for limit in ("{ limit = 900, block_limit = 9 }", '{ limit = 900, block_limit = 9, level = "warning" }'):
        settings.write_text(f"[tool.pytest-antipasta.thresholds]\nhalstead_volume = {limit}\n")
        lines = explain("cart.py::Cart.total")
        assert "Halstead" in lines
        assert not any(line.startswith("without a limit: ") for line in lines)


def test_a_limit_of_the_file_alone_is_none_of_the_block(explain: Explain, project: Path) -> None:
    settings = "[tool.pytest-antipasta.thresholds]\nhalstead_effort = 900\nhalstead_volume = false\n"
    (project / "pyproject.toml").write_text(settings)
    lines = explain("cart.py::Cart.total")
    assert [line for line in lines if "no limit" in line] == [
        "halstead_volume 36.54, no limit (settings, pyproject.toml:3)",
        (
            "halstead_effort 85.26, no limit: only the file has a limit; set one for functions and classes "
            "with `block_limit` (settings, pyproject.toml:2)"
        ),
    ]


def test_a_file_is_shown_with_the_blocks_that_are_over(explain: Explain) -> None:
    lines = explain("cart.py")
    index, volume, difficulty, effort = lines[1:5]
    assert lines[:8] == [
        "cart.py",
        "maintainability_index 61.01, must be >= 50 (default): within the limit by 11.01",
        "halstead_volume 36.54, must be <= 1000 (overrides[0], pyproject.toml:7): within the limit by 963.46",
        "halstead_difficulty 2.33, must be <= 10 (default): within the limit by 7.67",
        "halstead_effort 85.26, no limit (settings, pyproject.toml:3)",
        "",
        "cart.py:4 method Cart.total",
        "cyclomatic_complexity 6, must be <= 4 (settings, pyproject.toml:2): over by 2",
    ]
    assert explain("cart.py", "--all")[:26] == [
        "cart.py",
        index,
        volume,
        difficulty,
        effort,
        "without a limit: lines_of_code 20, logical_lines_of_code 17, source_lines_of_code 15, "
        "comment_lines 0, single_comment_lines 1, multi_line_string_lines 0, blank_lines 4, "
        "average_cyclomatic_complexity 3, total_cognitive_complexity 6",
        "maintainability index",
        "  V = 36.54: Halstead volume",
        "  CC = 9: cyclomatic complexity of the whole file",
        "  LLOC = 17: logical lines",
        "  C = 0 %: comments and multi-line strings as a percentage of the source lines",
        "  171 - 5.2 * ln(V) - 0.23 * CC - 16.2 * ln(LLOC) + 50 * sin(sqrt(2.46 * radians(C)))",
        "  = 171 - 18.71 - 2.07 - 45.90 + 0.00 = 104.32",
        "  maintainability_index = 104.32 * 100 / 171 = 61.01",
        "Halstead",
        "  operators: N1 = 4, distinct n1 = 4: +, -x, and, or",
        "  operands: N2 = 7, distinct n2 = 6: amount, free, old, price, vip, 1 expression",
        "  volume = (N1 + N2) * log2(n1 + n2) = (4 + 7) * log2(4 + 6) = 36.54",
        "  difficulty = n1 / 2 * N2 / n2 = 4 / 2 * 7 / 6 = 2.33",
        "  effort = difficulty * volume = 2.33 * 36.54 = 85.26",
        "  time = effort / 18 = 4.74 s",
        "  bugs = volume / 3000 = 0.01",
        "outside functions and classes",
        "  cyclomatic: no points",
        "  cognitive: no points",
        "",
    ]
    assert headlines(lines) == ["cart.py:4 method Cart.total"]
    command = "pytest-antipasta explain cart.py"
    assert lines[-1] == f"next: `{command} --all` explains 5 blocks, `{command}::BLOCK` one of them"
    assert explain("cart.py", "--quiet") == lines[:-1]
    assert explain("cart.py::antipasta") == lines
    assert headlines(explain("cart.py", "--all")) == [
        "cart.py:1 class Cart",
        "cart.py:4 method Cart.total",
        "cart.py:14 method Cart.names",
        "cart.py:15 closure Cart.names.name",
        "cart.py:20 function simple",
    ]


def headlines(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("cart.py:")]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        pytest.param(
            "Cart",
            [
                "  9   6   sum",
                "cyclomatic_complexity of a class: the sum / methods = 9 / 2, rounded down, plus 1 = 5",
                "a class has no cognitive_complexity; the sum is that of the functions inside it",
            ],
            id="a class",
        ),
        pytest.param(
            "Cart.names",
            [
                "  2   1   sum",
                "not in the cyclomatic sum because they have their own values: Cart.names.name 2",
                "1 of its 1 cognitive point is in functions inside it: name 1",
            ],
            id="a function with another one in it",
        ),
        pytest.param(
            "Cart.names.name",
            [
                "  2   1   sum",
                "no separate cognitive_complexity: its points are part of Cart.names's",
                "cognitive_complexity no value, must be <= 4 (overrides[0], pyproject.toml:7): not checked",
            ],
            id="a function in a function",
        ),
        pytest.param("simple", ["volume = difficulty = effort = 0: no operators"], id="a simple one"),
    ],
)
def test_what_a_sum_leaves_out_is_reported(explain: Explain, name: str, lines: list[str]) -> None:
    shown = [line.removeprefix("  ") for line in explain(f"cart.py::{name}", "--all")]
    assert [line for line in lines if line.removeprefix("  ") not in shown] == []


def test_the_points_of_functions_inside_are_told_at_the_head(explain: Explain, project: Path) -> None:
    """Those of a function in one of them are among its points."""
    few = "    def few(a):\n        if a:\n            def own(a):\n                if a: pass\n"
    many = "    def many(a):\n" + "        if a: pass\n" * 7
    method = f"    class Class:\n{indent(few, '    ')}"
    (project / "inner.py").write_text(f"def outer(a):\n{few}{many}{method}    if a: return few, many\n")
    lines = explain("inner.py::outer")
    told = "  22 of its 23 cognitive points are in functions inside it: many 14, few 5, Class.few 3"
    assert told in lines[1:5]


def test_the_same_as_json(explain: Explain, project: Path) -> None:
    report = json.loads("\n".join(explain("cart.py", "--format", "json")))
    assert (report["path"], report["status"], report["outside"]) == ("cart.py", "measured", [])
    assert report["functions"][0] == {"name": "Cart::total", "line": 4, "cognitive_complexity": 5}
    assert report["index"]["terms"]["total"] * 100 / 171 == report["metrics"]["maintainability_index"]
    (block,) = report["blocks"]
    assert block["points"] == [
        {"line": 4, "cyclomatic_complexity": 1, "cognitive_complexity": 0},
        {"line": 6, "cyclomatic_complexity": 1, "cognitive_complexity": 1},
        {"line": 7, "cyclomatic_complexity": 3, "cognitive_complexity": 4},
        {"line": 10, "cyclomatic_complexity": 1, "cognitive_complexity": 0},
    ]
    assert block["rest"] == {"cyclomatic_complexity": 0, "cognitive_complexity": 0}
    assert block["limits"][1] == {
        "metric": "cognitive_complexity",
        "value": 5,
        "threshold": 4,
        "comparison": "<=",
        "headroom": -1,
        "origin": "overrides[0], pyproject.toml:7",
        "state": "over",
        "why": None,
    }
    assert block["halstead"]["operator_names"] == ["+", "-x", "and", "or"]
    assert block["plans"] == []
    measured = explain_numbers(project)
    assert {key: block[key] for key in measured} == measured


def explain_numbers(project: Path) -> dict[str, object]:
    """Return what ``measure`` has about the block."""
    return make_numbers(measure((project / "cart.py").read_bytes()).blocks[1])


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param(
            b"def f(x):\n  if x: pass\n  x = = 1\n",
            [
                "bad.py:3: not measured (syntax): invalid syntax",
                "       3    x = = 1",
                "still measured (partial): lines_of_code 3",
            ],
            id="a syntax error",
        ),
        pytest.param(
            b"def f(x): pass\nx = '\xff'\n",
            [
                (
                    "bad.py:2: not measured (encoding): byte 0xff at offset 20 is not utf-8; save the file "
                    "as UTF-8 or declare its encoding in the first line (PEP 263)"
                ),
                "still measured (partial): lines_of_code 2",
            ],
            id="an unknown encoding",
        ),
        pytest.param(
            b"class A:\n  def f(x):\n    if x: return t'{x}'\n",
            [
                "bad.py:3: not measured (syntax): invalid syntax",
                "       3      if x: return t'{x}'",
                "still measured (partial): lines_of_code 3, total_cognitive_complexity 1",
                "  line 2: A::f: cognitive_complexity 1: 1 point: line 3 +1",
            ],
            id="syntax that only complexipy knows",
            marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python knows it, too"),
        ),
        pytest.param(
            b"def f(x):\n" + b"  if x: pass\n" * 22 + b"  return t'{x}'\n",
            [
                "bad.py:24: not measured (syntax): invalid syntax",
                "      24    return t'{x}'",
                "still measured (partial): lines_of_code 24, total_cognitive_complexity 22",
                (
                    "  line 1: f: cognitive_complexity 22: 22 points: "
                    f"{', '.join(f'line {line} +1' for line in range(2, 22))} and 2 more lines"
                ),
            ],
            id="points of more lines than are listed",
            marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python can parse it, too"),
        ),
    ],
)
def test_of_a_file_without_numbers_the_rest_is_shown(
    project: Path, explain: Explain, source: bytes, lines: list[str]
) -> None:
    (project / "bad.py").write_bytes(source)
    said = explain("bad.py", code=3)
    assert said[: len(lines)] == lines
    assert all(line.startswith("    ") for line in said[len(lines) :])
    report = json.loads("\n".join(explain("bad.py::f", "--format", "json", code=3)))
    assert (report["status"], report["blocks"]) == ("error", [])


@NEEDS_LINKS
def test_what_is_not_a_file_is_reported(project: Path, explain: Explain) -> None:
    (project / "gone.py").symlink_to("nowhere.py")
    assert explain("gone.py", code=3) == [
        "gone.py: not measured (missing): file not found (deleted?)",
        "    run again if the file was moved; if it is a broken symlink, fix or remove it",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["cart.py::Cart.totl"],
            'cart.py: no function or class "Cart.totl"; did you mean Cart.total, Cart, Cart.names?',
            id="a wrong name",
        ),
        pytest.param(
            ["cart.py::name"],
            'cart.py: no function or class "name"; did you mean Cart.names.name?',
            id="a bare name",
        ),
        pytest.param(
            ["empty.py::f"], 'empty.py: no function or class "f"; it has none', id="a file without blocks"
        ),
        pytest.param(["."], ".: is a folder; name a file", id="a folder"),
        pytest.param(
            ["simple"],
            "no such file: simple; did you mean `pytest-antipasta explain cart.py::simple`?",
            id="a function without its file",
        ),
        pytest.param(
            ["complicated"],
            "no such file or folder: complicated; for a function, name its file: `pytest-antipasta explain "
            "FILE::NAME`",
            id="a function that no file has",
        ),
        pytest.param(["cart"], 'no such file or folder: cart; did you mean "cart.py"?', id="half of a file"),
    ],
)
def test_an_error_is_reported_in_a_line(
    project: Path, explain: Explain, args: list[str], message: str
) -> None:
    (project / "empty.py").touch()
    (line,) = explain(*args, code=2)
    assert line.startswith(f"error: {message}")


def test_many_blocks_are_not_all_listed(project: Path, explain: Explain) -> None:
    (project / "many.py").write_text("".join(f"def f{number}(): pass\n" for number in range(9)))
    assert explain("many.py::xyz", code=2) == [
        'error: many.py: no function or class "xyz"; it has f0, f1, f2, f3, f4 and 4 more'
    ]


def test_the_store_is_asked_and_keeps_nothing(
    project: Path, explain: Explain, cache_dir: Path, program: Program
) -> None:
    told = program("explain", "cart.py", "--debug").err.splitlines()
    assert told[0] == f"debug: root {project}, settings from {project / 'pyproject.toml'}"
    assert f"debug: store {cache_dir}, by PYTEST_ANTIPASTA_CACHE_DIR" in told
    assert json.loads(program("check", "--format", "json", code=1).out)["run"]["hits"] == 0
    assert "debug: store disabled" in program("explain", "cart.py", "--debug", "--no-cache").err


@NOT_ON_WINDOWS
def test_a_file_may_have_colons_in_its_name(project: Path, explain: Explain) -> None:
    (project / "a::b.py").write_text("def f(): pass\n")
    assert explain("a::b.py")[0] == "a::b.py"
    assert explain("a::b.py::f")[0] == "a::b.py:1 function f"


@NOT_ON_WINDOWS
def test_a_method_may_be_named_as_pytest_names_it(project: Path, explain: Explain) -> None:
    (project / "a::b.py").write_text("class A:\n    class B:\n        def f(self): pass\n")
    assert explain("a::b.py::A::B::f")[0] == "a::b.py:3 method A.B.f"


def test_blocks_inside_functions_may_be_left_alone(project: Path, explain: Explain) -> None:
    (project / "pyproject.toml").write_text(
        "[tool.pytest-antipasta]\nnested_blocks = false\nthresholds = {cyclomatic_complexity = 1}\n"
    )
    line = "cyclomatic_complexity 2, must be <= 1 (settings, pyproject.toml:3): not checked, over by 1"
    assert line in explain("cart.py::Cart.names.name")


@pytest.mark.parametrize(
    ("comment", "lines"),
    [
        ("ignore[cyclomatic<=6] kinds", ["cyclomatic_complexity <= 6: used: kinds"]),
        ("ignore[cyclomatic<=5] kinds", ["cyclomatic_complexity <= 5: exceeded: kinds"]),
        (
            "ignore[cyclo] kinds",
            ["not honoured: kinds", '    unknown metric "cyclo"; did you mean "cyclomatic"?'],
        ),
    ],
)
def test_the_comments_of_a_function_are_shown_with_their_effect(
    project: Path, explain: Explain, comment: str, lines: list[str]
) -> None:
    (project / "cart.py").write_text(CART.replace("(self, vip):", f"(self, vip):  # antipasta: {comment}"))
    first, *others = lines
    shown = [f"comment cart.py:4: {first}", *others]
    said = explain("cart.py::Cart.total")
    start = said.index(shown[0])
    assert said[start : start + len(shown)] == shown
    assert shown[0] not in explain("cart.py::Cart.names")


def test_comments_at_its_class_and_its_file_are_shown_too(project: Path, explain: Explain) -> None:
    source = CART.replace("class Cart:", "class Cart:  # antipasta: ignore[cognitive<=30] old")
    whole = "# antipasta: ignore-file[cyclomatic<=9, maintainability_index>=40] made by hand\n"
    (project / "cart.py").write_text(f"{whole}# antipasta: ignore-file[maintainability_index>=40]\n{source}")
    assert [line for line in explain("cart.py::Cart.total") if line.startswith("comment")] == [
        "comment cart.py:1, at the file: cyclomatic_complexity <= 9, maintainability_index >= 40 (unused): "
        "used: made by hand",
        "comment cart.py:3, at class Cart: cognitive_complexity <= 30: used: old",
    ]
    assert not any("class Cart" in line for line in explain("cart.py::simple"))


def test_a_comment_of_another_tool_is_mentioned(project: Path, explain: Explain) -> None:
    (project / "cart.py").write_text(CART.replace("(self, vip):", "(self, vip):  # noqa: C901"))
    line = 'not honoured: comments of other tools at 1 function; add "noqa" to `foreign_suppressions`'
    assert line in explain("cart.py::Cart.total")
    assert line not in explain("cart.py::simple")


def test_what_is_over_may_be_tolerated(project: Path, explain: Explain) -> None:
    comment = "    # antipasta: ignore[cyclomatic_complexity] all kinds of items\n    def total"
    (project / "cart.py").write_text(CART.replace("    def total", comment))
    lines = explain("cart.py")
    assert headlines(lines) == ["cart.py:5 method Cart.total"]
    line = "cyclomatic_complexity 6, must be <= 4 (settings, pyproject.toml:2): "
    assert f"{line}tolerated, over by 2: suppressed" in lines
    assert f"{line}over by 2" in explain("cart.py", "--no-ignore")
    main(["baseline", "write", "--quiet"])
    line = "cognitive_complexity 5, must be <= 4 (overrides[0], pyproject.toml:7): tolerated, over by 1"
    assert f"{line}: baseline" in explain("cart.py::Cart.total")


@pytest.mark.parametrize(
    ("variables", "colors"),
    [
        pytest.param({}, False, id="no terminal"),
        pytest.param({"FORCE_COLOR": "1"}, True, id="colors are asked for"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="and refused"),
        pytest.param({"FORCE_COLOR": ""}, False, id="an empty variable says nothing"),
        pytest.param({"FORCE_COLOR": "1", "TERM": "dumb"}, False, id="a terminal that has none"),
    ],
)
def test_colors_are_for_those_who_see_them(
    explain: Explain, variables: dict[str, str], colors: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = explain("cart.py", "--all")
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    shown = explain("cart.py", "--all")
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in shown] == plain
    assert (shown != plain) == colors


def test_source_can_not_steer_the_terminal(project: Path, explain: Explain) -> None:
    (project / "odd.py").write_text(f"def f(x):\n\tx = '\x1b[2J\x0c'\n\treturn '{'y' * 300}'\n")
    *_, assigning, returning, _ = explain("odd.py::f")
    assert assigning.endswith("    x = '\\x1b[2J\\x0c'")
    assert returning.endswith("y...") and len(returning) < 200


@pytest.mark.parametrize(
    ("target", "headline"),
    [
        pytest.param("cart.py:7", "cart.py:4 method Cart.total", id="a line of it"),
        pytest.param(
            "cart.py:4", "cart.py:4 method Cart.total", id="its first line, as our messages have it"
        ),
        pytest.param("cart.py:4:", "cart.py:4 method Cart.total", id="copied with the colon behind it"),
        pytest.param(
            "cart.py:16:12", "cart.py:15 closure Cart.names.name", id="a column, and a block inside"
        ),
        pytest.param("cart.py:2", "cart.py:1 class Cart", id="a line that only the class has"),
        pytest.param("b.py:3", "b.py:3", id="a file of such a name"),
        pytest.param("d.py:2", "d.py:4 method A.f", id="the first of its decorators"),
        pytest.param("d.py:3", "d.py:4 method A.f", id="a later decorator"),
        pytest.param("d.py:5", "d.py:1 class A", id="a blank line before decorators"),
    ],
)
def test_a_place_is_a_block(explain: Explain, project: Path, target: str, headline: str) -> None:
    (project / "b.py:3").write_text("def f(): pass\n")
    decorated = "    @decorate\n    @again(1)\n    def f(self): pass\n"
    (project / "d.py").write_text(f"class A:\n{decorated}\n{decorated.replace('f(', 'g(')}")
    assert explain(target)[0] == headline


def test_a_place_in_no_block_is_reported(explain: Explain) -> None:
    has = "the file has Cart, Cart.total, Cart.names, Cart.names.name, simple"
    assert explain("cart.py:19", code=2) == [
        f"error: cart.py:19: this line is outside any function or class; {has}"
    ]
    assert explain("none.py:19", code=2) == ["error: no such file or folder: none.py"]


NAMESAKES = """\
class Cart:
    @property
    def total(self):
        return 1

    @total.setter
    def total(self, value):
        pass

    def other(self):
        pass


class Till:
    def total(self):
        pass
"""


def test_blocks_of_the_same_name_are_reported(explain: Explain, project: Path) -> None:
    (project / "cart.py").write_text(NAMESAKES)
    told = "several blocks have that name; select one of these: "
    assert explain("cart.py::Cart.total")[-1] == f"{told}Cart.total#2 in line 7"
    assert explain("cart.py::Cart.total#2")[-1] == f"{told}Cart.total#1 in line 3"
    assert [line for line in explain("cart.py::Cart.total", "--quiet") if told in line] == []
    for name, which in (("", 1), ("#1", 1), ("#2", 2)):
        assert explain(f"cart.py::Cart.total{name}")[0].endswith(f", {which} of 2 of that name")
    assert explain("cart.py::Till.total")[0].endswith(" method Till.total")
    assert [line for line in explain("cart.py::Till.total") if told in line] == []
    assert [line for line in explain("cart.py", "--all") if told in line] == []
    (project / "cart.ipynb").write_text(make_notebook("import till", *(["def total():\n    pass"] * 2)))
    assert explain("cart.ipynb::total")[-1] == f"{told}total#2 in cell 3, line 1"


def test_of_blocks_of_one_name_the_first_over_a_limit_is_explained(explain: Explain, project: Path) -> None:
    branches = indent("if value:\n    pass\n" * 5, " " * 8)
    (project / "cart.py").write_text(NAMESAKES.replace("        pass\n", branches, 1))
    assert explain("cart.py::Cart.total")[0].endswith(" method Cart.total#2, 2 of 2 of that name")
    assert explain("cart.py::Cart.total#1")[0].endswith(", 1 of 2 of that name")


@pytest.mark.parametrize(
    ("level", "state"), [("error", "under by"), ("warning", "warning, under by")], ids=["error", "warning"]
)
def test_a_value_below_its_limit_is_not_over_it(
    project: Path, explain: Explain, level: str, state: str
) -> None:
    limit = f'{{ limit = 99, level = "{level}" }}'
    (project / "pyproject.toml").write_text(
        f"[tool.pytest-antipasta.thresholds]\nmaintainability_index = {limit}\n"
    )
    line = next(line for line in explain("cart.py") if line.startswith("maintainability_index"))
    assert f", must be >= 99 (settings, pyproject.toml:2): {state} " in line
