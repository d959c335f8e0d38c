"""Versions of a module in which one function is looked at, and how they are compiled."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from copy import copy as shallow_copy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from io import StringIO
from types import CodeType

from pytest_antipasta.metrics.nodes import DEFINITIONS, Definition, FunctionNode, find_first_line
from pytest_antipasta.metrics.source import SourceError, parse_source

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class RefusedError(Exception):
    """The proof is given up; the message says why."""


@dataclass(frozen=True, eq=False)
class Version:
    """A module's text with one of its functions.

    Attributes:
        tree: the module.
        lines: its lines, with their ends.
        path: the definitions around the function, outermost first, and the function.
    """

    tree: ast.Module
    lines: Sequence[str]
    path: Sequence[Definition]

    @cached_property
    def function(self) -> FunctionNode:
        """The function."""
        function = self.path[-1]
        if isinstance(function, ast.ClassDef):
            raise RefusedError(f"{function.name} is a class")
        return function

    @cached_property
    def futures(self) -> Sequence[ast.ImportFrom]:
        """The statements of the module that change what Python makes of it."""
        nodes = (each for each in self.tree.body if isinstance(each, ast.ImportFrom))
        return [each for each in nodes if each.module == "__future__"]

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of the function."""
        return [*ast.walk(self.function)]


# A plan compares one version with several others in turn.
@lru_cache(maxsize=2)
def read_version(text: str, name: str) -> Version:
    """Return a version of a module with the function of a qualified name.

    Raises:
        RefusedError: the text can't be parsed, or has no such function.
    """
    try:
        tree = parse_source(text)
    except SourceError as error:
        raise RefusedError(str(error)) from error
    return Version(tree, [*StringIO(text, newline="")], _find_path(tree, name))


def select_function(version: Version, name: str) -> Version:
    """Return the same module with another of its functions."""
    return replace(version, path=_find_path(version.tree, name))


def _find_path(tree: ast.Module, name: str) -> list[Definition]:
    """Return the definitions that a qualified name leads to; ``F#2`` is the second definition of ``F``."""
    path: list[Definition] = []
    for part in name.split("."):
        stem, mark, number = part.partition("#")
        scope = path[-1] if path else tree
        found = [each for each in _iter_definitions(scope.body) if each.name == stem]
        found.sort(key=lambda each: each.lineno)
        index = int(number) - 1 if number.isdecimal() else -1 if mark else 0
        if not 0 <= index < len(found):
            raise RefusedError(f"there is no function {name}")
        path.append(found[index])
    return path


def _iter_definitions(statements: Sequence[ast.AST]) -> Iterator[Definition]:
    """Yield the definitions of a scope in no order, those in its blocks included."""
    waiting = [*statements]
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, DEFINITIONS):
            yield statement
        else:
            for block in _BLOCKS:
                waiting += getattr(statement, block, ())


@lru_cache(maxsize=4)
def compile_functions(versions: tuple[Version, ...], optimize: int) -> list[CodeType]:
    """Compile functions of a module as the module's own compilation would.

    Args:
        versions: the same module with each function.
        optimize: as of :func:`compile`.

    Raises:
        RefusedError: the module can't be compiled, or a function is dead code.
    """
    reduced = ast.Module([*versions[0].futures, *(_reduce(version.path) for version in versions)], [])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(reduced, "<proof>", "exec", dont_inherit=True, optimize=optimize)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RefusedError(f"it can't be compiled: {error}") from error
    return [_find_code(code, version.function) for version in versions]


def _reduce(path: Sequence[Definition]) -> Definition:
    """Return the outermost function of a path, in the classes around it, which have nothing else."""
    first, *rest = path
    if not isinstance(first, ast.ClassDef):
        return first
    reduced = shallow_copy(first)
    reduced.body = [_reduce(rest)]
    reduced.bases, reduced.keywords, reduced.decorator_list = [], [], []
    return reduced


def _find_code(code: CodeType, function: FunctionNode) -> CodeType:
    found: set[CodeType] = set()
    waiting = [code]
    while waiting:
        for nested in waiting.pop().co_consts:
            if isinstance(nested, CodeType):
                waiting.append(nested)
                if nested.co_name == function.name and nested.co_firstlineno == find_first_line(function):
                    found.add(nested)
    if len(found) != 1:
        raise RefusedError(f"{function.name} is compiled {len(found)} times")
    return found.pop()
