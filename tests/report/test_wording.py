"""Numbers, violations and errors in words."""

from __future__ import annotations

from typing import Literal

import pytest

from pytest_antipasta.messages import count
from pytest_antipasta.model.judged import Tolerated, Verdict, Violation
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement, Number
from pytest_antipasta.report.wording import (
    format_beside_limit,
    format_error_line,
    format_known,
    format_named,
    format_number,
    format_place,
    format_violation,
    has_number,
    iter_tolerated,
    show_number,
)

ARROW = "\N{RIGHTWARDS ARROW}"


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        pytest.param(7, None, "7", id="a whole number"),
        pytest.param(7.0, None, "7", id="one that is written as a fraction"),
        pytest.param(100, None, "100", id="one with zeros at its end"),
        pytest.param(7.125, None, "7.12", id="two decimals"),
        pytest.param(7.1, None, "7.1", id="one decimal"),
        pytest.param(0.001, None, "0", id="almost nothing"),
        pytest.param(12345678.9, None, "12345678.9", id="a large number"),
        pytest.param(10.001, 10, "10.001", id="just over the limit"),
        pytest.param(49.999, 50, "49.999", id="just under the limit"),
        pytest.param(50.0, 50, "50", id="the limit itself"),
        pytest.param(10.01, 10, "10.01", id="two decimals are enough"),
    ],
)
def test_a_number_is_short_and_never_looks_like_its_limit(
    value: Number, limit: Number | None, expected: str
) -> None:
    assert format_number(value, limit) == expected


@pytest.mark.parametrize(
    ("violation", "expected"),
    [
        pytest.param(
            Violation("cyclomatic_complexity", "A.f", 3, 12, 10, "<="),
            "a.py:3: A.f: cyclomatic_complexity is 12, must be <= 10",
            id="of a block",
        ),
        pytest.param(
            Violation("maintainability_index", None, None, 49.999, 50, ">="),
            "a.py: maintainability_index is 49.999, must be >= 50",
            id="of a file",
        ),
        pytest.param(
            Violation("halstead_volume", "f#2", 1, 1000.5, 1000, "<", 900, "modified"),
            f"a.py:1: f#2: halstead_volume 900 {ARROW} 1000.5 (+100.5), must be < 1000 (modified)",
            id="of a change",
        ),
        pytest.param(
            Violation("cognitive_complexity", "f", 1, 16, 15, "<=", 16, "modified", previous_limit="<= 20"),
            f"a.py:1: f: cognitive_complexity is 16, must be <= 15; limit 20 {ARROW} 15",
            id="of a limit that changed",
        ),
        pytest.param(
            Violation("cognitive_complexity", "g", 1, 16, 15, "<=", None, "added"),
            "a.py:1: g: cognitive_complexity is 16, must be <= 15 (added)",
            id="of a new block",
        ),
        pytest.param(
            Violation("maintainability_index", None, None, 40.0, 50, ">=", 55.5, "modified"),
            f"a.py: maintainability_index 55.5 {ARROW} 40 (-15.5), must be >= 50 (modified)",
            id="of a file that got worse",
        ),
        pytest.param(
            Violation("halstead_difficulty", None, None, 10.0051, 10, "<=", 9.9349, "modified"),
            f"a.py: halstead_difficulty 9.93 {ARROW} 10.01 (+0.08), must be <= 10 (modified)",
            id="of numbers that are rounded apart",
        ),
        pytest.param(
            Violation("cyclomatic_complexity", "f", 1, 20, 10, "<=", 20, "modified"),
            f"a.py:1: f: cyclomatic_complexity 20 {ARROW} 20 (0), must be <= 10 (modified)",
            id="of equal numbers",
        ),
    ],
)
def test_a_violation_says_place_block_value_and_limit(violation: Violation, expected: str) -> None:
    place = format_place("a.py", None, violation.line)
    assert f"{place}: {format_named(violation)}" == expected
    assert expected.endswith(format_violation(violation))


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        pytest.param(None, None, "-", id="none"),
        pytest.param(1234567, None, "1,234,567", id="a large whole number"),
        pytest.param(37665.49, 10000, "37,665", id="a large one with decimals"),
        pytest.param(108.05, None, "108", id="three digits"),
        pytest.param(58.32, None, "58.3", id="two digits and a decimal"),
        pytest.param(2.614, None, "2.61", id="a digit and two decimals"),
        pytest.param(0.0456, None, "0.046", id="a small one"),
        pytest.param(7.0, None, "7", id="a whole one that is written as a fraction"),
        pytest.param(1000.4, 1000, "1000.4", id="just over the limit"),
        pytest.param(49.999, 50, "49.999", id="just under the limit"),
        pytest.param(1000.4, 1000.3, "1000.4", id="over a limit with a fraction"),
        pytest.param(64.96, 65.02, "65", id="under one, as the shorter number is"),
        pytest.param(0.00012345, 0.0001234, "0.00012345", id="over a tiny one"),
        pytest.param(-0.4567, None, "-0.457", id="less than nothing"),
    ],
)
def test_people_get_three_digits_and_separated_thousands(
    value: Number | None, limit: Number | None, expected: str
) -> None:
    assert show_number(value, limit) == expected


@pytest.mark.parametrize(
    ("violation", "expected"),
    [
        pytest.param(Violation("lines_of_code", None, None, 1200, 1000, "<="), "1,200/1,000", id="a maximum"),
        pytest.param(
            Violation("lines_of_code", None, None, 1200, 1000, "<=", 900),
            f"900 {ARROW} 1,200/1,000 (+300)",
            id="a maximum of a change",
        ),
        pytest.param(Violation("branches", "f", 1, 6, 3, "=="), "6, must be == 3", id="another comparison"),
        pytest.param(
            Violation("branches", "f", 1, 6, 3, "==", 5),
            f"5 {ARROW} 6 (+1), must be == 3",
            id="another comparison of a change",
        ),
        pytest.param(
            Violation("halstead_effort", None, None, 37665.49, 10000, "<=", 35000.2),
            f"35,000 {ARROW} 37,665/10,000 (+2,665)",
            id="numbers whose difference has thousands",
        ),
        pytest.param(
            Violation("halstead_difficulty", None, None, 12.344, 10, "<=", 12.343),
            f"12.343 {ARROW} 12.344/10 (+0.001)",
            id="numbers that would look equal",
        ),
        pytest.param(
            Violation("cyclomatic_complexity", "f", 1, 20, 10, "<=", 20), f"20 {ARROW} 20/10 (0)", id="equal"
        ),
    ],
)
def test_a_value_stands_beside_its_limit(violation: Violation, expected: str) -> None:
    assert format_beside_limit(violation) == expected


def test_what_is_tolerated_is_one_line_for_each_block_and_reason() -> None:
    def tolerate(metric: str, name: str | None, why: Literal["baseline", "not worse"]) -> Tolerated:
        return Tolerated(metric, name, 3 if name else None, 12, 10, "<=", 11, why=why)

    verdict = Verdict("a.py", Measurement(FileMetrics()))
    numbers = [
        tolerate("lines_of_code", None, "not worse"),
        tolerate("cyclomatic_complexity", "f", "baseline"),
        tolerate("cognitive_complexity", "f", "baseline"),
        tolerate("branches", "f", "not worse"),
    ]
    assert list(iter_tolerated(verdict, numbers, str)) == [
        f"tolerated (already over the limit): a.py: lines of code 11 {ARROW} 12/10 (+1)",
        f"tolerated (in the baseline): a.py:3: f: cyclomatic 11 {ARROW} 12/10 (+1), "
        f"cognitive 11 {ARROW} 12/10 (+1)",
        f"tolerated (already over the limit): a.py:3: f: branches 11 {ARROW} 12/10 (+1)",
    ]


@pytest.mark.parametrize(
    ("cell", "line", "expected"),
    [(None, None, "a b.py"), (None, 7, "a b.py:7"), (3, 7, "a b.py:cell 3:7"), (3, None, "a b.py:cell 3")],
)
def test_a_place_is_what_terminals_make_a_link_of(cell: int | None, line: int | None, expected: str) -> None:
    assert format_place("a b.py", cell, line) == expected
    error = FileError("syntax", "wrong", line, cell=cell)
    assert format_error_line("a b.py", error) == f"{expected}: not measured (syntax): wrong"


@pytest.mark.parametrize(
    ("metrics", "size", "expected"),
    [
        (FileMetrics(), None, ""),
        (FileMetrics(lines_of_code=3), None, "still measured (partial): lines_of_code 3"),
        (FileMetrics(lines_of_code=3_000), None, "still measured (partial): lines_of_code 3,000"),
        (FileMetrics(), 0, "size: 0 bytes"),
        (FileMetrics(), 2_000_001, "size: 2,000,001 bytes"),
        (
            FileMetrics(lines_of_code=3, total_cognitive_complexity=0, blank_lines=1),
            None,
            "still measured (partial): lines_of_code 3, total_cognitive_complexity 0",
        ),
    ],
)
def test_what_is_still_known_is_said(metrics: FileMetrics, size: int | None, expected: str) -> None:
    assert format_known(Measurement(metrics, (), FileError("timeout", "slow", size=size))) == expected


@pytest.mark.parametrize(("number", "expected"), [(0, "0 files"), (1, "1 file"), (2000, "2,000 files")])
def test_words_are_counted(number: int, expected: str) -> None:
    assert count(number, "file") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("f#2", True),
        ("A.f#2.g", True),
        ("#p", False),
        ("Cart.#p", False),
        ("Cart.#p#2", True),
        ("code-cell#3", False),
    ],
)
def test_a_name_has_a_number_where_another_block_has_the_name(name: str, *, expected: bool) -> None:
    assert has_number(name) is expected
