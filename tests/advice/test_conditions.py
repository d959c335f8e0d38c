"""Conditions are joined and inverted as text."""

from __future__ import annotations

import ast

import pytest

from pytest_antipasta.advice.conditions import (
    format_header,
    invert_condition,
    merge_conditions,
    read_condition,
)
from pytest_antipasta.advice.layout import Layout, UnwritableError


def _parse(condition: str) -> tuple[Layout, ast.expr]:
    source = f"if {condition}:\n    pass\n"
    statement = ast.parse(source).body[0]
    assert isinstance(statement, ast.If)
    return Layout(source.split("\n"), 88), statement.test


@pytest.mark.parametrize(
    ("condition", "inverse"),
    [
        ("a", "not a"),
        ("not a", "a"),
        ("not (a or b)", "a or b"),
        ("a.b[0](c)", "not a.b[0](c)"),
        ("a is None", "a is not None"),
        ("a is  not None", "a is None"),
        ("a in b", "a not in b"),
        ("a not  in b", "a in b"),
        ("a == b", "a != b"),
        ("'==' != b", "'==' == b"),
        ("a < b", "not (a < b)"),
        ("a == b == c", "not (a == b == c)"),
        ("a + b", "not (a + b)"),
        ("(a := b)", "not (a := b)"),
        ("await a", "not await a"),
        ("lambda: a", "not (lambda: a)"),
        ("a if b else c", "not (a if b else c)"),
        ("a and b", "not (a and b)"),
        ("not a and b", "a or not b"),
        ("not a or b is None", "a and b is not None"),
        ("not (a or b) and c", "(a or b) or not c"),
        ("a is None and b == c", "a is not None or b != c"),
        ("not a and (b or c)", "not (not a and (b or c))"),
        ("a < b and not c", "not (a < b and not c)"),
        ("(a) and (b or c)", "not ((a) and (b or c))"),
        ("(\n    a is None\n    or b\n    or not c\n)", "a is not None and not b and c"),
        ("'é' in a and not b", "'é' not in a or b"),
    ],
)
def test_the_inverse(condition: str, inverse: str) -> None:
    assert invert_condition(*_parse(condition)).text == inverse
    ast.parse(f"if {inverse}: pass")


@pytest.mark.parametrize("condition", ['a in """\nb"""', "a is \\\nNone"])
def test_strings_of_several_lines_and_backslashes_are_not_inverted(condition: str) -> None:
    with pytest.raises(UnwritableError):
        invert_condition(*_parse(condition))


@pytest.mark.parametrize(
    ("outer", "inner", "merged"),
    [
        ("a", "b", "a and b"),
        ("a or b", "c or d", "(a or b) and (c or d)"),
        ("(a or b)", "c", "(a or b) and c"),
        ("a and (b or c)", "d and e", "a and (b or c) and d and e"),
        ("not a", "b < c", "not a and b < c"),
        ("(x := a)", "b if c else d", "(x := a) and (b if c else d)"),
        ("lambda: a", "b", "(lambda: a) and b"),
        ("(\n    a\n    or b\n)", "c", "(a or b) and c"),
        ("f(\n    a, b\n)", "c", "f(a, b) and c"),
    ],
)
def test_two_conditions_merged(outer: str, inner: str, merged: str) -> None:
    conditions = read_condition(*_parse(outer)), read_condition(*_parse(inner))
    assert merge_conditions(*conditions).text == merged


def test_a_call_with_an_item_a_line_is_not_merged() -> None:
    outer, inner = read_condition(*_parse("f(\n    a,\n    b,\n)")), read_condition(*_parse("c"))
    with pytest.raises(UnwritableError):
        merge_conditions(outer, inner)


@pytest.mark.parametrize(
    ("condition", "width", "lines"),
    [
        ("alpha and beta", 20, ["if alpha and beta:"]),
        ("alpha and beta and gamma", 24, ["if (", "    alpha", "    and beta", "    and gamma", "):"]),
        ("alpha and beta and gamma", 28, ["if alpha and beta and gamma:"]),
        ("alpha and beta and gammas", 28, ["if (", "    alpha", "    and beta", "    and gammas", "):"]),
        ("alpha(beta, gamma, delta)", 24, ["if alpha(", "    beta, gamma, delta", "):"]),
        ("alpha and beta(gamma, delta)", 28, ["if alpha and beta(", "    gamma, delta", "):"]),
        (
            "alpha and beta == f'{gamma}or{delta}('",
            28,
            ["if (", "    alpha", "    and beta", "    == f'{gamma}or{delta}('", "):"],
        ),
        ("alpha in [beta, gamma, d]", 24, ["if alpha in [", "    beta,", "    gamma,", "    d,", "]:"]),
        (
            "alpha in [b for b, c in delta]",
            28,
            ["if alpha in [", "    b for b, c in delta", "]:"],
        ),
        ("alpha and beta in (a(b, c), d)", 28, ["if alpha and beta in (", "    a(b, c),", "    d,", "):"]),
        (
            "alpha and beta == gammas[delta]",
            28,
            ["if (", "    alpha", "    and beta", "    == gammas[delta]", "):"],
        ),
        (
            "alpha and beta or gamma and delta",
            28,
            ["if (", "    alpha", "    and beta", "    or gamma", "    and delta", "):"],
        ),
        (
            "alpha and beta and gamma(delta, epsilon)",
            26,
            ["if (", "    alpha", "    and beta", "    and gamma(", "        delta, epsilon", "    )", "):"],
        ),
        (
            "alpha and beta and gamma_gamma == epsilon",
            26,
            ["if (", "    alpha", "    and beta", "    and gamma_gamma", "    == epsilon", "):"],
        ),
        (
            "alpha and any(beta == gamma for beta in delta)",
            26,
            ["if alpha and any(", "    beta == gamma", "    for beta in delta", "):"],
        ),
        (
            "alpha and (beta(eps) if not gamma else delta(epsilon))",
            26,
            ["if alpha and (", "    beta(eps)", "    if not gamma", "    else delta(epsilon)", "):"],
        ),
        (
            "alpha and omega and (beta(eps) if not gamma else delta(eps))",
            26,
            [
                *("if (", "    alpha", "    and omega", "    and (", "        beta(eps)"),
                *("        if not gamma", "        else delta(eps)", "    )", "):"),
            ],
        ),
        (
            "alpha and any(b if c else d for b, c in beta)",
            28,
            ["if alpha and any(", "    b if c else d for b, c in beta", "):"],
        ),
    ],
)
def test_a_long_condition_is_laid_out_as_formatters_do(condition: str, width: int, lines: list[str]) -> None:
    assert format_header("", "    ", "if", read_condition(*_parse(condition)), width) == lines


def test_a_negated_condition_is_broken_inside_its_brackets() -> None:
    condition = invert_condition(*_parse("alpha and beta < gamma"))
    assert format_header("", "    ", "if", condition, 26) == [
        "if not (",
        "    alpha and beta < gamma",
        "):",
    ]
