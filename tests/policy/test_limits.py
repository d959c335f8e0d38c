"""Where a number meets a limit."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Comparison, SuppressedMetric, Threshold, Violation
from pytest_antipasta.model.limits import FunctionLimits, PathLimits
from pytest_antipasta.model.measured import (
    Block,
    BlockKind,
    FileError,
    FileMetrics,
    LanguageSource,
    Measurement,
    Number,
)
from pytest_antipasta.policy.limits import (
    Judgement,
    Limits,
    added_ratio,
    allows,
    excess_ratio,
    is_critical,
    is_worse,
)
from tests.policy.judging import judge


def block(name: str, kind: BlockKind = "function", line: int = 1, cyclomatic: int = 5) -> Block:
    """A block whose cognitive complexity is 7, and whose Halstead numbers are 10, 20 and 30."""
    known = Block(
        name=name.rpartition(".")[2],
        qualified_name=name,
        kind=kind,
        line=line,
        end_line=line,
        cyclomatic_complexity=cyclomatic,
    )
    if kind == "class":
        return known
    return replace(
        known,
        cognitive_complexity=None if kind == "closure" else 7,
        halstead_volume=10.0,
        halstead_difficulty=20.0,
        halstead_effort=30.0,
    )


def names(measurement: Measurement, *thresholds: Threshold, nested_blocks: bool = True) -> list[str | None]:
    """Return the blocks that violate, and ``None`` for the file."""
    found = judge(measurement, thresholds, nested_blocks=nested_blocks).violations
    return [violation.qualified_name for violation in found]


FILE = FileMetrics(maintainability_index=60.5, halstead_volume=900, total_cognitive_complexity=7)


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("<=", True, True, False),
        ("<", True, False, False),
        (">=", False, True, True),
        (">", False, False, True),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_every_comparison_is_what_must_hold(
    comparison: Comparison, below: bool, equal: bool, above: bool
) -> None:
    measurement = Measurement(FILE, (block("f", cyclomatic=5),))
    kept = [
        not names(measurement, Threshold("cyclomatic_complexity", limit, comparison)) for limit in (6, 5, 4)
    ]
    assert kept == [below, equal, above]
    of_file = [
        not names(measurement, Threshold("halstead_volume", limit, comparison)) for limit in (901, 900, 899)
    ]
    assert of_file == [below, equal, above]


@pytest.mark.parametrize(
    ("value", "limit", "kept"),
    [
        pytest.param(50.0, 50, True, id="equal, though one is a whole number"),
        pytest.param(49.99999999, 50, False, id="just below"),
        pytest.param(50.00000001, 50, True, id="just above"),
    ],
)
def test_numbers_are_compared_as_they_are_and_not_as_they_are_shown(
    value: Number, limit: Number, kept: bool
) -> None:
    measurement = Measurement(FileMetrics(maintainability_index=value))
    assert bool(names(measurement, Threshold("maintainability_index", limit, ">="))) is not kept


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        pytest.param("cyclomatic_complexity", ["f", "f.g", "A.m"], id="cyclomatic, but no class's"),
        pytest.param("cognitive_complexity", ["f", "A.m"], id="cognitive, but no closure's"),
        pytest.param("halstead_volume", [None], id="Halstead's for the file alone"),
        pytest.param("halstead_effort", [], id="a number that the file does not have"),
    ],
)
def test_what_is_judged(metric: str, expected: list[str | None]) -> None:
    blocks = (block("f"), block("f.g", "closure"), block("A", "class"), block("A.m", "method"))
    assert names(Measurement(FILE, blocks), Threshold(metric, 0, "<=")) == expected


@pytest.mark.parametrize(
    ("limit", "block_limit", "expected"),
    [
        pytest.param(1000, None, [], id="no block limit"),
        pytest.param(1000, 9, ["f", "f.g"], id="a limit that only blocks are over"),
        pytest.param(0, 10, [None], id="a limit that only the file is over"),
        pytest.param(0, 9, [None, "f", "f.g"], id="limits that both are over"),
    ],
)
def test_halsteads_numbers_of_blocks_have_a_limit_of_their_own(
    limit: Number, block_limit: Number | None, expected: list[str | None]
) -> None:
    blocks = (block("f"), block("f.g", "closure"), block("A", "class"))
    threshold = Threshold("halstead_volume", limit, "<=", block_limit)
    assert names(Measurement(FILE, blocks), threshold) == expected


SOURCE = b"""\
def f():
    def g():
        class C:
            def m(self): pass
class A:
    def f(self): pass
    class B:
        def m(self):
            def inner(): pass
def fa(): pass
def f():
    def g(): pass
"""


def test_blocks_inside_functions_can_be_left_out() -> None:
    measurement = measure(SOURCE)
    all_of_them = ["f", "f.g", "f.g.C.m", "A.f", "A.B.m", "A.B.m.inner", "fa", "f#2", "f#2.g"]
    limit = Threshold("cyclomatic_complexity", 0, "<=")
    assert names(measurement, limit) == all_of_them
    assert [one.qualified_name for one in judge(measurement, [limit]).violations] == all_of_them
    assert names(measurement, limit, nested_blocks=False) == ["f", "A.f", "A.B.m", "fa", "f#2"]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        pytest.param(
            [("Cart", 1, 3), ("Cart.prototype.total", 4, 8)],
            ["Cart", "Cart.prototype.total"],
            id="JavaScript",
        ),
        pytest.param([("A", 1, 4), ("A.f", 5, 5)], ["A", "A.f"], id="C++, A::f beside A"),
        pytest.param([("outer", 1, 9), ("inner", 2, 4), ("outer.x", 5, 6)], ["outer"], id="inside by lines"),
        pytest.param([("a", 1, 9), ("b", 2, 5), ("c", 3, 4)], ["a"], id="inside of both"),
        pytest.param([("then", 1, 3), ("catch", 3, 3)], ["then", "catch"], id="it begins where one ends"),
        pytest.param([("a", 1, 3), ("b", 1, 1)], ["a", "b"], id="in one line with one, maybe before it"),
        pytest.param([("a", 1, 1), ("b", 1, 1), ("c", 1, 1)], ["a", "b", "c"], id="all in one line"),
        pytest.param([("a", 1, 3), ("b", 3, 6), ("c", 4, 5)], ["a", "b"], id="inside of the second"),
    ],
)
def test_lines_say_what_is_inside_a_function_of_another_language(
    blocks: list[tuple[str, int, int]], expected: list[str]
) -> None:
    found = [replace(block(name), line=line, end_line=end) for name, line, end in blocks]
    measurement = Measurement(FILE, tuple(found), foreign=LanguageSource("example:words"))
    limit = Threshold("cyclomatic_complexity", 0, "<=")
    assert names(measurement, limit, nested_blocks=False) == expected


def test_the_files_violations_come_first_and_then_the_blocks_by_line() -> None:
    thresholds = (
        Threshold("cognitive_complexity", 0, "<="),
        Threshold("halstead_volume", 0, "<=", 0),
        Threshold("cyclomatic_complexity", 0, "<="),
        Threshold("maintainability_index", 99, ">="),
    )
    blocks = (block("f", line=1), block("g", line=9))
    found = judge(Measurement(FILE, blocks), thresholds).violations
    assert [(violation.qualified_name, violation.metric) for violation in found] == [
        (None, "halstead_volume"),
        (None, "maintainability_index"),
        ("f", "cognitive_complexity"),
        ("f", "halstead_volume"),
        ("f", "cyclomatic_complexity"),
        ("g", "cognitive_complexity"),
        ("g", "halstead_volume"),
        ("g", "cyclomatic_complexity"),
    ]


def test_lines_never_go_back_in_a_real_file() -> None:
    found = judge(measure(SOURCE), [Threshold("cyclomatic_complexity", 0, "<=")]).violations
    assert all((first.line or 0) <= (second.line or 0) for first, second in pairwise(found))


def test_a_violation_says_what_was_compared() -> None:
    measurement = Measurement(FILE, (block("A.m", "method", line=3),))
    thresholds = [Threshold("cyclomatic_complexity", 4, "<"), Threshold("maintainability_index", 70, ">=")]
    assert judge(measurement, thresholds).violations == (
        Violation("maintainability_index", None, None, 60.5, 70, ">="),
        Violation("cyclomatic_complexity", "A.m", 3, 5, 4, "<"),
    )


@pytest.mark.parametrize(
    ("metrics", "metric", "is_missing"),
    [
        pytest.param(FileMetrics(), "maintainability_index", True, id="a file without an index"),
        pytest.param(FILE, "maintainability_index", False, id="a file with one"),
        pytest.param(FileMetrics(), "lines_of_code", True, id="a file without line counts"),
        pytest.param(FileMetrics(), "cognitive_complexity", True, id="a file that complexipy refuses"),
        pytest.param(FILE, "cognitive_complexity", False, id="a closure, whose points are another's"),
        pytest.param(FileMetrics(), "cyclomatic_complexity", False, id="a file without blocks"),
    ],
)
def test_what_has_no_number_is_named(metrics: FileMetrics, metric: str, is_missing: bool) -> None:
    """It fails as what it is: as the number that nobody knows would."""
    measurement = Measurement(metrics, (block("f.g", "closure"),))
    failing = judge(measurement, [Threshold(metric, 100, "<="), Threshold("halstead_volume", 1e9, "<=")])
    assert (metric in failing.lacking, failing.unjudged, failing.violations) == (is_missing, (), ())
    warning = judge(measurement, [Threshold(metric, 100, "<=", level="warning")])
    assert (metric in warning.unjudged, warning.lacking, warning.warnings) == (is_missing, (), ())
    as_error = Limits(PathLimits((Threshold(metric, 100, "<=", level="warning"),)), warnings_fail=True)
    assert (metric in as_error.judge(measurement).lacking) is is_missing


COGNITIVE = Threshold("cognitive_complexity", 100, "<=")
WARNED = replace(COGNITIVE, level="warning")


@pytest.mark.parametrize(
    ("thresholds", "of_functions", "lacking", "unjudged"),
    [
        pytest.param((), {"g": COGNITIVE}, True, False, id="a limit of one function"),
        pytest.param((), {"h": COGNITIVE}, False, False, id="a limit of others"),
        pytest.param((), {"inner": COGNITIVE}, False, False, id="a limit of a closure"),
        pytest.param((COGNITIVE,), {"*": None}, False, False, id="a limit of none"),
        pytest.param((COGNITIVE,), {"f": None}, True, False, id="a limit of all but one"),
        pytest.param((COGNITIVE,), {"g": WARNED}, True, False, id="a warning about one"),
        pytest.param((WARNED,), {"g": COGNITIVE}, True, False, id="a warning about all but one"),
        pytest.param((), {"g": WARNED}, False, True, id="a warning about one alone"),
    ],
)
def test_a_limit_of_some_functions_needs_their_numbers(
    thresholds: tuple[Threshold, ...],
    of_functions: dict[str, Threshold | None],
    lacking: bool,
    unjudged: bool,
) -> None:
    others = tuple(
        FunctionLimits((name,), ((COGNITIVE.metric, limit),)) for name, limit in of_functions.items()
    )
    blocks = (block("f"), block("f.inner", "closure"), block("g"))
    limits = Limits(PathLimits(thresholds, others))
    judgement = limits.judge(
        Measurement(FileMetrics(), tuple(replace(b, cognitive_complexity=None) for b in blocks))
    )
    metric = COGNITIVE.metric
    assert (metric in judgement.lacking, metric in judgement.unjudged) == (lacking, unjudged)


def test_what_an_extension_has_no_number_for_fails_nothing() -> None:
    """``None`` is its answer; that it has failed is an error of its own."""
    judgement = judge(Measurement(FileMetrics()), [Threshold("example:of_file", 1, "<=")])
    assert (judgement.unjudged, judgement.lacking) == (("example:of_file",), ())


def test_a_file_that_could_not_be_measured_is_not_judged() -> None:
    measurement = Measurement(FILE, (block("f"),), FileError("syntax", "wrong"))
    assert judge(measurement, [Threshold("cyclomatic_complexity", 0, "<=")]) == Judgement((), ())


def test_without_thresholds_everything_passes() -> None:
    assert judge(measure(SOURCE), []) == Judgement((), ())


def test_numbers_over_limits_of_the_level_warning_are_not_violations() -> None:
    thresholds = [
        Threshold("cyclomatic_complexity", 0, "<=", level="warning"),
        Threshold("lines_of_code", 0, "<=", level="warning"),
        Threshold("halstead_volume", 1e9, "<=", block_limit=-1, level="warning"),
        Threshold("cognitive_complexity", 0, "<="),
    ]
    judgement, errors = judge(measure(SOURCE), thresholds), judge(measure(SOURCE), thresholds[3:])
    assert judgement.violations == errors.violations
    assert errors.warnings == ()
    warned = [(one.metric, one.qualified_name) for one in judgement.warnings]
    assert warned[0] == ("lines_of_code", None)
    assert {metric for metric, name in warned if name} == {"cyclomatic_complexity", "halstead_volume"}
    all_fail = Limits(PathLimits(tuple(thresholds)), warnings_fail=True).judge(measure(SOURCE))
    assert all_fail.warnings == ()
    assert set(all_fail.violations) == {*judgement.violations, *judgement.warnings}


def test_nothing_but_a_function_is_critical() -> None:
    assert not is_critical(["*", "*::*"], "a.py", block("f", "class"))
    assert not is_critical(["*", "*::*"], "a.py", None)


def test_a_cell_is_critical_by_its_notebook() -> None:
    assert not is_critical(["*"], "a.ipynb", block("cell 1", "cell"))
    assert is_critical(["a.ipynb::*"], "a.ipynb", block("cell 1", "cell"))


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        pytest.param((), False, id="no pattern"),
        pytest.param(("Cart.total",), True, id="its qualified name"),
        pytest.param(("total",), True, id="its own name"),
        pytest.param(("tot",), False, id="a part of its name"),
        pytest.param(("Cart*",), False, id="a part of its qualified name without a dot"),
        pytest.param(("@app.route",), True, id="its decorator"),
        pytest.param(("@*.route",), True, id="a part of its decorator"),
        pytest.param(("@app",), False, id="another decorator"),
        pytest.param(("other", "*.total"), True, id="any of several"),
        pytest.param(("cart.total",), False, id="the same in small letters"),
        pytest.param(("src/shop.py::*",), True, id="all of its file"),
        pytest.param(("src/*::Cart.*",), True, id="a part of its file"),
        pytest.param(("lib/*::Cart.total",), False, id="another file"),
        pytest.param(("src/shop.py",), False, id="a file without blocks"),
    ],
)
def test_a_block_is_critical_by_its_name_or_its_file_and_name(
    patterns: tuple[str, ...], expected: bool
) -> None:
    total = replace(block("total"), qualified_name="Cart.total#2", decorators=("app.route",))
    assert is_critical(patterns, "src/shop.py", total) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "name", "expected"),
    [
        ("[id].py::f", "[id].py", "f", True),
        ("[id].py::f", "i.py", "f", False),
        ("app/[[...path]]/page.tsx::*", "app/[[...path]]/page.tsx", "Page", True),
        ("app/*/[id].py::*", "app/shop/[id].py", "f", True),
        ("[!a].py::f", "b.py", "f", False),
        ("a?.py::f", "ab.py", "f", False),
        ("a?.py::f", "a?.py", "f", True),
        ("*[0]", "a.js", "handlers[0]", True),
        ("A::f", "a.cpp", "A::f", True),
        ("*::A::f", "a.cpp", "A::f", True),
        ("a.cpp::A::*", "a.cpp", "A::f", True),
        ("A::g", "a.cpp", "A::f", False),
    ],
)
def test_a_star_alone_is_special_in_the_name_of_a_critical_block(
    pattern: str, path: str, name: str, expected: bool
) -> None:
    assert is_critical([pattern], path, block(name)) is expected


@pytest.mark.parametrize(
    ("value", "comparison", "limit", "expected"),
    [
        pytest.param(15, "<=", 10, 1.5, id="over its limit"),
        pytest.param(25, ">=", 50, 1.5, id="half of what it must be"),
        pytest.param(10, "!=", 10, 1.0, id="what it must not be"),
        pytest.param(3, "<=", 0, math.inf, id="over a limit of nothing"),
        pytest.param(0, "<=", 0, 1.0, id="at a limit of nothing"),
        pytest.param(-1, ">=", 0, math.inf, id="less than nothing where there must be nothing"),
        pytest.param(3, ">=", 0, 0.0, id="more than nothing where there must be nothing"),
        pytest.param(12, "==", 10, 1.2, id="more than what it must be"),
        pytest.param(8, "==", 10, 1.2, id="less than what it must be"),
        pytest.param(3, "!=", 10, 0.0, id="another one than what it must not be"),
        pytest.param(0, ">=", 50, 2.0, id="nothing where there must be something"),
    ],
)
def test_how_far_over_its_limit_a_number_is(
    value: Number, comparison: Comparison, limit: Number, expected: float
) -> None:
    violation = Violation("lines_of_code", None, None, value, limit, comparison)
    assert excess_ratio(violation) == expected


@pytest.mark.parametrize(
    ("before", "value", "comparison", "limit", "expected"),
    [
        pytest.param(11, 15, "<=", 10, 0.4, id="worse"),
        pytest.param(15, 15, "<=", 10, 0.0, id="as before, at a limit that is lower now"),
        pytest.param(None, 15, "<=", 10, 1.5, id="all of it in a new function"),
        pytest.param(45, 25, ">=", 50, 0.4, id="less where more is better"),
        pytest.param(1, 3, "<=", 0, 2.0, id="beside a limit of nothing"),
    ],
)
def test_how_much_a_change_added_to_a_number(
    before: Number | None, value: Number, comparison: Comparison, limit: Number, expected: float
) -> None:
    violation = Violation("lines_of_code", None, None, value, limit, comparison, before)
    assert added_ratio(violation) == 0, "without a change"
    assert added_ratio(replace(violation, change="modified")) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("comparison", "before", "value", "expected"),
    [
        ("<=", 11, 12, True), ("<=", 12, 12, False), ("<=", 13, 12, False),
        ("<", 11, 12, True), ("<", 12, 12, False), ("<", 13, 12, False),
        (">=", 40, 39, True), (">=", 39, 39, False), (">=", 38, 39, False),
        (">", 40, 39, True), (">", 39, 39, False), (">", 38, 39, False),
        ("==", 11, 12, True), ("==", 12, 12, False), ("==", 12, 11, False), ("==", 11, 10, False),
        ("==", 8, 7, True), ("==", 7, 8, False), ("==", 9, 11, False), ("==", 9, 12, True),
        ("!=", 11, 10, True), ("!=", 10, 10, False), ("!=", 10, 11, False), ("!=", 9, 10, True),
    ],
)  # fmt: skip
def test_a_number_is_worse_that_moved_away_from_its_limit(
    comparison: Comparison, before: int, value: int, expected: bool
) -> None:
    assert is_worse(value, before, comparison, 10) is expected


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        (SuppressedMetric(None), 99, True),
        (SuppressedMetric("cyclomatic_complexity", "<=", 5, "exceeded"), 5, True),
        (SuppressedMetric("cyclomatic_complexity", "<=", 5, "exceeded"), 6, False),
        (SuppressedMetric("maintainability_index", ">=", 40, "used"), 40, True),
        (SuppressedMetric("maintainability_index", ">=", 40, "used"), 39.9, False),
        (SuppressedMetric("cyclomatic_complexity", state="not honoured"), 1, False),
        (SuppressedMetric("cyclomatic_complexity", "<=", 5, "not honoured"), 5, False),
    ],
)
def test_a_comment_allows_values_up_to_its_ceiling_if_it_is_honoured(
    part: SuppressedMetric, value: float, *, expected: bool
) -> None:
    assert allows(part, value) is expected
