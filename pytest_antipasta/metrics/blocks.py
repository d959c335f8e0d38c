"""Values of functions, methods and classes, from the scopes of a walk.

Parameters are counted like ruff: rules PLR0913 and PLR0917. ruff does not count ``self`` and ``cls``,
parameters whose names begin with an underscore, and functions with ``typing.override`` or
``typing.overload``. It resolves the name of a decorator to its import.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from pytest_antipasta.metrics.cognitive import CognitiveComplexity
from pytest_antipasta.metrics.halstead import Halstead
from pytest_antipasta.metrics.nodes import DEFINITIONS
from pytest_antipasta.metrics.source import Cell, parse_source
from pytest_antipasta.metrics.walk import Scope, walk_scopes
from pytest_antipasta.model.measured import Block

_STATIC = frozenset({"builtins.staticmethod", "abc.abstractstaticmethod"})
_EXEMPT = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions", "_typeshed")
    for name in ("overload", "override")
)
# Decorators with an effect, unless they are imported under other names.
_NAMES = frozenset(name.rpartition(".")[2] for name in _STATIC | _EXEMPT)
_PARTS = ("overload", "override", "staticmethod")
"""Each relevant decorator's name contains one of these parts."""
_OTHERS = frozenset({"", "property", "classmethod"})
"""Names that no import gives to another decorator, and the placeholder for an expression that is not a
name."""
_RENAMED = re.compile(rf"\b(?:{'|'.join(_NAMES)})\s+as\b")

_Bindings: TypeAlias = Mapping[str, Sequence[tuple[int, str]]]
"""For each name: the lines that bind it, and the origin of its import, empty if it is not imported."""


class TreeNumbers(NamedTuple):
    """Values of a file from its syntax tree and complexipy's points.

    Attributes:
        blocks: every function and class, sorted by line; a notebook's cell comes before the blocks in it.
        complexity: radon's total cyclomatic complexity of the module.
        halstead: counts of the whole file.
    """

    blocks: tuple[Block, ...]
    complexity: int
    halstead: Halstead


def measure_tree(text: str, cognitive: CognitiveComplexity | None, cells: Sequence[Cell] = ()) -> TreeNumbers:
    """Return the values of a source; see :func:`~.source.parse_source` for the errors raised.

    Args:
        text: text of the source.
        cognitive: complexipy's points, if any.
        cells: cells of a notebook; each is a block.
    """
    tree = parse_source(text)
    if not cells:
        return sum_scopes(walk_scopes(tree), cognitive, text)
    from pytest_antipasta.metrics.notebook.cells import (  # few sources are notebooks
        make_blocks,
        make_scopes,
    )

    scopes = make_scopes(tree, cells)
    numbers = sum_scopes(walk_scopes(tree, scopes), cognitive, text)
    blocks = [*make_blocks(cells, scopes, cognitive.outside if cognitive else {}), *numbers.blocks]
    return numbers._replace(blocks=tuple(sorted(blocks, key=_line)))


def sum_scopes(scopes: Sequence[Scope], cognitive: CognitiveComplexity | None, text: str) -> TreeNumbers:
    """Return the values of all blocks and of the module.

    Args:
        scopes: scopes from :func:`~.walk.walk_scopes`; modified, as their counts are added to outer scopes.
        cognitive: complexipy's points, if any.
        text: text of the source.
    """
    parameters = _ParameterCounter(text)
    points: dict[int, int] = {}
    if cognitive is not None:
        points = cognitive.at_def_lines(sorted(scope.node.lineno for scope in scopes[1:]))
    blocks = []
    # Outer scopes come before inner ones: in reverse order, all inner scopes are complete.
    for scope in reversed(scopes):
        if scope.parent is not None:
            blocks.append(_make_block(scope, points, parameters))
            scope.parent.add(scope)
    blocks.sort(key=_line)
    module = scopes[0]
    return TreeNumbers(tuple(blocks), module.complexity, module.halstead)


def _make_block(scope: Scope, points: Mapping[int, int], parameters: _ParameterCounter) -> Block:
    node = scope.node
    line, end_line = node.lineno, node.end_lineno
    complexity = _reported_complexity(scope)
    decorators = _name_decorators(node.decorator_list) if node.decorator_list else ()
    if scope.kind == "class":
        return Block(
            name=node.name,
            qualified_name=scope.qualified_name,
            kind="class",
            line=line,
            end_line=end_line,
            cyclomatic_complexity=complexity,
            decorators=decorators,
        )
    halstead = scope.halstead
    every, positional = parameters.count(scope)
    return Block(
        name=node.name,
        qualified_name=scope.qualified_name,
        kind=scope.kind,  # type: ignore[arg-type]  # a module is no block and does not come here
        line=line,
        end_line=end_line,
        cyclomatic_complexity=complexity,
        cognitive_complexity=points.get(line),  # a closure has no points of its own
        halstead_volume=halstead.volume,
        halstead_difficulty=halstead.difficulty,
        halstead_effort=halstead.effort,
        parameters=every,
        positional_parameters=positional,
        branches=scope.branches,
        returns=scope.returns,
        statements=scope.statements,
        mccabe_complexity=scope.ruff_decisions + 1,
        boolean_expressions=scope.conditions,
        nesting_depth=scope.depth,
        length=end_line - line + 1,
        decorators=decorators,
    )


def _name_decorators(decorators: Iterable[ast.expr]) -> tuple[str, ...]:
    """Return the dotted names of decorators, without their arguments."""
    names = (_find_name(each.func if isinstance(each, ast.Call) else each) for each in decorators)
    return tuple(name for name in names if name)


def _reported_complexity(scope: Scope) -> int:
    """Return the complexity; for a class with methods radon's average, with radon's rounding."""
    if not scope.methods:
        return scope.complexity
    return int(scope.complexity / scope.methods) + (scope.methods > 1)


def _line(block: Block) -> int:
    return block.line


class _ParameterCounter:
    """Counts the parameters of the functions of one source."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._bindings: dict[Scope, _Bindings] = {}

    def count(self, scope: Scope) -> tuple[int, int]:
        """Return the number of parameters of a function, and how many can be given by position."""
        arguments = scope.node.args
        positional = _count_used(arguments.args)
        if arguments.posonlyargs:  # few functions have decorators
            positional += _count_used(arguments.posonlyargs)
        every = positional + _count_used(arguments.kwonlyargs)
        decorators = scope.node.decorator_list
        if decorators and every and (names := self._find_origins(decorators, scope)):
            if not names.isdisjoint(_EXEMPT):
                return 0, 0
            if not names.isdisjoint(_STATIC):
                return every, positional
        if scope.kind == "method":
            return every and every - 1, positional and positional - 1
        return every, positional

    @cached_property
    def _has_renamed(self) -> bool:
        """Return whether one of the names may be imported under another name."""
        text = self._text  # a search by the pattern alone is slow
        return any(part in text for part in _PARTS) and _RENAMED.search(text) is not None

    def _find_origins(self, decorators: Iterable[ast.expr], scope: Scope) -> set[str]:
        """Return the origins of a function's decorators that may have an effect, as module and name."""
        origins: set[str] = set()
        for decorator in decorators:
            is_called = isinstance(decorator, ast.Call)
            name = _find_name(decorator.func if isinstance(decorator, ast.Call) else decorator)
            head, _, tail = name.partition(".")
            if name.rpartition(".")[2] in _NAMES or (name not in _OTHERS and self._has_renamed):
                origin = self._find_origin(head, scope)
                found = f"{origin}.{tail}" if tail else origin
                if not is_called or found in _STATIC:
                    origins.add(found)
        return origins

    def _find_origin(self, name: str, scope: Scope) -> str:
        """Return the import that a name is bound to at the decorators of a function; empty for other names.

        ruff visits a class together with the code around it, and the body of a function after all code around
        it. So a later binding counts for a name in a function, but not in a class.
        """
        line: float = scope.node.lineno
        around, is_visible = scope.parent, True
        while around is not None:
            if is_visible or around.kind != "class":
                bindings = self._find_bindings(around).get(name, ())
                if place := bisect_left(bindings, (line, "")):
                    return bindings[place - 1][1]
            is_visible = False
            if around.kind != "class":
                line = float("inf")
            around = around.parent
        return f"builtins.{name}"

    def _find_bindings(self, scope: Scope) -> _Bindings:
        known = self._bindings.get(scope)
        if known is None:
            found: dict[str, list[tuple[int, str]]] = {}
            for name, line, origin in sorted(_iter_bindings(scope.node), key=lambda binding: binding[1]):
                found.setdefault(name, []).append((line, origin))
            known = self._bindings[scope] = found
        return known


def _count_used(arguments: Sequence[ast.arg]) -> int:
    used = len(arguments)
    for argument in arguments:
        name = argument.arg
        # ruff's default for `dummy-variable-rgx`: starts with an underscore and does not end with one, or
        # only underscores.
        if name[0] == "_" and (name[-1] != "_" or not name.strip("_")):
            used -= 1
    return used


def _find_name(node: ast.expr) -> str:
    """Return a name with its attributes, joined by dots; empty for any other expression."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(attributes))) if isinstance(node, ast.Name) else ""


def _iter_bindings(scope: ast.AST) -> Iterator[tuple[str, int, str]]:
    """Yield names bound by the statements of a scope, not by expressions, with line and origin."""
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for node in ast.walk(scope.args):
            if isinstance(node, ast.arg):
                yield node.arg, 0, ""
    stack: list[ast.AST] = [*getattr(scope, "body", ())]
    while stack:
        node = stack.pop()
        yield from _iter_own_bindings(node)
        # An annotation without a value binds nothing.
        if not isinstance(node, DEFINITIONS) and getattr(node, "value", node) is not None:
            # Targets and statements; all other expressions bind nothing.
            stack += [child for child in ast.iter_child_nodes(node) if not _is_value(child)]


def _iter_own_bindings(node: ast.AST) -> Iterator[tuple[str, int, str]]:
    if isinstance(node, DEFINITIONS):
        yield node.name, node.lineno, ""
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield _bind_import(node, alias)
    elif isinstance(node, ast.Name):
        yield node.id, node.lineno, ""


def _is_value(node: ast.AST) -> bool:
    return isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _bind_import(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, int, str]:
    if isinstance(node, ast.Import):
        name = alias.asname or alias.name.partition(".")[0]
        return name, node.lineno, alias.name if alias.asname else name
    return alias.asname or alias.name, node.lineno, "" if node.level else f"{node.module}.{alias.name}"
