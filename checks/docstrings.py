"""The first line of a docstring and the annotation say the same about what a function gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from checks.repository import iter_modules

# Aliases in annotations, besides the types of `collections.abc`.
_ITERATED = re.compile(r"Iterator|Iterable|Generator|LogLines|Outcomes")
# What makes another value of an iterator.
_WRAPPED = re.compile(r"contextmanager|hookimpl|printable_lines")
_MISSING = re.compile(r"(?:otherwise ``None``|; ``None`` (?:if|without|unless|for any))")


def find_problems() -> Iterator[str]:
    """Yield each contradiction in the package with its place."""
    for path, source in iter_modules():
        yield from (f"{path}:{line}: {what}" for line, what in find_contradictions(source))


def find_contradictions(source: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of functions in a module, and what is wrong there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (text := ast.get_docstring(node)):
            returns = ast.unparse(node.returns) if node.returns else ""
            is_wrapped = any(_WRAPPED.search(ast.unparse(each)) for each in node.decorator_list)
            yield from ((node.lineno, what) for what in _compare(text, returns, node, is_wrapped))


def _compare(text: str, returns: str, node: ast.AST, is_wrapped: bool) -> Iterator[str]:
    head, first = text.partition("\n\n")[0], text.split()[0]
    yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in _walk_own(node))
    if first == "Yield" and not _ITERATED.search(returns):
        yield f"says Yield and returns {returns}"
    if first == "Return" and (returns == "None" or (yields and not is_wrapped)):
        yield "says Return and returns nothing"
    yield from _compare_values(head, first, returns)


def _compare_values(head: str, first: str, returns: str) -> Iterator[str]:
    if "without a verdict" in head and re.search("Outcome|Verdict", returns):
        yield f"says that there is no verdict and returns {returns}"
    if first in ("Return", "Yield") and _MISSING.search(head) and "None" not in returns:
        yield f"says None and returns {returns}"


def _walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions inside it."""
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield inner
            yield from _walk_own(inner)
