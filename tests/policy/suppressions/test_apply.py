"""What comments suppress."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Comparison, Threshold
from pytest_antipasta.model.limits import FunctionLimits, PathLimits
from pytest_antipasta.model.measured import Number
from pytest_antipasta.policy.limits import Limits
from pytest_antipasta.policy.suppressions.apply import Suppressed, SuppressionRules, suppress
from tests.metrics.following.sides import ifs
from tests.policy.judging import judge

COMPLEXITY = Threshold("cyclomatic_complexity", 10, "<=")
POINTS = Threshold("cognitive_complexity", 11, "<=")
LINES = Threshold("lines_of_code", 5, "<=")


def rules(
    *foreign: str,
    require_reasons: bool = False,
    unused_fails: bool = False,
    is_critical: Callable[[str], bool] = lambda _: False,
) -> SuppressionRules:
    """Return rules, lenient ones but for what is said."""
    return SuppressionRules(foreign, require_reasons, unused_fails, is_critical)


def function(complexity: int, comment: str = "", name: str = "f", above: str = "") -> str:
    """Return a function with a comment; it has one cognitive point less."""
    above = f"{above}\n" if above else ""
    return f"{above}def {name}(a):  {comment}\n{ifs(complexity - 1)}    return a\n"


def apply(source: str, *thresholds: Threshold, by: SuppressionRules | None = None) -> Suppressed:
    """Judge a source and suppress what its comments say."""
    measurement = measure(source.encode())
    violations = judge(measurement, thresholds).violations
    return suppress(violations, measurement, PathLimits(thresholds), by or rules())


def tell(outcome: Suppressed) -> tuple[list[object], list[object], list[object]]:
    """Return what fails, what is suppressed, and what came of each comment."""
    return (
        [(one.qualified_name, one.metric) for one in outcome.violations],
        [(one.qualified_name, one.metric) for one in outcome.tolerated],
        [one.state for one in outcome.suppressions],
    )


CC, COG, LOC = "cyclomatic_complexity", "cognitive_complexity", "lines_of_code"


@pytest.mark.parametrize(
    ("source", "fails", "suppressed", "states"),
    [
        pytest.param(function(14), [("f", CC), ("f", COG)], [], [], id="no comment"),
        pytest.param(
            function(14, "# antipasta: ignore"), [], [("f", CC), ("f", COG)], ["used"], id="all metrics"
        ),
        pytest.param(
            function(14, f"# antipasta: ignore[{CC}]"), [("f", COG)], [("f", CC)], ["used"], id="one metric"
        ),
        pytest.param(
            function(14, f"# antipasta: ignore[{CC}<=14, {COG}<14]"),
            [],
            [("f", CC), ("f", COG)],
            ["used"],
            id="below both ceilings",
        ),
        pytest.param(
            function(15, f"# antipasta: ignore[{CC}<=14, {COG}<14]"),
            [("f", CC), ("f", COG)],
            [],
            ["exceeded"],
            id="above both",
        ),
        pytest.param(
            function(14, f"# antipasta: ignore[{CC}<=14, {COG}<13]"),
            [("f", COG)],
            [("f", CC)],
            ["used"],
            id="above one of them",
        ),
        pytest.param(function(10, "# antipasta: ignore"), [], [], ["unused"], id="nothing over a limit"),
        pytest.param(
            function(14, f"# antipasta: ignore[{CC}]", above=f"# antipasta: ignore[{COG}]"),
            [],
            [("f", CC), ("f", COG)],
            ["used", "used"],
            id="two comments share",
        ),
        pytest.param(
            function(14, f"# antipasta: ignore[{CC}]", above="# antipasta: ignore"),
            [],
            [("f", CC), ("f", COG)],
            ["used", "unused"],
            id="the upper one does all",
        ),
        pytest.param(
            function(14) + function(14, "# antipasta: ignore", "g"),
            [("f", CC), ("f", COG)],
            [("g", CC), ("g", COG)],
            ["used"],
            id="another function",
        ),
    ],
)
def test_functions(source: str, fails: list[object], suppressed: list[object], states: list[object]) -> None:
    assert tell(apply(source, COMPLEXITY, POINTS)) == (fails, suppressed, states)


NESTED = """\
class A:  {0}
    class B:
        def f(self): {1}
            def g(a):
                if a: return 2
            if self: return 1
class AB:
    def f(self):
        if self: return 1
"""


@pytest.mark.parametrize(
    ("at_class", "at_function", "left"),
    [
        pytest.param("", "", ["A.B.f", "A.B.f.g", "AB.f"], id="none"),
        pytest.param("# antipasta: ignore", "", ["AB.f"], id="a class's is about all functions in it"),
        pytest.param("", "# antipasta: ignore", ["A.B.f.g", "AB.f"], id="a function's is about itself alone"),
        pytest.param("# noqa: C901", "", ["A.B.f", "A.B.f.g", "AB.f"], id="a noqa at a class says nothing"),
        pytest.param("# complexipy: ignore", "# noqa", ["A.B.f.g", "AB.f"], id="a noqa at a function"),
    ],
)
def test_scopes(at_class: str, at_function: str, left: list[str]) -> None:
    limit = Threshold(CC, 1, "<=")
    outcome = apply(NESTED.format(at_class, at_function), limit, by=rules("noqa", "complexipy"))
    assert [one.qualified_name for one in outcome.violations] == left


def test_a_comment_at_a_class_is_about_its_own_methods_and_no_other_classes() -> None:
    classes = [f"class {name}:  {{}}\n    def f(self):\n        if self: return 1\n" for name in ("A", "AB")]
    source = classes[0].format("# antipasta: ignore") + classes[1].format("")
    outcome = apply(source, Threshold(CC, 1, "<="))
    assert [one.qualified_name for one in outcome.violations] == ["AB.f"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(function(14, "# antipasta: ignore"), "f", id="at a function"),
        pytest.param("class A:  # antipasta: ignore\n    pass\n", "A", id="at a class"),
        pytest.param(f"# antipasta: ignore-file\n{function(14)}", None, id="for the file, above a function"),
    ],
)
def test_a_suppression_names_what_it_is_about(source: str, expected: str | None) -> None:
    (suppression,) = apply(source, COMPLEXITY).suppressions
    assert suppression.qualified_name == expected


@pytest.mark.parametrize(
    ("comment", "fails", "suppressed", "state"),
    [
        pytest.param("ignore-file", [], [(None, LOC), ("f", CC)], "used", id="all of it"),
        pytest.param(f"ignore-file[{LOC}]", [("f", CC)], [(None, LOC)], "used", id="a number of the file"),
        pytest.param(f"ignore-file[{LOC}<=17]", [("f", CC)], [(None, LOC)], "used", id="up to a ceiling"),
        pytest.param(f"ignore-file[{LOC}<=16]", [(None, LOC), ("f", CC)], [], "exceeded", id="beyond it"),
        pytest.param(f"ignore-file[{CC}]", [(None, LOC)], [("f", CC)], "used", id="a number of all blocks"),
    ],
)
def test_files(comment: str, fails: list[object], suppressed: list[object], state: str) -> None:
    source = f"# antipasta: {comment}\nx = 1\n{function(14)}"
    assert len(source.splitlines()) == 17
    assert tell(apply(source, COMPLEXITY, LINES)) == (fails, suppressed, [state])


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = [\n{}\n]\n", id="inside brackets"),
        pytest.param("def g(\n{}\n    a): pass\n", id="in a signature"),
        pytest.param("@a\n{}\ndef g(a): pass\n", id="below a decorator"),
    ],
)
def test_a_comment_for_the_file_is_anywhere_in_the_first_column(source: str) -> None:
    outcome = apply(source.format("# antipasta: ignore-file") + function(14), COMPLEXITY)
    assert tell(outcome) == ([], [("f", CC)], ["used"])


def test_a_comment_at_a_block_goes_before_one_for_the_file() -> None:
    source = f"# antipasta: ignore-file[{CC}]\n\n{function(14, '# antipasta: ignore')}"
    outcome = apply(source, COMPLEXITY)
    assert [(one.line, one.state) for one in outcome.suppressions] == [(1, "unused"), (3, "used")]


@pytest.mark.parametrize(
    ("comparison", "limit", "ceiling", "state"),
    [
        ("<=", 10, "<=14", "used"), ("<=", 10, "<=13", "exceeded"), ("<", 14, "<15", "used"),
        (">=", 20, ">=14", "used"), (">=", 20, ">=15", "exceeded"), (">", 14, ">13", "used"),
    ],
)  # fmt: skip
def test_a_ceiling_goes_the_way_of_the_comparison(
    comparison: Comparison, limit: Number, ceiling: str, state: str
) -> None:
    source = function(14, f"# antipasta: ignore[{CC}{ceiling}]")
    assert tell(apply(source, Threshold(CC, limit, comparison)))[2] == [state]


@pytest.mark.parametrize(
    ("threshold", "ceiling", "problem"),
    [
        pytest.param(COMPLEXITY, ">=14", f"{CC} must be <= 10: write the ceiling as <=", id="the wrong way"),
        pytest.param(
            Threshold(CC, 20, ">="), "<=14", f"{CC} must be >= 20: write the ceiling as >=", id="the other"
        ),
        pytest.param(
            Threshold(CC, 20, "=="), "<=14", f"{CC} must be == 20, for which no ceiling is possible", id="=="
        ),
        pytest.param(
            COMPLEXITY,
            "<=10",
            f"{CC} must be <= 10, and the ceiling 10 allows no more than that",
            id="the limit itself",
        ),
        pytest.param(
            COMPLEXITY,
            "<=5",
            f"{CC} must be <= 10, and the ceiling 5 allows no more than that",
            id="below the limit",
        ),
    ],
)
def test_an_impossible_ceiling_is_reported_and_not_honoured(
    threshold: Threshold, ceiling: str, problem: str
) -> None:
    outcome = apply(function(14, f"# antipasta: ignore[{CC}{ceiling}]"), threshold)
    assert tell(outcome) == ([("f", CC)], [], ["not honoured"])
    assert outcome.suppressions[0].problems == (problem,)


@pytest.mark.parametrize(
    ("limit", "ceiling", "problem"),
    [
        pytest.param(5, 9, "", id="below the limit of the file alone"),
        pytest.param(5, 5, f"{CC} must be <= 5, and the ceiling 5 allows no more than that", id="the limit"),
        pytest.param(
            20, 15, f"{CC} must be <= 20, and the ceiling 15 allows no more than that", id="below it"
        ),
        pytest.param(None, 9, "", id="no limit"),
    ],
)
@pytest.mark.parametrize("place", ["function", "class", "file"])
def test_a_ceiling_is_compared_with_the_limits_of_functions(
    limit: int | None, ceiling: int, problem: str, place: str
) -> None:
    ignore = f"# antipasta: ignore[{CC}<={ceiling}]"
    method = indent(function(8, ignore if place == "function" else ""), "    ")
    source = f"class Cart:  {ignore if place == 'class' else ''}\n{method}"
    if place == "file":
        source = f"{ignore.replace('ignore', 'ignore-file')}\n\n{source}"
    outcome = apply_to(source, limit)
    assert outcome.suppressions[0].problems == ((problem,) if problem else ())
    assert bool(outcome.tolerated) == (limit == 5 and not problem)


@pytest.mark.parametrize(
    ("ceiling", "problem"),
    [
        pytest.param(9, (), id="between them"),
        pytest.param(5, (f"{CC} must be <= 5, and the ceiling 5 allows no more than that",), id="below both"),
    ],
)
def test_a_ceiling_has_an_effect_under_one_of_several_limits(ceiling: int, problem: tuple[str, ...]) -> None:
    source = f"# antipasta: ignore-file[{CC}<={ceiling}]\n\nclass Cart:\n{indent(function(8), '    ')}"
    assert apply_to(f"{source}\n{function(9)}", 5).suppressions[0].problems == problem


def apply_to(source: str, limit: int | None) -> Suppressed:
    """Judge a source, with another limit for the methods of a class, and suppress what its comments say."""
    threshold = None if limit is None else Threshold(CC, limit, "<=")
    limits = PathLimits((COMPLEXITY,), (FunctionLimits(("Cart.*",), ((CC, threshold),)),))
    measurement = measure(source.encode())
    return suppress(Limits(limits).judge(measurement).violations, measurement, limits, rules())


def test_a_ceiling_between_the_limits_of_file_and_block_is_one() -> None:
    volume = Threshold("halstead_volume", 1000, "<=", 10)
    outcome = apply(function(14, "# antipasta: ignore[halstead_volume<=900]"), volume)
    assert tell(outcome)[2] == ["used"]


def test_a_metric_without_a_limit_needs_no_suppression() -> None:
    outcome = apply(function(14, f"# antipasta: ignore[{COG}>=3]"), COMPLEXITY)
    assert tell(outcome) == ([("f", CC)], [], ["unused"])
    assert outcome.suppressions[0].problems == ()


@pytest.mark.parametrize(
    ("comment", "problems"),
    [
        ("# antipasta: ignore", ("it has no reason, and `require_reasons` is on",)),
        ("# antipasta: ignore generated", ()),
        ("# noqa: C901", ("it has no reason, and `require_reasons` is on",)),
        ("# noqa: C901 generated", ()),
    ],
)
def test_reasons_can_be_required(comment: str, problems: tuple[str, ...]) -> None:
    outcome = apply(function(14, comment), COMPLEXITY, by=rules("noqa", require_reasons=True))
    assert outcome.suppressions[0].problems == problems
    assert bool(outcome.violations) == bool(problems)
    assert outcome.suppressions[0].state == ("not honoured" if problems else "used")


@pytest.mark.parametrize(
    ("comment", "foreign", "is_suppressed"),
    [
        ("# noqa: C901", (), False), ("# noqa: C901", ("complexipy",), False), ("# noqa", ("noqa",), True),
        ("# complexipy: ignore", ("noqa",), False), ("# complexipy: ignore", ("complexipy",), True),
    ],
)  # fmt: skip
def test_other_tools_count_where_they_are_named(
    comment: str, foreign: tuple[str, ...], is_suppressed: bool
) -> None:
    threshold = COMPLEXITY if "noqa" in comment else POINTS
    outcome = apply(function(14, comment), threshold, by=rules(*foreign))
    assert bool(outcome.tolerated) is is_suppressed
    assert len(outcome.suppressions) == is_suppressed


def test_each_tool_is_about_its_own_metric() -> None:
    for comment, left in (("# noqa", COG), ("# complexipy: ignore", CC)):
        outcome = apply(function(14, comment), COMPLEXITY, POINTS, by=rules("noqa", "complexipy"))
        assert [one.metric for one in outcome.violations] == [left]


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        pytest.param(
            function(14, "# antipasta: ignore"),
            ("f is in `critical_functions`, where nothing is tolerated",),
            id="its own comment",
        ),
        pytest.param(f"# antipasta: ignore-file\n\n{function(14)}", (), id="the file's"),
    ],
)
def test_nothing_is_suppressed_in_critical_functions(source: str, problems: tuple[str, ...]) -> None:
    outcome = apply(source, COMPLEXITY, by=rules(is_critical=lambda name: name == "f"))
    assert [one.qualified_name for one in outcome.violations] == ["f"]
    assert outcome.suppressions[0].problems == problems


@pytest.mark.parametrize(
    ("comment", "fails"),
    [
        pytest.param("# antipasta: ignore", True, id="unused"),
        pytest.param(f"# antipasta: ignore[{COG}, halstead_volume]", True, id="unused for one metric"),
        pytest.param(f"# antipasta: ignore[{COG}]", False, id="used"),
        pytest.param(f"# antipasta: ignore[{COG}<=8]", False, id="exceeded, which fails by itself"),
        pytest.param("# antipasta: ignore[cognitiv]", True, id="wrong"),
        pytest.param("# noqa", False, id="of another tool"),
    ],
)
def test_what_does_nothing_can_fail(comment: str, fails: bool) -> None:
    limit = Threshold(COG, 20 if comment.endswith(("ignore", "noqa")) else 7, "<=")
    for can_fail in (False, True):
        outcome = apply(function(10, comment), limit, by=rules("noqa", unused_fails=can_fail))
        assert [one.fails for one in outcome.suppressions] == [fails and can_fail]


def test_the_suppressed_number_is_reported_with_its_limit() -> None:
    (tolerated,) = apply(function(14, "# antipasta: ignore"), COMPLEXITY).tolerated
    assert (tolerated.line, tolerated.value, tolerated.threshold, tolerated.why) == (1, 14, 10, "suppressed")


def test_a_source_that_can_not_be_measured_has_no_suppressions() -> None:
    outcome = apply(dedent("def f(:  # antipasta: ignore"), COMPLEXITY)
    assert outcome == ((), (), ())


def test_many_comments_take_no_longer_each() -> None:
    """Each looks at the violations of its own block."""
    lines = "".join(f"def f{number}(a):  # antipasta: ignore\n    if a: pass\n" for number in range(2000))
    looked_at: list[str] = []

    def note(name: str) -> bool:
        looked_at.append(name)
        return False

    outcome = apply(lines, Threshold(CC, 1, "<="), by=rules(is_critical=note))
    assert len(outcome.tolerated) == 2000
    assert len(looked_at) <= 2 * 2000
