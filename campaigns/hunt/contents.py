"""What radon, complexipy and Python say of one content: its numbers, and what tells its functions apart."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import keyword
import re
import string
import tokenize
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.oracles import Definition, FunctionNode, consult, find_definitions, read_text

BLOCK_METRICS = ("cyclomatic_complexity", "cognitive_complexity")
_LOWER = {*string.ascii_lowercase, "_"}
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMMENT = re.compile(r"# antipasta: ignore(?:\[(?P<metric>\w+)(?:<=(?P<most>\d+))?\])?\s*$")


class Comment(NamedTuple):
    """A comment that suppresses.

    Attributes:
        metric: the only one that it suppresses; ``None`` if it suppresses all of them.
        most: the highest value that it allows; ``None`` if it allows any.
    """

    metric: str | None
    most: int | None

    def covers(self, metric: str, value: float) -> bool:
        """Whether it suppresses a number."""
        return self.metric in (None, metric) and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Measured:
    """What is known of one content.

    Attributes:
        metrics: of the file.
        blocks: for each function its numbers.
        bodies: for each function all but its name.
        lines: for each function its lines without indentation, blank ones and comments left out.
        unnamed: the same without the names of variables, and without underscores and upper case.
        overloads: the functions that ``typing.overload`` decorates, which no implementation was.
        comments: for each function the comments at it, and at the classes around it.
        failed: whether it could not be measured.
    """

    metrics: Mapping[str, object]
    blocks: Mapping[str, Mapping[str, object]]
    bodies: Mapping[str, str]
    lines: Mapping[str, Counter[str]]
    unnamed: Mapping[str, Counter[str]]
    overloads: frozenset[str]
    comments: Mapping[str, tuple[Comment, ...]]
    failed: bool


@functools.lru_cache(maxsize=4096)
def measure_fully(data: bytes) -> Measured:
    """Ask radon and complexipy for every number, and Python for every function."""
    known = consult(data)
    if known.errors:
        return Measured(known.metrics, {}, {}, {}, {}, frozenset(), {}, failed=True)
    blocks = {str(row["qualified_name"]): row for row in known.blocks if row["kind"] != "class"}
    text = read_text(data)
    lines = text.split("\n")
    unnamed = _hide_names(text)
    definitions = {one.qualified_name: one for one in find_definitions(ast.parse(text))}
    nodes = {name: one.node for name, one in definitions.items() if isinstance(one.node, _FUNCTION)}
    return Measured(
        known.metrics,
        blocks,
        {name: _dump_body(nodes[name]) for name in blocks},
        {name: _count_lines(lines, nodes[name]) for name in blocks},
        {name: _count_lines(unnamed, nodes[name]) for name in blocks},
        frozenset(name for name in blocks if _is_overload(nodes[name])),
        {name: _find_comments(lines, definitions[name]) for name in blocks},
        failed=False,
    )


def _is_overload(node: FunctionNode) -> bool:
    return any(ast.unparse(one).rpartition(".")[2] == "overload" for one in node.decorator_list)


def _count_lines(lines: Sequence[str], node: ast.stmt) -> Counter[str]:
    own = [line.strip() for line in lines[node.lineno - 1 : node.end_lineno]]
    return Counter(line for line in own if line and line[0] != "#")


def _hide_names(text: str) -> list[str]:
    """Return lines without names in lower case that are not called and no attributes."""
    lines = [f"{line}\n" for line in text.split("\n")]
    hidden = [[*line] for line in lines]
    depth = 0  # of f-strings, which have tokens of their own since Python 3.12
    for token in tokenize.generate_tokens(iter(lines).__next__):
        kind = tokenize.tok_name[token.type]
        depth += (kind == "FSTRING_START") - (kind == "FSTRING_END")
        (row, first), (_, end) = token.start, token.end
        if kind == "NAME" and not depth and token.string not in keyword.kwlist:
            before, after = lines[row - 1][first - 1 : first], lines[row - 1][end]
            if token.string[0] in _LOWER and before != "." and after != "(":
                hidden[row - 1][first:end] = ["$", *[""] * (end - first - 1)]
    return ["".join(line).replace("_", "").lower() for line in hidden]


def _find_comments(lines: Sequence[str], definition: Definition) -> tuple[Comment, ...]:
    """Return the comments from right above a function, or its first decorator, to the line of its ``def``."""
    node, owner = definition.node, definition.owner
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    found = [_COMMENT.search(line) for line in lines[start : node.lineno]]
    own = tuple(Comment(one["metric"], int(one["most"]) if one["most"] else None) for one in found if one)
    while owner is not None and not isinstance(owner.node, ast.ClassDef):
        owner = owner.owner
    return own if owner is None else (*own, *_find_comments(lines, owner))


def _dump_body(node: FunctionNode) -> str:
    bare = copy.deepcopy(node)
    bare.name = "name"
    for inner in ast.walk(bare):
        if isinstance(inner, (*_FUNCTION, ast.ClassDef)):
            _clean(inner.body[0])
        _forget_name(inner, node.name)
    return ast.dump(bare)


def _forget_name(inner: ast.AST, name: str) -> None:
    """Take away the name where a function calls itself."""
    match inner:
        case ast.Name(id=own) if own == name:
            inner.id = ""
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=own) if own == name:
            inner.attr = ""


def _clean(first: ast.stmt) -> None:
    match first:
        case ast.Expr(value=ast.Constant(value=str(text)) as docstring):
            docstring.value = inspect.cleandoc(text)
