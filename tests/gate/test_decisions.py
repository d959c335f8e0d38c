"""What a change is answerable for: the table of decisions, and the way of a number to its row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pytest

from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.gate.decisions import DECISIONS, DecisionRow, find_row, look_back, narrow_verdict
from pytest_antipasta.gate.measuring import ContentMeasurer
from pytest_antipasta.gate.snapshots import Parent, Snapshot
from pytest_antipasta.metrics.following.comparison import BlockComparison
from pytest_antipasta.model.judged import Comparison, Threshold, Verdict, Violation
from pytest_antipasta.model.measured import Number
from pytest_antipasta.settings.values import Settings
from tests.metrics.following.sides import ifs

ROOT = Path(__file__).parents[2]
COMPLEXITY = Threshold("cyclomatic_complexity", 10, "<=")
LENIENT = Settings(Path("/"), None)
STRICT = Settings(Path("/"), None, strict_files=True)
CRITICAL = Settings(Path("/"), None, critical_functions=("a.py::*",))


def limited(*thresholds: Threshold) -> LimitJudge:
    """Return what judges by some limits, the same for all paths; a comment that is not used fails."""
    limits = {threshold.metric: threshold for threshold in thresholds}
    settings = Settings(Path("/"), None, thresholds=limits, nested_blocks=True, unused_suppressions="fail")
    return LimitJudge(Rules(settings))


def snapshot(texts: Mapping[str, str], by: LimitJudge) -> Snapshot:
    """Return one side of a change."""
    measurer = ContentMeasurer(Rules(LENIENT), Measurer(Storage(Path()), LENIENT))
    contents = {path: text.encode() for path, text in texts.items()}
    return Snapshot(contents, measurer, by)


def parent(
    before: Mapping[str, str],
    after: Mapping[str, str],
    by: LimitJudge,
    origins: Mapping[str, str] | None = None,
) -> Parent:
    """Return what a change is compared with; files of one path are the same, unless told otherwise."""
    old, new = snapshot(before, by), snapshot(after, by)
    origins = {path: path for path in after if path in before} if origins is None else origins
    comparison = BlockComparison(old.versions.values(), new.versions.values(), origins)
    return Parent(old, new, comparison, frozenset())


def function(branches: int, name: str = "f") -> str:
    """Return a function with a complexity of one more."""
    return f"def {name}(a):\n{ifs(branches)}    return a\n"


def lines(number: int) -> str:
    """Return a file of that many lines."""
    return "a = 1\n" * number


def narrow(
    befores: Sequence[str | None], after: str, threshold: Threshold, settings: Settings = LENIENT
) -> Verdict:
    """Judge a file beside one or several versions of it."""
    by = limited(threshold)
    parents = [parent({} if old is None else {"a.py": old}, {"a.py": after}, by) for old in befores]
    return narrow_verdict(parents[0].after.judge("a.py"), parents, settings)


# What the number belongs to, what happened to that, and what it was; then what becomes of it where it got
# worse, and where it did not; behind a slash for critical functions and strict files.
TABLE = """
function  added      none        fails            fails
function  edited     none        fails            fails
function  edited     within      fails            fails
function  edited     over        fails            tolerated/fails
function  edited     suppressed  fails            fails
function  edited     recorded    fails            fails
function  moved      none        passes/fails     passes/fails
function  moved      within      fails            fails
function  moved      over        passes/fails     passes/fails
function  moved      suppressed  fails            fails
function  moved      recorded    fails            fails
function  rewritten  none        fails            fails
function  rewritten  within      fails            fails
function  rewritten  over        fails            tolerated/fails
function  rewritten  suppressed  fails            fails
function  rewritten  recorded    fails            fails
function  unchanged  none        passes           passes
function  unchanged  within      fails            fails
function  unchanged  over        passes           passes
function  unchanged  suppressed  fails            fails
function  unchanged  recorded    fails            fails
function  unknown    none        passes           passes
file      added      none        fails            fails
file      edited     none        fails            fails
file      edited     within      fails            fails
file      edited     over        tolerated/fails  tolerated
file      edited     suppressed  fails            fails
file      edited     recorded    fails            fails
file      unchanged  recorded    fails            fails
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=["-".join(row[:3]) for row in ROWS])
def test_the_decision(row: list[str]) -> None:
    of, happened, before, *expected = row
    movements: tuple[Literal["worse", "no worse"], ...] = ("worse", "no worse")
    found = [find_row(of, happened, before, movement) for movement in movements]
    said = [(row.decision, row.strictly) for row in found]
    assert said == [(one.partition("/")[0], one.rpartition("/")[2]) for one in expected]


def test_each_row_decides_something_and_nothing_strict_is_milder() -> None:
    used = {find_row(row[0], row[1], row[2], movement) for row in ROWS for movement in ("worse", "no worse")}
    assert used == set(DECISIONS)
    order = ["passes", "tolerated", "fails"]
    assert all(order.index(row.decision) <= order.index(row.strictly) for row in DECISIONS)


def test_the_page_has_the_rules_in_order() -> None:
    text = (ROOT / "docs" / "commit-hook.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d+\. .+(?:\n +.+)*", text, re.MULTILINE)
    assert [" ".join(item.split()) for item in listed] == [
        f"{number}. {format_rule(row)}" for number, row in enumerate(DECISIONS, 1)
    ]


def format_rule(row: DecisionRow) -> str:
    """Return a row as the page has it."""
    strict = "" if row.strictly == row.decision else f"; {_WHERE[row.of or 'function']} it fails"
    return f"{row.rule.removesuffix('.')}{strict}."


_WHERE = {"function": "in `critical_functions`", "file": "with `strict_files`"}


def tell(verdict: Verdict) -> list[tuple[str, Number | None, Number, str | None]]:
    """Return what is told of each number: how it is judged, before, after, and the change."""
    rows: list[tuple[str, Number | None, Number, str | None]] = [
        ("fails", one.before, one.value, one.change) for one in verdict.violations
    ]
    rows += [("tolerated", one.before, one.value, one.change) for one in verdict.tolerated]
    assert verdict.failed == bool(verdict.violations)
    return rows


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, function(10), [("fails", None, 11, "added")], id="a new file"),
        pytest.param("", function(10), [("fails", None, 11, "added")], id="a new block"),
        pytest.param(function(9), function(10), [("fails", 10, 11, "modified")], id="over the limit now"),
        pytest.param(function(10), function(11), [("fails", 11, 12, "modified")], id="over it and worse"),
        pytest.param(
            function(10),
            function(10).replace("return a", "return -a"),
            [("tolerated", 11, 11, "modified")],
            id="over it and no worse",
        ),
        pytest.param(function(12), function(11), [("tolerated", 13, 12, "modified")], id="over it, better"),
        pytest.param(function(12), function(9), [], id="not over it any more"),
        pytest.param(function(12), "#\n" + function(12), [], id="unchanged"),
        pytest.param(function(12), function(12, "g"), [], id="renamed"),
        pytest.param(
            function(12), function(13, "g"), [("fails", 13, 14, "renamed")], id="renamed, edited and worse"
        ),
        pytest.param(
            function(12),
            function(11, "g"),
            [("tolerated", 13, 12, "renamed")],
            id="renamed, edited and no worse",
        ),
        pytest.param(
            function(12),
            function(1) + function(11, "g"),
            [("fails", None, 12, "added")],
            id="taken out of what has lost fewer points",
        ),
        pytest.param(
            function(13),
            function(1) + function(11, "g"),
            [("tolerated", 12, 12, "added")],
            id="taken out of what has lost as many points",
        ),
        pytest.param(
            function(25),
            function(11, "g"),
            [("fails", None, 12, "added")],
            id="less than half of the longer one",
        ),
        pytest.param("def f(:\n", function(12), [("fails", None, 13, "added")], id="no syntax before"),
        pytest.param("def h(:\n" + function(12), function(12), [], id="the same text, without syntax before"),
        pytest.param(function(12), function(9) + function(12, "g"), [], id="moved from what is edited"),
        pytest.param(
            function(12),
            function(13) + function(12, "g"),
            [("fails", 13, 14, "modified"), ("fails", None, 13, "added")],
            id="copied from what is over its limit still",
        ),
        pytest.param(
            function(12) + function(11, "g"),
            function(13) + function(12, "g"),
            [("fails", 13, 14, "modified"), ("fails", 12, 13, "modified")],
            id="copied over another one",
        ),
    ],
)
def test_blocks(before: str | None, after: str, expected: list[object]) -> None:
    assert tell(narrow([before], after, COMPLEXITY)) == expected


def test_what_comes_from_another_file_without_syntax_is_not_judged() -> None:
    side = parent({"b.py": "def h(:\n" + function(12)}, {"a.py": function(12)}, limited(COMPLEXITY))
    assert tell(narrow_verdict(side.after.judge("a.py"), [side], LENIENT)) == []


def test_a_copy_of_what_a_file_without_syntax_had_and_has_is_new() -> None:
    texts = {path: function(12) for path in ("a.py", "b.py")}
    side = parent({"b.py": "def h(:\n" + function(12)}, texts, limited(COMPLEXITY))
    told = [tell(narrow_verdict(side.after.judge(path), [side], LENIENT)) for path in texts]
    assert told == [[("fails", None, 13, "added")], []]


def test_a_number_that_was_within_another_limit_fails() -> None:
    """As of a file that comes to a folder with limits of its own."""
    texts = {"a.py": function(12)}
    lax = parent(texts, texts, limited(Threshold("cyclomatic_complexity", 20, "<=")))
    whole = snapshot(texts, limited(COMPLEXITY)).judge("a.py")
    assert tell(narrow_verdict(whole, [lax], LENIENT)) == [("fails", 13, 13, "modified")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(function(10), function(10), [], id="unchanged"),
        pytest.param(
            function(12), function(11), [("fails", 13, 12, "modified")], id="better but over the limit"
        ),
        pytest.param(function(12), function(12, "g"), [("fails", 13, 13, "renamed")], id="renamed"),
        pytest.param("", function(10, "h"), [("fails", None, 11, "added")], id="added"),
        pytest.param(
            function(12), function(10, "h"), [("fails", 13, 11, "renamed")], id="renamed, edited and better"
        ),
    ],
)
def test_critical_blocks(before: str, after: str, expected: list[object]) -> None:
    assert tell(narrow([before], after, COMPLEXITY, CRITICAL)) == expected


@pytest.mark.parametrize("settings", [LENIENT, STRICT])
@pytest.mark.parametrize(
    ("before", "after", "grade"),
    [
        pytest.param(None, 11, "fails", id="new"),
        pytest.param(10, 11, "fails", id="over the limit now"),
        pytest.param(11, 12, None, id="over it and worse"),
        pytest.param(12, 11, "tolerated", id="over it, better"),
    ],
)
def test_files(before: int | None, after: int, settings: Settings, grade: str | None) -> None:
    old = None if before is None else lines(before)
    verdict = narrow([old], lines(after), Threshold("lines_of_code", 10, "<="), settings)
    grade = grade or ("fails" if settings is STRICT else "tolerated")
    assert tell(verdict) == [(grade, before, after, "added" if before is None else "modified")]


def test_a_file_without_a_number_before() -> None:
    verdict = narrow(["def f(:\n"], function(30), Threshold("halstead_volume", 10, "<="))
    assert [(one.before, one.change) for one in verdict.violations] == [(None, "modified")]


@pytest.mark.parametrize(
    ("comparison", "before", "after", "grade"),
    [
        (">=", 10, 10, "tolerated"),
        (">=", 10, 9, "fails"),
        ("==", 12, 10, "tolerated"),
        ("==", 10, 9, "fails"),
    ],
)
def test_what_is_worse_depends_on_the_comparison(
    comparison: Comparison, before: int, after: int, grade: str
) -> None:
    new = function(after - 1).replace("return a", "return -a")
    verdict = narrow([function(before - 1)], new, Threshold("cyclomatic_complexity", 11, comparison))
    assert tell(verdict) == [(grade, before, after, "modified")]


@pytest.mark.parametrize(
    ("befores", "expected"),
    [
        pytest.param([function(13), function(10)], [], id="one has it as it is"),
        pytest.param([function(13, "g"), None], [], id="one has it under another name"),
        pytest.param([function(15), function(10)], [("tolerated", 16, 14, "modified")], id="better in one"),
        pytest.param([function(12), function(10)], [("fails", 13, 14, "modified")], id="worse than in all"),
        pytest.param([None, function(14)], [("tolerated", 15, 14, "modified")], id="new beside one"),
        pytest.param([None, None, ""], [("fails", None, 14, "added")], id="none has it"),
        pytest.param([function(15), function(13)], [], id="better than in one, as it is in the other"),
        pytest.param(
            [None, function(12)], [("fails", 13, 14, "modified")], id="new beside one, worse in one"
        ),
    ],
)
def test_several_parents(befores: list[str | None], expected: list[object]) -> None:
    assert tell(narrow(befores, function(13), COMPLEXITY)) == expected


@pytest.mark.parametrize(
    ("befores", "expected"),
    [
        pytest.param([lines(5), lines(12)], [("tolerated", 12, 13, "modified")], id="over in one"),
        pytest.param([None, lines(12)], [("tolerated", 12, 13, "modified")], id="new beside one"),
        pytest.param([lines(5), lines(6)], [("fails", 5, 13, "modified")], id="over in none"),
    ],
)
def test_files_with_several_parents(befores: list[str | None], expected: list[object]) -> None:
    assert tell(narrow(befores, lines(13), Threshold("lines_of_code", 10, "<="))) == expected


def test_a_file_error_is_nobodys_before() -> None:
    verdict = narrow([function(12)], "def f(:\n", COMPLEXITY)
    assert verdict.failed
    assert verdict.measurement.error is not None
    assert not verdict.violations


def test_a_block_that_keeps_its_place_is_modified_though_its_old_body_be_elsewhere() -> None:
    before = {"a.py": function(12), "b.py": ""}
    after = {"a.py": function(11), "b.py": function(12)}
    side = parent(before, after, limited(COMPLEXITY))
    verdict = narrow_verdict(side.after.judge("a.py"), [side], LENIENT)
    assert tell(verdict) == [("tolerated", 13, 12, "modified")]


@pytest.mark.parametrize(
    ("before", "path", "expected"),
    [
        pytest.param(11, "a.py", ("modified", None), id="edited"),
        pytest.param(11, "new.py", ("modified", ("a.py", "f")), id="edited in a renamed file"),
        pytest.param(12, "new.py", ("moved", ("a.py", "f")), id="unchanged in a renamed file"),
    ],
)
def test_what_is_reported_of_a_block_that_keeps_its_name(
    before: int, path: str, expected: tuple[str, tuple[str, str] | None]
) -> None:
    by = limited(COMPLEXITY)
    side = parent({"a.py": function(before)}, {path: function(12)}, by, {path: "a.py"})
    (violation,) = side.after.judge(path).violations
    beside = look_back(path, violation, side)
    assert (beside.reported, beside.origin) == expected


def test_every_metric_of_a_block_is_judged() -> None:
    thresholds = [COMPLEXITY, Threshold("cognitive_complexity", 3, "<=")]
    side = parent({}, {"a.py": function(12)}, limited(*thresholds))
    narrowed = narrow_verdict(side.after.judge("a.py"), [side], LENIENT)
    assert [one.metric for one in narrowed.violations] == ["cyclomatic_complexity", "cognitive_complexity"]


CC, LOC = "cyclomatic_complexity", "lines_of_code"
IGNORE, IGNORE_FILE = "# antipasta: ignore", f"# antipasta: ignore-file[{LOC}]"
LIMITS = (COMPLEXITY, Threshold(LOC, 10, "<="))


def narrow_commented(befores: Sequence[str], after: str) -> Verdict:
    """Judge a file with comments beside versions of it."""
    parents = [parent({"a.py": old}, {"a.py": after}, limited(*LIMITS)) for old in befores]
    return narrow_verdict(parents[0].after.judge("a.py"), parents, LENIENT)


LONG = function(12)
IGNORED = LONG.replace("\n", f"  {IGNORE}\n", 1)


@pytest.mark.parametrize(
    ("before", "after", "fails", "tolerated"),
    [
        pytest.param(
            IGNORED, LONG, [("f", 13, True)], [(None, 14, False)], id="at a block that is as it was"
        ),
        pytest.param(
            IGNORED,
            LONG.replace("return a", "return -a"),
            [("f", 13, True)],
            [(None, 14, False)],
            id="modified",
        ),
        pytest.param(IGNORED, function(12, "g"), [("f", 13, True)], [(None, 14, False)], id="renamed"),
        pytest.param(
            f"{IGNORE_FILE}\n{LONG}", f"\n{LONG}", [(None, 15, True)], [], id="of the file's own number"
        ),
        pytest.param(
            f"{IGNORE_FILE}\n{LONG}", f"{IGNORE_FILE}\n{LONG}", [], [(None, 15, False)], id="it is there"
        ),
        pytest.param(
            f"{IGNORE_FILE}\n{IGNORED}",
            f"{IGNORE_FILE}\n{LONG}",
            [("f", 13, True)],
            [(None, 15, False)],
            id="one of two",
        ),
        pytest.param(LONG, LONG, [], [(None, 14, False)], id="there was none"),
    ],
)
def test_a_comment_that_is_gone(
    before: str, after: str, fails: list[object], tolerated: list[object]
) -> None:
    verdict = narrow_commented([before], after)
    assert [(old_name(one), one.before, one.was_suppressed) for one in verdict.violations] == fails
    assert [(old_name(one), one.before, one.was_suppressed) for one in verdict.tolerated] == tolerated


def old_name(violation: Violation) -> str | None:
    """Return the name of the block, which was ``f`` before."""
    return "f" if violation.qualified_name == "g" else violation.qualified_name


def test_what_is_suppressed_in_a_block_that_changes_is_told_with_its_number_before() -> None:
    (block,) = (
        one
        for one in narrow_commented([IGNORED], function(13).replace("\n", f"  {IGNORE}\n", 1)).tolerated
        if one.qualified_name
    )
    assert (block.before, block.value, block.why) == (13, 14, "suppressed")


UNUSED = function(2).replace("\n", f"  {IGNORE}\n", 1)


@pytest.mark.parametrize(
    ("befores", "after", "fails"),
    [
        pytest.param([function(2)], UNUSED, True, id="new"),
        pytest.param([""], UNUSED, True, id="new with its block"),
        pytest.param([UNUSED], f"\n{UNUSED}", False, id="old"),
        pytest.param([UNUSED], UNUSED.replace("return a", "return -a"), True, id="old, its block modified"),
        pytest.param([function(2), UNUSED], UNUSED, False, id="old beside one of two parents"),
        pytest.param(["def g(): pass\n" + UNUSED], UNUSED.replace("f(", "h("), True, id="its block renamed"),
        pytest.param([f"{IGNORE_FILE}\na = 1\n"], f"{IGNORE_FILE}\na = 2\n", False, id="old, of the file"),
        pytest.param(["a = 1\n"], f"{IGNORE_FILE}\na = 1\n", True, id="new, of the file"),
        pytest.param(
            [f"class A: {IGNORE}\n a = 1\n"], f"class A: {IGNORE}\n a = 2\n", False, id="old, of a class"
        ),
        pytest.param(
            [f"def g(): pass {IGNORE}\ndef f(): pass\n"],
            f"def g(): pass\ndef f(): pass {IGNORE}\n",
            True,
            id="moved to another block",
        ),
    ],
)
def test_a_comment_that_does_nothing_fails_where_the_change_has_to_do_with_it(
    befores: list[str], after: str, fails: bool
) -> None:
    verdict = narrow_commented(befores, after)
    assert [one.fails for one in verdict.suppressions] == [fails]
    assert verdict.failed is fails


def test_what_is_tolerated_comes_in_the_order_of_lines() -> None:
    verdict = narrow_commented(
        [f"{LONG}{IGNORE_FILE}\n"], f"{LONG.replace('return a', 'return -a')}{IGNORE_FILE}\n"
    )
    assert [(one.qualified_name, one.why) for one in verdict.tolerated] == [
        (None, "suppressed"),
        ("f", "not worse"),
    ]
