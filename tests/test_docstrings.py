"""The first line of a docstring and the annotation say the same about what a function gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pytest_antipasta"
# Aliases in annotations, besides the types of `collections.abc`.
ITERATED = re.compile(r"Iterator|Iterable|Generator|LogLines|Outcomes")
# What makes another value of an iterator.
WRAPPED = re.compile(r"contextmanager|hookimpl|printable_lines")
MISSING = re.compile(r"(?:otherwise ``None``|; ``None`` (?:if|without|unless|for any))")


def find_contradictions(source: str) -> Iterator[str]:
    """Yield what is wrong in a module, after the names of functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
            returns = ast.unparse(node.returns) if node.returns else ""
            is_wrapped = any(WRAPPED.search(ast.unparse(each)) for each in node.decorator_list)
            yield from (f"{node.name}: {what}" for what in _compare(text, returns, node, is_wrapped))


def _compare(text: str, returns: str, node: ast.AST, is_wrapped: bool) -> Iterator[str]:
    head, first = text.partition("\n\n")[0], text.split()[0]
    yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in _walk_own(node))
    if first == "Yield" and not ITERATED.search(returns):
        yield f"says Yield and returns {returns}"
    if first == "Return" and (returns == "None" or (yields and not is_wrapped)):
        yield "says Return and returns nothing"
    if "without a verdict" in head and re.search("Outcome|Verdict", returns):
        yield f"says that there is no verdict and returns {returns}"
    if first in ("Return", "Yield") and MISSING.search(head) and "None" not in returns:
        yield f"says None and returns {returns}"


def _walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions inside it."""
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield inner
            yield from _walk_own(inner)


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('def f() -> list[str]:\n    """Yield names."""\n', 1),
        ('def f() -> Iterator[str]:\n    """Yield names."""\n    yield ""\n', 0),
        ('def f() -> Iterator[str]:\n    """Return names."""\n    yield ""\n', 1),
        ('def f() -> None:\n    """Return a name."""\n', 1),
        ('def f() -> Verdict:\n    """Return values without a verdict."""\n', 1),
        ('def f() -> str:\n    """Return a name; ``None`` if unknown."""\n', 1),
        ('def f() -> str | None:\n    """Return a name; ``None`` if unknown."""\n', 0),
    ],
)
def test_a_contradiction_is_found(source: str, count: int) -> None:
    assert len([*find_contradictions(source)]) == count


def test_docstrings_and_annotations_say_the_same() -> None:
    found = {
        str(path.relative_to(PACKAGE)): wrong
        for path in PACKAGE.rglob("*.py")
        if (wrong := [*find_contradictions(path.read_text(encoding="utf-8"))])
    }
    assert found == {}
