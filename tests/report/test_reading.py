"""What a reviewer reads first: the order of the functions of a change, and why each is worth reading."""

from __future__ import annotations

import pytest

from pytest_antipasta.model.changes import BlockChange, ChangeKind, Changes, HelperFacts, MetricChange, Split
from pytest_antipasta.model.coverage import Covered
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.waivers import Waiver, Waivers
from pytest_antipasta.report.reading import FIRST, ToRead, format_reading, rank_functions

COGNITIVE, CYCLOMATIC = "cognitive_complexity", "cyclomatic_complexity"
LIMITS = {COGNITIVE: 15, CYCLOMATIC: 10}


def change(name: str, kind: ChangeKind = "modified", path: str = "a.py", **steps: object) -> BlockChange:
    """Return a change of a function: ``cognitive=(1, 5)`` are the values of both sides."""
    metrics = {}
    for short, step in steps.items():
        assert isinstance(step, tuple)
        before, after = step
        metric = f"{short}_complexity" if short in ("cognitive", "cyclomatic") else short
        delta = None if before is None and after is None else (after or 0) - (before or 0)
        metrics[metric] = MetricChange(before, after, delta, LIMITS.get(metric, 3), "<=")
    return BlockChange(path, None, name, None, 1, 9, kind, metrics)


def rank(
    *changes: BlockChange,
    splits: tuple[Split, ...] = (),
    waivers: tuple[Waiver, ...] = (),
    covered: dict[tuple[str, str], Covered] | None = None,
) -> list[ToRead]:
    return rank_functions(Changes(changes, splits=splits), Waivers(waivers), covered or {})


def list_points(functions: list[ToRead]) -> dict[str, float]:
    return {item.qualified_name: item.points for item in functions}


def split(effect: str, before: Number, after: Number, together: Number) -> Split:
    assert effect in ("moved", "better")
    facts = (HelperFacts(1, 2, is_tested=False, callers=1),)
    return Split("a.py", "f", 1, COGNITIVE, before, after, ("one",), together, effect, facts)  # type: ignore[arg-type]


WAIVER = Waiver(kind="comment", path="a.py", line=3, block="f", metric=COGNITIVE, before="15", after="25")
ALONE = {
    "added points": (change("f", cognitive=(1, 5), cyclomatic=(1, 9)), 4.0),
    "points of a new function": (change("f", "added", cognitive=(None, 4), cyclomatic=(None, 9)), 4.0),
    "of a renamed one": (change("f", "renamed", cognitive=(3, 4)), 1.0),
    "of one that is only moved": (change("f", "moved", cognitive=(3, 3)), None),
    "fewer": (change("f", cognitive=(5, 1)), None),
    "those of a deleted one": (change("f", "deleted", cognitive=(5, None)), None),
    "without cognitive complexity": (change("f", cyclomatic=(2, 5)), 3.0),
    "nothing but a new function": (change("f", "added", cyclomatic=(None, 1)), None),
    "the branches of a new function": (change("f", "added", cyclomatic=(None, 4)), 3.0),
    "a closure, as its file has points": (change("f", cognitive=(None, None), cyclomatic=(2, 4)), 2.0),
    "other numbers": (change("f", cognitive=(2, 2), nesting_depth=(2, 3)), 0.5),
    "a new function without a limit for either": (change("f", "added", nesting_depth=(None, 2)), None),
    "assertions of a new test": (change("f", "added", cognitive=(None, 0), cyclomatic=(None, 9)), None),
}


@pytest.mark.parametrize(("one", "points"), [pytest.param(*case, id=name) for name, case in ALONE.items()])
def test_what_counts(one: BlockChange, points: float | None) -> None:
    assert list_points(rank(one)) == ({} if points is None else {"f": points})


def test_a_closure_counts_with_the_function_around_it() -> None:
    outer = change("f", cognitive=(1, 3))
    closure = change("f.inner", cognitive=(None, None), cyclomatic=(2, 4))
    assert list_points(rank(outer, closure)) == {"f": 2.0, "f.inner": 0.5}
    assert list_points(rank(outer, change("g", path="b.py", cyclomatic=(2, 5)))) == {"g": 3.0, "f": 2.0}


@pytest.mark.parametrize(
    ("covered", "points", "reason"),
    [
        pytest.param(Covered(10, 10), 8.0, "tests run 0 %", id="none"),
        pytest.param(Covered(10, 5), 6.0, "tests run 50 %", id="half"),
        pytest.param(Covered(10, 0), 4.0, None, id="all"),
        pytest.param(Covered(0, 0), 4.0, None, id="no statement"),
        pytest.param(None, 4.0, None, id="unknown"),
    ],
)
def test_points_that_no_test_runs_count_twice(
    covered: Covered | None, points: float, reason: str | None
) -> None:
    known = {} if covered is None else {("a.py", "f"): covered}
    (item,) = rank(change("f", cognitive=(1, 5)), covered=known)
    assert item.points == points
    assert item.reasons == ("cognitive 1 → 5 (+4)", *([reason] if reason else []))
    assert rank(change("f", cognitive=(5, 1)), covered=known) == []


@pytest.mark.parametrize(
    ("changes", "waiver", "points", "reasons"),
    [
        pytest.param(
            (change("f", cognitive=(14, 20)),),
            WAIVER, 11.0, ("cognitive 14 → 20 (+6)", "new waiver"), id="edited",
        ),
        pytest.param((), WAIVER, 10.0, ("unchanged, new waiver",), id="unchanged"),
        pytest.param(
            (), Waiver(kind="comment", path="a.py", line=3, block="f", metric=COGNITIVE, before="15"),
            0.5, ("unchanged, new waiver",), id="without a ceiling",
        ),
        pytest.param(
            (change("f", "deleted", cognitive=(20, None)),),
            WAIVER, 10.0, ("unchanged, new waiver",), id="of another one with the name",
        ),
        pytest.param(
            (change("f", cognitive=(13, 13)),),
            WAIVER, 0.5, ("modified, cognitive 13", "new waiver"), id="not needed",
        ),
        pytest.param(
            (),
            Waiver(kind="moved", path="a.py", line=3, block="f", metric=COGNITIVE, before="15", after="15"),
            0.5, ("unchanged, new waiver",), id="the same",
        ),
        pytest.param(
            (),
            Waiver(kind="entry", path="a.py", line=3, block="f", metric="length", before="50", after="90"),
            0.5, ("unchanged, new waiver",), id="for another metric of an unchanged one",
        ),
        pytest.param(
            (), Waiver(kind="moved", path="a.py", line=None, block="f", text="b.py", after="not measured"),
            0.5, ("no longer checked, new waiver",), id="moved to where nothing is checked",
        ),
        pytest.param(
            (change("f", cognitive=(20, 20), cyclomatic=(12, 12)),),
            Waiver(kind="entry", path="a.py", line=3, block="f"),
            5.0, ("modified, cognitive 20, cyclomatic 12", "new waiver"), id="for all metrics",
        ),
        pytest.param(
            (change("f", "moved"),), Waiver(kind="moved", path="a.py", line=3, block="f", text="b.py"),
            0.5, ("moved", "new waiver"), id="without values",
        ),
    ],
)  # fmt: skip
def test_what_a_new_waiver_allows_counts(
    changes: tuple[BlockChange, ...], waiver: Waiver, points: float, reasons: tuple[str, ...]
) -> None:
    (item,) = rank(*changes, waivers=(waiver,))
    assert (item.points, item.reasons) == (points, reasons)


def test_a_waiver_that_is_not_about_a_function_is_listed_elsewhere() -> None:
    assert rank(waivers=(Waiver(kind="settings", path="pyproject.toml", text="exclude"),)) == []


def test_points_of_helpers_count_half_or_for_the_function_if_they_only_moved() -> None:
    parts = change("f", cognitive=(10, 2)), change("one", "added", cognitive=(None, 9))
    (item,) = rank(*parts, splits=(split("moved", 10, 2, 11),))
    assert (item.qualified_name, item.points) == ("f", 5.0)
    text = "moved to helpers: cognitive 10 → 2 (-8), 11 together with its new helper one (1 in, 2 out)"
    assert item.reasons == (text,)
    assert list_points(rank(*parts, splits=(split("better", 10, 2, 8),))) == {"one": 4.5}


def test_the_order_is_that_of_the_points_then_of_the_places() -> None:
    steps = {"few": (1, 2), "many": (1, 9), "some": (1, 4), "same": (1, 4)}
    found = rank(
        *(change(name, cognitive=step) for name, step in steps.items()),
        change("z", path="Z.py", cognitive=(1, 4)),
    )
    assert [item.qualified_name for item in found] == ["many", "z", "same", "some", "few"]


def test_only_the_first_are_named_and_the_others_counted() -> None:
    found = rank(*(change(f"f{number}", cognitive=(0, 1 + number)) for number in range(FIRST + 2)))
    first, *lines = format_reading(found, lambda path: f"src/{path}")
    assert first == "read these first:"
    assert lines[0] == "  src/a.py:1 f6: cognitive 0 → 7 (+7)"
    assert lines[FIRST:] == ["  and 2 more functions to which the change adds something"]
    assert next(format_reading(found[:1], str)) == "read this first:"
    assert [*format_reading([], str)] == []


def test_what_is_listed_above_is_named_without_its_values() -> None:
    found = rank(
        change("f", cognitive=(1, 9)),
        change("g", cognitive=(1, 4)),
        waivers=(WAIVER,),
        covered={("a.py", "g"): Covered(4, 4)},
    )

    def show(*names: str) -> list[str]:
        listed = {("a.py", name) for name in names}
        return [*format_reading(found, lambda path: f"src/{path}", listed)][1:]

    values = [
        "  src/a.py:1 f: cognitive 1 → 9 (+8), new waiver",
        "  src/a.py:1 g: cognitive 1 → 4 (+3), tests run 0 %",
    ]
    assert show() == values
    assert show("f") == ["  src/a.py:1 f: listed above, new waiver", values[1]]
    plain = rank(change("f", cognitive=(1, 9)), change("g", cognitive=(1, 4)))
    above = {("a.py", "f"), ("a.py", "g")}
    assert [*format_reading(plain, str, above)] == []
    assert [*format_reading(plain, str, {("a.py", "f")})][1:] == [
        "  a.py:1 f: listed above", "  a.py:1 g: cognitive 1 → 4 (+3)"
    ]  # fmt: skip


def test_a_function_that_moved_its_points_says_so_though_it_is_listed() -> None:
    (item,) = rank(change("f", cognitive=(10, 2)), splits=(split("moved", 10, 2, 11),))
    assert "moved to helpers" in [*format_reading([item], str, {("a.py", "f")})][1]
