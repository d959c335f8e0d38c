"""The text of a file that fails."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.model.measured import Measurement
from pytest_antipasta.report.failure import format_failures, format_headline
from pytest_antipasta.report.rows import Look, find_rows, format_flat
from tests.policy.judging import judge

LOOP = b"""\
    total = 0
    for order in orders:
        if order.open:
            for line in order.lines:
                if line.paid:
                    if line.amount > 0:
                        total += line.amount
                    else:
                        total -= 1
    return total
"""


def indented(data: bytes) -> bytes:
    return b"".join(b"    " + line for line in data.splitlines(keepends=True))


def fail(data: bytes) -> Verdict:
    measurement = measure(data)
    thresholds = [Threshold("cyclomatic_complexity", 100, "<="), Threshold("cognitive_complexity", 3, "<=")]
    return Verdict("a.py", measurement, judge(measurement, thresholds).violations, errors_fail=True)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"def pay(orders):\n" + LOOP,
            ["    1:1  pay  cognitive 16/3"],
            id="a function",
        ),
        pytest.param(
            b"class Till:\n    @property\n    def pay(self, orders):\n" + indented(LOOP),
            ["    3:1  Till.pay  cognitive 16/3"],
            id="a method with a decorator",
        ),
        pytest.param(
            b"def pay(orders):\n" + LOOP + b"\n\ndef pay(orders):\n" + LOOP,
            ["    1:1  pay    cognitive 16/3", "   14:1  pay#2  cognitive 16/3"],
            id="two of one name",
        ),
    ],
)
def test_each_violation_has_its_own_line(data: bytes, expected: list[str]) -> None:
    assert [*format_failures([fail(data)])] == ["a.py", *expected]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (None, ["    1:1  pay_all  cyclomatic 6/1  cognitive 16/3"]),
        (48, ["    1:1  pay_all  cyclomatic 6/1  cognitive 16/3"]),
        (47, ["    1:1  pay_all", "         cyclomatic 6/1  cognitive 16/3"]),
        (25, ["    1:1  pay_all", "         cyclomatic 6/1", "         cognitive 16/3"]),
    ],
)
def test_a_name_beside_which_values_do_not_fit_has_its_own_line(
    width: int | None, expected: list[str]
) -> None:
    measurement = measure(b"def pay_all(orders):\n" + LOOP)
    limits = [Threshold("cyclomatic_complexity", 1, "<="), Threshold("cognitive_complexity", 3, "<=")]
    verdict = Verdict("a.py", measurement, judge(measurement, limits).violations)
    assert [*format_failures([verdict], Look(width=width))] == ["a.py", *expected]


def test_values_of_files_begin_in_one_column_where_some_have_many() -> None:
    measurement = measure(b"x = 1 + 2\n")
    many = ("volume", "difficulty", "effort", "time", "bugs")
    limits = [Threshold(f"halstead_{name}", 0, "<=") for name in many]

    def name(path: str, over: list[Threshold]) -> Verdict:
        return Verdict(path, measurement, judge(measurement, over).violations)

    rows = find_rows([name("a.py", limits[:1]), name("folder/long.py", limits)])
    (few,), (all_of_them,) = format_flat(rows)
    assert len(all_of_them) > 120
    assert few.index("halstead") == all_of_them.index("halstead")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"cyclomatic_complexity": 0}, "f cyclomatic 1/0, +1 more"),
        ({"cyclomatic_complexity": 0, "cognitive_complexity": -1}, "f cyclomatic 1/0, +1 more"),
        ({"lines_of_code": 1}, "lines of code 2/1"),
        (
            {"lines_of_code": 1, "cyclomatic_complexity": 0},
            "f cyclomatic 1/0, +2 more",
        ),
    ],
)
def test_the_headline_is_the_first_and_how_many_more(limits: dict[str, int], expected: str) -> None:
    measurement = measure(b"def f(): pass\ndef g(): pass\n")
    thresholds = [Threshold(metric, limit, "<=") for metric, limit in limits.items()]
    violations = judge(measurement, thresholds).violations
    assert format_headline(Verdict("a.py", measurement, violations)) == expected


def test_the_headline_of_an_error_is_the_error() -> None:
    measurement: Measurement = measure(b"def f(:\n")
    assert (
        format_headline(Verdict("a.py", measurement, errors_fail=True))
        == "not measured (syntax): invalid syntax"
    )
