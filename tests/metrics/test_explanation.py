"""What numbers are made of: it adds up to radon's and complexipy's numbers, on real code."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from radon.metrics import h_visit_ast

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.explanation import ExplainedBlock, Explanation, LinePoints, explain
from tests.corpora import CorpusUnavailableError, python_files
from tests.oracles import consult

# A part of the files of each corpus, which makes about fifty of them.
EVERY = {"flask": 8, "django": 32}
# Asking radon as well takes a hundred times as long.
EVERY_ASKED = 20


def explain_source(text: str) -> Explanation:
    return explain(text.encode(), measure(text.encode()))


def explain_block(text: str, name: str) -> ExplainedBlock:
    return next(one for one in explain_source(text).blocks if one.block.qualified_name == name)


@pytest.mark.parametrize("name", EVERY)
def test_points_add_up_on_real_code(name: str) -> None:
    """Without a rest, for every block; offline without the corpus there is nothing to add up."""
    try:
        paths = python_files(name)[:: EVERY[name]]
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    blocks = sum(assert_adds_up(path, path.read_bytes()) for path in paths)
    assert blocks > len(paths)
    for path in paths[::EVERY_ASKED]:
        assert_oracles_agree(path.read_bytes())


def assert_adds_up(path: Path, data: bytes) -> int:
    measurement = measure(data)
    found = explain(data, measurement)
    assert [one.block for one in found.blocks] == list(measurement.blocks)
    for one in found.blocks:
        place = f"{path}::{one.block.qualified_name}"
        assert find_cyclomatic(one) == one.block.cyclomatic_complexity, place
        assert one.cyclomatic.rest == 0, place
        assert one.cognitive is not None and one.cognitive.rest == 0, place
        if one.block.cognitive_complexity is not None:
            assert sum(one.cognitive.by_line.values()) == one.block.cognitive_complexity, place
    assert_file_adds_up(found)
    return len(found.blocks)


def find_cyclomatic(one: ExplainedBlock) -> int:
    """Return a block's number from its points, which a class with methods divides."""
    points = sum(one.cyclomatic.by_line.values())
    return int(points / one.methods) + (one.methods > 1) if one.methods else points


def assert_file_adds_up(found: Explanation) -> None:
    metrics = found.measurement.metrics
    assert sum(one.total for one in found.functions.values()) == metrics.total_cognitive_complexity
    assert all(sum(one.by_line.values()) == one.total for one in found.functions.values())
    if found.index is not None and found.index.terms is not None:
        assert min(max(0.0, found.index.terms.total * 100 / 171.0), 100.0) == metrics.maintainability_index
    # The module's own, and each function and class without the 1 that it starts from.
    inner = sum(one.cyclomatic.total - 1 for one in found.blocks if "." not in one.block.qualified_name)
    assert found.index is None or found.index.complexity == 1 + found.outside.total + inner


def assert_oracles_agree(data: bytes) -> None:
    """The points against radon and complexipy themselves, and Halstead's counts against radon's."""
    found, expected = explain(data, measure(data)), consult(data)
    for one, row in zip(found.blocks, expected.blocks, strict=True):
        assert find_cyclomatic(one) == row["cyclomatic_complexity"]
        if row["cognitive_complexity"] is not None:
            assert one.cognitive is not None
            assert sum(one.cognitive.by_line.values()) == row["cognitive_complexity"]
    if found.halstead is not None:
        report = h_visit_ast(ast.parse(data)).total
        assert (report.h1, report.h2, report.N1, report.N2) == (
            found.halstead.distinct_operators,
            found.halstead.distinct_operands,
            found.halstead.operators,
            found.halstead.operands,
        )


@pytest.mark.parametrize(
    ("body", "operators", "operands", "expressions"),
    [
        pytest.param("a + b", ("+",), ("a", "b"), 0, id="names"),
        pytest.param(
            "-a.b is not 'x'", ("-x", "is not"), ("b", "x"), 1, id="attributes, strings, expressions"
        ),
        pytest.param("f'{a}' % 'a b'", ("%",), ("'a b'",), 1, id="a string that is no name"),
        pytest.param("1 + 1.5 + ...", ("+",), ("...", "1", "1.5"), 1, id="constants"),
        pytest.param(
            f"0x{'f' * 5000} + 1", ("+",), ("1", "a huge number"), 0, id="a number that has no text"
        ),
        pytest.param("a", (), (), 0, id="nothing"),
    ],
)
def test_operators_and_operands_have_names(
    body: str, operators: tuple[str, ...], operands: tuple[str, ...], expressions: int
) -> None:
    counts = explain_block(f"def f():\n return {body}\n", "f").halstead
    assert counts is not None
    assert (counts.operator_names, counts.operand_names) == (operators, operands)
    assert counts.expressions == expressions
    assert counts.distinct_operators == len(operators)
    assert counts.distinct_operands == len(operands) + expressions


def test_what_two_functions_have_is_counted_in_each() -> None:
    counts = explain_source("def f(a):\n return a + 1\ndef g(a):\n return a + 2\n").halstead
    assert counts is not None
    assert (counts.operand_names, counts.distinct_operands) == (("1", "2", "a (2)"), 4)


def test_a_closure_shows_the_points_that_its_outer_function_has() -> None:
    source = "def f():\n def g():\n  if a: pass\n if b: pass\n"
    assert explain_block(source, "f").cognitive == LinePoints({3: 2, 4: 1})
    assert explain_block(source, "f.g").cognitive == LinePoints({3: 2})


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python can read it")
def test_source_that_only_complexipy_can_read_still_has_functions() -> None:
    found = explain_source("class A:\n @x\n def f(x):\n  if x: return t'{x}'\n")  # since CPython 3.14
    assert (found.blocks, found.halstead, found.index) == ((), None, None)
    assert [(line, one.name, one.by_line) for line, one in found.functions.items()] == [
        (2, "A::f", {4: 1}),
        (None, "<module>", {}),
    ]


def test_what_can_not_be_decoded_has_nothing() -> None:
    data = b"x = '\xff'\n"
    assert explain(data, measure(data)) == Explanation(measure(data))
