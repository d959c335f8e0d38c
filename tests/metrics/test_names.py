"""What Halstead's operators and operands are called."""

from __future__ import annotations

import ast

import pytest

from pytest_antipasta.metrics.names import find_operand_names, find_operator_names
from pytest_antipasta.metrics.nodes import OPERATOR_BIT
from pytest_antipasta.metrics.source import parse_source
from pytest_antipasta.metrics.walk import walk_scopes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("total", "total", id="a name is itself, and so is a string that could be one"),
        pytest.param("a b", "'a b'", id="any other string is in quotes"),
        pytest.param(b"a", "b'a'", id="bytes are as in source"),
        pytest.param(..., "...", id="an ellipsis"),
        pytest.param(None, "None", id="none"),
        pytest.param(1.5, "1.5", id="a number"),
        pytest.param(10**30, "1" + "0" * 30, id="a number of thirty digits behind its first"),
        pytest.param(10**30 + 1, "a huge number", id="a larger one would fill a line, or could not be shown"),
        pytest.param(-(10**5000), "a huge number", id="nor could one below zero"),
        pytest.param(1e300, "1e+300", id="a large one that is short"),
    ],
)
def test_an_operand(value: object, expected: str) -> None:
    assert find_operand_names([[value]]) == (expected,)


def test_operands_are_sorted_and_those_of_several_functions_say_so() -> None:
    assert find_operand_names([["b", 1], ["a", "b"], ["b"]]) == ("1", "a", "b (3)")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a", (), id="none"),
        pytest.param("-a - +b", ("-", "+x", "-x"), id="signs are told from sums"),
        pytest.param("a < b and not c", ("not", "and", "<"), id="each once"),
    ],
)
def test_operators(source: str, expected: tuple[str, ...]) -> None:
    (module,) = walk_scopes(parse_source(source))
    found = find_operator_names(module.operator_bits)
    assert sorted(found) == sorted(expected)


def test_every_operator_has_a_name_of_its_own() -> None:
    names = find_operator_names((1 << len(OPERATOR_BIT)) - 1)
    assert len(set(names)) == len(OPERATOR_BIT)
    assert {"+", "@", "//", "**", "is not", "not in", "~"} <= set(names)
    assert all(ast.parse(f"a {name} b") for name in set(names) - {"+x", "-x", "~", "not"})
