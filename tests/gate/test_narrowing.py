"""What a change is answerable for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.gate.narrowing import narrow_verdict
from pytest_antipasta.gate.ruling import NarrowingRules, OverLimits, find_over_limits
from pytest_antipasta.metrics import FileVersion
from pytest_antipasta.model import Comparison, Measurement, Number, Threshold, Verdict, Violation
from pytest_antipasta.policy import SuppressionRules, judge, suppress
from pytest_antipasta.policy.suppressions.apply import Suppressed
from tests.metrics.following.sides import ifs, parent

COMPLEXITY = Threshold("cyclomatic_complexity", 10, "<=")


def limited(*thresholds: Threshold) -> NarrowingRules:
    """Return rules for some limits, the same for all paths, and without comments."""

    def find(version: FileVersion) -> OverLimits:
        verdict = Verdict("", version.measurement, judge(version.measurement, thresholds).violations)
        return find_over_limits(verdict)

    return NarrowingRules(strict_files=False, is_critical=lambda *_: False, find_over_limits=find)


LENIENT = limited(COMPLEXITY)
STRICT = replace(LENIENT, strict_files=True)


def function(branches: int, name: str = "f") -> str:
    """Return a function with a complexity of one more."""
    return f"def {name}(a):\n{ifs(branches)}    return a\n"


def lines(number: int) -> str:
    """Return a file of that many lines."""
    return "a = 1\n" * number


def narrow(
    befores: Sequence[str | None], after: str, threshold: Threshold, rules: NarrowingRules = LENIENT
) -> Verdict:
    """Judge a file beside one or several versions of it."""
    measurement = measure(after.encode())
    judgement = judge(measurement, [threshold])
    failed = bool(judgement.violations) or measurement.error is not None
    whole = Verdict("a.py", measurement, judgement.violations, failed=failed)
    parents = [parent({} if old is None else {"a.py": old}, {"a.py": after}) for old in befores]
    return narrow_verdict(
        whole, parents, replace(rules, find_over_limits=limited(threshold).find_over_limits)
    )


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
            function(12), function(13, "g"), [("fails", None, 14, "added")], id="renamed and edited"
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
    measurement = measure(function(12).encode())
    whole = Verdict("a.py", measurement, judge(measurement, [COMPLEXITY]).violations, failed=True)
    sides = [parent({"b.py": "def h(:\n" + function(12)}, {"a.py": function(12)})]
    assert tell(narrow_verdict(whole, sides, LENIENT)) == []


def test_a_number_that_was_within_another_limit_fails() -> None:
    """As of a file that comes to a folder with limits of its own."""
    measurement = measure(function(12).encode())
    whole = Verdict("a.py", measurement, judge(measurement, [COMPLEXITY]).violations, failed=True)
    sides = [parent({"a.py": function(12)}, {"a.py": function(12)})]
    lax = limited(Threshold("cyclomatic_complexity", 20, "<="))
    assert tell(narrow_verdict(whole, sides, lax)) == [("fails", 13, 13, "modified")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(function(10), function(10), [], id="unchanged"),
        pytest.param(
            function(12), function(11), [("fails", 13, 12, "modified")], id="better but over the limit"
        ),
        pytest.param(function(12), function(12, "g"), [("fails", 13, 13, "renamed")], id="renamed"),
        pytest.param(function(12), function(10, "h"), [("fails", None, 11, "added")], id="added"),
    ],
)
def test_critical_blocks(before: str, after: str, expected: list[object]) -> None:
    critical = replace(LENIENT, is_critical=lambda path, _: path == "a.py")
    assert tell(narrow([before], after, COMPLEXITY, critical)) == expected


@pytest.mark.parametrize("rules", [LENIENT, STRICT])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, 11, [("fails", None, 11, "added")], id="new"),
        pytest.param(10, 11, [("fails", 10, 11, "modified")], id="over the limit now"),
        pytest.param(12, 11, [("tolerated", 12, 11, "modified")], id="over it, better"),
        pytest.param(12, 10, [], id="not over it any more"),
    ],
)
def test_files(before: int | None, after: int, rules: NarrowingRules, expected: list[object]) -> None:
    threshold = Threshold("lines_of_code", 10, "<=")
    old = None if before is None else lines(before)
    assert tell(narrow([old], lines(after), threshold, rules)) == expected


@pytest.mark.parametrize(("strict", "grade"), [(False, "tolerated"), (True, "fails")])
def test_a_file_that_was_over_its_limit_and_got_worse(strict: bool, grade: str) -> None:
    rules = replace(LENIENT, strict_files=strict)
    verdict = narrow([lines(11)], lines(12), Threshold("lines_of_code", 10, "<="), rules)
    assert tell(verdict) == [(grade, 11, 12, "modified")]


def test_a_file_without_a_number_before() -> None:
    verdict = narrow(["def f(:\n"], function(30), Threshold("halstead_volume", 10, "<="))
    assert [(one.before, one.change) for one in verdict.violations] == [(None, "modified")]


@pytest.mark.parametrize(
    ("comparison", "limit", "before", "after", "grade"),
    [
        ("<", 11, 10, 11, "fails"), ("<", 11, 11, 11, "tolerated"), ("<=", 11, 11, 12, "fails"),
        (">=", 11, 11, 10, "fails"), (">=", 11, 10, 10, "tolerated"), (">=", 11, 10, 9, "fails"),
        (">", 11, 12, 11, "fails"), (">", 11, 10, 11, "tolerated"),
        ("==", 11, 11, 10, "fails"), ("==", 11, 10, 10, "tolerated"), ("==", 11, 10, 9, "fails"),
        ("!=", 11, 10, 11, "fails"), ("!=", 11, 11, 11, "tolerated"),
    ],
)  # fmt: skip
def test_every_comparison(comparison: Comparison, limit: int, before: int, after: int, grade: str) -> None:
    old = function(before - 1)
    new = function(after - 1).replace("return a", "return -a")
    verdict = narrow([old], new, Threshold("cyclomatic_complexity", limit, comparison))
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
    compared = parent(before, after)
    measurement = measure(after["a.py"].encode())
    whole = Verdict("a.py", measurement, judge(measurement, [COMPLEXITY]).violations)
    assert tell(narrow_verdict(whole, [compared], LENIENT)) == [("tolerated", 13, 12, "modified")]


def test_every_metric_of_a_block_is_judged() -> None:
    text = function(12)
    measurement = measure(text.encode())
    thresholds = [COMPLEXITY, Threshold("cognitive_complexity", 3, "<=")]
    whole = Verdict("a.py", measurement, judge(measurement, thresholds).violations)
    narrowed = narrow_verdict(whole, [parent({}, {"a.py": text})], limited(*thresholds))
    assert [one.metric for one in narrowed.violations] == ["cyclomatic_complexity", "cognitive_complexity"]


CC, LOC = "cyclomatic_complexity", "lines_of_code"
IGNORE, IGNORE_FILE = "# antipasta: ignore", f"# antipasta: ignore-file[{LOC}]"
LIMITS = (COMPLEXITY, Threshold(LOC, 10, "<="))


def find_with_comments(version: FileVersion) -> OverLimits:
    """Return what is over the limits in a version with comments."""
    found = suppress_all(version.measurement)
    return find_over_limits(Verdict("", version.measurement, found.violations, found.tolerated))


def suppress_all(measurement: Measurement) -> Suppressed:
    """Judge a file with its comments, of which an unused one fails."""
    rules = SuppressionRules((), False, True, lambda _: False)
    return suppress(judge(measurement, LIMITS).violations, measurement, LIMITS, rules)


def narrow_commented(befores: Sequence[str], after: str) -> Verdict:
    """Judge a file with comments beside versions of it."""
    measurement = measure(after.encode())
    found = suppress_all(measurement)
    whole = Verdict(
        "a.py", measurement, found.violations, found.tolerated, suppressions=found.suppressions, failed=True
    )
    rules = replace(LENIENT, find_over_limits=find_with_comments)
    return narrow_verdict(whole, [parent({"a.py": old}, {"a.py": after}) for old in befores], rules)


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
