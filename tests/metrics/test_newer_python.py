"""Syntax trees of a Python that is newer than all that we know: fields of any name, values of any type."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.explanation import explain
from pytest_antipasta.metrics.following.bodies import NormalizedBlocks
from pytest_antipasta.metrics.nodes import FOLLOW, _fields_to_follow

SOURCE = b"""\
import os
from sys import path


def f(a):
    import json

    return [a for a in path if a]
"""
CONDITION: Any = ast.parse("a if a else 1", mode="eval").body


def add_field(monkeypatch: pytest.MonkeyPatch, node_class: type[ast.AST], name: str, value: object) -> None:
    """Let the nodes of a class have one more field, as those of CPython 3.15 do: an attribute and a name."""
    monkeypatch.setattr(node_class, name, value, raising=False)
    monkeypatch.setattr(node_class, "_fields", (*node_class._fields, name))
    monkeypatch.setitem(FOLLOW, node_class, _fields_to_follow(node_class))


def find_complexity(data: bytes) -> tuple[int | None, int]:
    """Return the complexity of the only function, and what its explained points add up to."""
    measurement = measure(data)
    assert measurement.error is None
    points = explain(data, measurement).blocks[0].cyclomatic
    assert points.rest == 0
    return measurement.blocks[0].cyclomatic_complexity, points.total


@pytest.mark.parametrize("value", [0, False, "", (), None, []])
def test_an_empty_field_changes_neither_numbers_nor_digests(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CPython 3.15 has ``is_lazy`` in imports, which is 0."""
    before = measure(SOURCE), NormalizedBlocks(SOURCE).find("f"), NormalizedBlocks(SOURCE).find("")
    for node_class in (ast.Import, ast.ImportFrom, ast.Return, ast.comprehension, ast.Name, ast.FunctionDef):
        add_field(monkeypatch, node_class, "is_lazy", value)
    after = measure(SOURCE), NormalizedBlocks(SOURCE).find("f"), NormalizedBlocks(SOURCE).find("")
    assert after == before
    assert find_complexity(SOURCE) == (3, 3)


@pytest.mark.parametrize(
    ("value", "added"),
    [
        pytest.param(1, 0, id="a number"),
        pytest.param("lazy", 0, id="a text"),
        pytest.param(["lazy", 1, None], 0, id="a list without nodes"),
        pytest.param(CONDITION, 1, id="a node"),
        pytest.param([CONDITION, CONDITION], 2, id="a list of nodes"),
    ],
)
def test_what_a_field_holds_is_counted_by_its_type_and_reported_in_digests(
    value: object, added: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = NormalizedBlocks(SOURCE).find("f")
    add_field(monkeypatch, ast.Return, "extra", value)
    assert find_complexity(SOURCE) == (3 + added, 3 + added)
    assert NormalizedBlocks(SOURCE).find("f") != before
