"""What a rewrite leaves alone, as far as bytecode does not show it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from copy import copy as shallow_copy

from pytest_antipasta.advice.proof.versions import RefusedError, Version
from pytest_antipasta.metrics.nodes import Definition, FunctionNode, find_first_line, find_last_line


def check_rest(before: Version, after: Version, helper: Version | None = None) -> None:
    """Check that a module differs in the body of one function only, and by the helper.

    Raises:
        RefusedError: something else differs: other lines, the function's header, its docstring or the
            annotations of its variables.
    """
    outside_before = _cut(before.lines, before.function)
    outside_after = _cut(after.lines, after.function)
    if helper is None:
        if outside_before != outside_after:
            raise RefusedError("other lines differ")
    elif not _is_inserted(helper, after, outside_before):
        raise RefusedError("other lines than those of the function and the helper differ")
    if _dump_header(before.function) != _dump_header(after.function):
        raise RefusedError("the function's header differs")
    if ast.get_docstring(before.function, clean=False) != ast.get_docstring(after.function, clean=False):
        raise RefusedError("the docstring differs")
    annotations = _count_annotations(after)
    if helper is not None:
        annotations += _count_annotations(helper)
    if _count_annotations(before) != annotations:
        raise RefusedError("annotations of variables differ")


def _find_span(lines: Sequence[str], node: Definition) -> tuple[int, int]:
    """Return the numbers of lines before a definition, and up to its end."""
    end = find_last_line(node.end_lineno or node.lineno, node.col_offset, lines)
    return find_first_line(node) - 1, end


def _cut(lines: Sequence[str], node: Definition) -> tuple[Sequence[str], Sequence[str]]:
    """Return the lines before and after a definition."""
    first, end = _find_span(lines, node)
    return lines[:first], lines[end:]


def _is_inserted(helper: Version, after: Version, outside: tuple[Sequence[str], Sequence[str]]) -> bool:
    """Return whether the lines outside of a function are the same but for the helper, with blank lines."""
    head, tail = _cut(after.lines, after.function)
    first, end = _find_span(after.lines, helper.function)
    if end <= len(head):
        return tail == outside[1] and _is_filled(head[:first], head[end:], outside[0])
    start = len(after.lines) - len(tail)
    return head == outside[0] and _is_filled(tail[: first - start], tail[end - start :], outside[1])


def _is_filled(head: Sequence[str], tail: Sequence[str], lines: Sequence[str]) -> bool:
    """Return whether lines are a head and a tail, with any number of blank lines between them."""
    head, tail = [*head], [*tail]
    while head and not head[-1].strip():
        head.pop()
    while tail and not tail[0].strip():
        tail.pop(0)
    between = lines[len(head) : len(lines) - len(tail)]
    is_long_enough = len(head) + len(tail) <= len(lines)
    is_same = [*lines[: len(head)]] == head and [*lines[len(lines) - len(tail) :]] == tail
    return is_long_enough and is_same and not any(line.strip() for line in between)


def _dump_header(function: FunctionNode) -> str:
    header = shallow_copy(function)
    header.body = []
    return ast.dump(header)


def _count_annotations(version: Version) -> Counter[str]:
    return Counter(
        f"{ast.dump(node.target)} {ast.dump(node.annotation)} {node.simple}"
        for node in version.nodes
        if isinstance(node, ast.AnnAssign)
    )
