"""Versions of a module in which one function is looked at, and how they are compiled."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from copy import copy as shallow_copy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from io import StringIO
from types import CodeType

from pytest_antipasta.metrics.nodes import Definition, FunctionNode, find_first_line
from pytest_antipasta.metrics.source import SourceError, parse_source
from pytest_antipasta.metrics.walk import walk_scopes


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
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of the function."""
        return [*ast.walk(self.function)]


def find_futures(tree: ast.Module) -> list[ast.ImportFrom]:
    """Return the statements of a module that change what Python makes of it."""
    imports = (each for each in tree.body if isinstance(each, ast.ImportFrom) and not each.level)
    return [each for each in imports if each.module == "__future__"]


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
    """Return the definitions that a qualified name leads to, outermost first."""
    scope = next((scope for scope in walk_scopes(tree) if scope.qualified_name == name), None)
    path: list[Definition] = []
    while scope is not None and scope.parent is not None:
        path.insert(0, scope.node)
        scope = scope.parent
    if not path:
        raise RefusedError(f"there is no function {name}")
    return path


@lru_cache(maxsize=4)
def compile_functions(versions: tuple[Version, ...], optimize: int) -> list[CodeType]:
    """Compile functions of a module as the module's own compilation would.

    Args:
        versions: the same module with each function.
        optimize: as of :func:`compile`.

    Raises:
        RefusedError: the module can't be compiled, or a function is dead code.
    """
    futures = find_futures(versions[0].tree)
    reduced = ast.Module([*futures, *(_reduce(version.path) for version in versions)], [])
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
