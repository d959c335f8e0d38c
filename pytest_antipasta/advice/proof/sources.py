"""The two versions of a function: what bytecode does not show is compared, the rest is compiled."""

from __future__ import annotations

import ast
import copy
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from types import CodeType
from typing import NamedTuple, TypeAlias

from pytest_antipasta.advice.proof.refusal import RefusedError
from pytest_antipasta.metrics import SourceError, parse_source

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Definition: TypeAlias = _Function | ast.ClassDef
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class Version(NamedTuple):
    """A module's text with one of its functions.

    Attributes:
        tree: the module.
        lines: its lines, with their ends.
        path: the definitions around the function, outermost first, and the function.
    """

    tree: ast.Module
    lines: Sequence[str]
    path: Sequence[_Definition]

    @property
    def function(self) -> _Function:
        """The function."""
        function = self.path[-1]
        if isinstance(function, ast.ClassDef):
            raise RefusedError(f"{function.name} is a class")
        return function


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


def find_other(version: Version, name: str) -> Version:
    """Return the same module with another of its functions."""
    return version._replace(path=_find_path(version.tree, name))


def _find_path(tree: ast.Module, name: str) -> list[_Definition]:
    """Return the definitions that a qualified name leads to; ``F#2`` is the second definition of ``F``."""
    path: list[_Definition] = []
    for part in name.split("."):
        stem, _, number = part.partition("#")
        scope = path[-1] if path else tree
        found = [each for each in _iter_definitions(scope.body) if each.name == stem]
        found.sort(key=lambda each: each.lineno)
        index = int(number) - 1 if number.isdecimal() else 0
        if not 0 <= index < len(found):
            raise RefusedError(f"there is no function {name}")
        path.append(found[index])
    return path


def _iter_definitions(statements: Sequence[ast.AST]) -> Iterator[_Definition]:
    """Yield the definitions of a scope in no order, those in its blocks included."""
    waiting = [*statements]
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement
        else:
            for block in _BLOCKS:
                waiting += getattr(statement, block, ())


# What bytecode does not show.


def check_rest(before: Version, after: Version, helper: Version | None) -> None:
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
    annotations = _count_annotations(after.function)
    if helper is not None:
        annotations += _count_annotations(helper.function)
    if _count_annotations(before.function) != annotations:
        raise RefusedError("annotations of variables differ")


def _find_span(node: _Definition) -> tuple[int, int]:
    """Return the numbers of lines before a definition, and up to its end."""
    return _find_first_line(node) - 1, node.end_lineno or node.lineno


def _find_first_line(node: _Definition) -> int:
    return min(node.lineno, *(each.lineno for each in node.decorator_list), node.lineno)


def _cut(lines: Sequence[str], node: _Definition) -> tuple[Sequence[str], Sequence[str]]:
    """Return the lines before and after a definition."""
    first, end = _find_span(node)
    return lines[:first], lines[end:]


def _is_inserted(helper: Version, after: Version, outside: tuple[Sequence[str], Sequence[str]]) -> bool:
    """Return whether the lines outside of a function are the same but for the helper, with blank lines."""
    head, tail = _cut(after.lines, after.function)
    first, end = _find_span(helper.function)
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


def _dump_header(function: _Function) -> str:
    header = copy.copy(function)
    header.body = []
    return ast.dump(header)


def _count_annotations(function: _Function) -> Counter[str]:
    return Counter(
        f"{ast.dump(node.target)} {ast.dump(node.annotation)} {node.simple}"
        for node in ast.walk(function)
        if isinstance(node, ast.AnnAssign)
    )


def can_be_optimized(function: _Function) -> bool:
    """Return whether ``python -O`` leaves out a part of a function."""
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id == "__debug__")
        for node in ast.walk(function)
    )


# Functions that use up an iterable before they return.
_CONSUMERS = frozenset(
    {"all", "any", "dict", "frozenset", "join", "list", "max", "min", "next", "set", "sorted", "sum", "tuple"}
)


def may_escape(function: _Function) -> bool:
    """Return whether a generator expression of a function may be used up later than where it stands."""
    consumed: set[ast.expr] = set()
    generators: set[ast.expr] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.NamedExpr):
            return True
        if isinstance(node, ast.GeneratorExp):
            generators.add(node)
        elif isinstance(node, ast.Call) and _find_called(node) in _CONSUMERS:
            consumed.update(node.args)
    return not generators <= consumed


def _find_called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    is_join = isinstance(call.func, ast.Attribute) and call.func.attr == "join"
    return "join" if is_join else ""


# Names by which code looks at its own variables, at its own frame, and at that of its caller.
_VARIABLE_NAMES = frozenset({"dir", "eval", "exec", "locals", "vars"})
_FRAME_NAMES = frozenset(
    {"_getframe", "_getframemodulename", "currentframe", "super", "warn", "warn_explicit"}
)


def reads_variables(function: _Function) -> bool:
    """Return whether a function may read its own variables by their names."""
    return any(_is_named(node, _VARIABLE_NAMES) for node in ast.walk(function) if isinstance(node, ast.Name))


def reads_frame(function: _Function) -> bool:
    """Return whether a function may read from which function it is called, or its first argument."""
    return any(_is_named(node, _FRAME_NAMES) for node in ast.walk(function))


def _is_named(node: ast.AST, names: frozenset[str]) -> bool:
    return (isinstance(node, ast.Name) and node.id in names) or (
        isinstance(node, ast.Attribute) and node.attr in names
    )


# The helper.


class HelperKind(NamedTuple):
    """How a helper is called.

    Attributes:
        is_method: whether it is called by an attribute of the function's first argument.
        takes_receiver: whether it is passed this argument, then.
    """

    is_method: bool
    takes_receiver: bool


def check_helper(before: str, after: Version, helper: Version) -> HelperKind:
    """Check that calls of a helper by the function reach it, and nothing else does.

    That no class above or below has its name is not checked.

    Raises:
        RefusedError: something else may be called, or the new definition has other effects.
    """
    function = helper.function
    _check_new(before, function, after)
    *around, _ = helper.path
    if not around:
        if function.decorator_list:
            raise RefusedError("the helper has decorators")
        _check_defined(after, function)
        return HelperKind(is_method=False, takes_receiver=False)
    if not isinstance(around[-1], ast.ClassDef) or [*after.path[:-1]] != around:
        raise RefusedError("the helper is neither at the top of the module nor in the function's class")
    kinds = _find_binding(after.function), _find_binding(function)
    if kinds not in (("object", "object"), ("class", "class"), ("object", "static"), ("class", "static")):
        raise RefusedError(f"the function's first argument is no way to call the helper ({' '.join(kinds)})")
    return HelperKind(is_method=True, takes_receiver=kinds[1] != "static")


def _check_new(before: str, function: _Function, after: Version) -> None:
    name = unicodedata.normalize("NFKC", function.name)
    if name.startswith("__"):
        raise RefusedError("the helper's name is private to its class, or special")
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", unicodedata.normalize("NFKC", before)):
        raise RefusedError("the module has the helper's name already")
    if not name.startswith("_") and _has_star_import(after.tree):
        raise RefusedError("the module may import the helper's name by *")
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
        raise RefusedError("the helper has other than positional parameters")
    known = {ast.dump(each) for each in _iter_annotations(after.function)}
    if not all(
        isinstance(each, ast.Constant) or ast.dump(each) in known for each in _iter_annotations(function)
    ):
        raise RefusedError("the helper has annotations that the function does not have")
    if getattr(function, "type_params", None):
        raise RefusedError("the helper has type parameters")


def _iter_annotations(function: _Function) -> Iterator[ast.expr]:
    arguments = function.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    annotations = (each.annotation for each in every if each is not None)
    yield from (each for each in (*annotations, function.returns) if each is not None)


def _has_star_import(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(tree)
    )


def _check_defined(after: Version, helper: _Function) -> None:
    """Check that a helper is defined before anything can call the function."""
    body = after.tree.body
    top = after.path[0]
    if helper not in body:
        raise RefusedError("the helper is defined under a condition")
    place = body.index(helper)
    outer = next((number for number, each in enumerate(body) if _contains(each, top)), len(body))
    is_plain = body[outer : outer + 1] == [after.function] and not after.function.decorator_list
    if place > outer + (1 if is_plain else -1):
        raise RefusedError("the function may be called before the helper is defined")


def _contains(statement: ast.stmt, node: ast.AST) -> bool:
    return statement.lineno <= getattr(node, "lineno", 0) <= (statement.end_lineno or 0)


_CLASS_METHODS = frozenset({"__class_getitem__", "__init_subclass__", "__new__"})
_CLASS_ARGUMENTS = frozenset({"cls", "klass", "mcls", "mcs", "metacls"})


def _find_binding(function: _Function) -> str:
    """Return what a method's first argument is: ``object``, ``class``, ``static`` or ``unknown``."""
    names = {each.id for each in function.decorator_list if isinstance(each, ast.Name)}
    arguments = [*function.args.posonlyargs, *function.args.args]
    if "staticmethod" in names:
        return "static"
    if "classmethod" in names or function.name in _CLASS_METHODS:
        return "class"
    if not arguments or arguments[0].arg in _CLASS_ARGUMENTS:
        return "unknown"
    return "object"


# Compiling.


class Codes(NamedTuple):
    """What the two versions are compiled to.

    Attributes:
        before: the function.
        after: the rewritten function.
        helper: the helper, if there is one.
    """

    before: CodeType
    after: CodeType
    helper: CodeType | None


def compile_versions(before: Version, after: Version, helper: Version | None, optimize: int) -> Codes:
    """Compile two versions of a function as the module's own compilation would.

    Args:
        before: the function.
        after: the rewritten function.
        helper: the same module with the helper.
        optimize: as of :func:`compile`.

    Raises:
        RefusedError: one of them can't be compiled, or is dead code.
    """
    old = _compile(before, [before.path], optimize)
    new = _compile(after, [after.path] if helper is None else [after.path, helper.path], optimize)
    return Codes(
        _find_code(old, before.function),
        _find_code(new, after.function),
        None if helper is None else _find_code(new, helper.function),
    )


def _compile(version: Version, paths: Sequence[Sequence[_Definition]], optimize: int) -> CodeType:
    """Compile a module of which only some functions are left, with what decides on their bytecode."""
    futures = [
        each for each in version.tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"
    ]
    module = ast.Module(body=[*futures, *map(_reduce, paths)], type_ignores=[])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(module, "<proof>", "exec", dont_inherit=True, optimize=optimize)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RefusedError(f"it can't be compiled: {error}") from error


def _reduce(path: Sequence[_Definition]) -> _Definition:
    """Return the outermost function of a path, in the classes around it, which have nothing else."""
    first, *rest = path
    if not isinstance(first, ast.ClassDef):
        return first
    reduced = copy.copy(first)
    reduced.body = [_reduce(rest)]
    reduced.bases, reduced.keywords, reduced.decorator_list = [], [], []
    return reduced


def _find_code(code: CodeType, function: _Function) -> CodeType:
    found: set[CodeType] = set()
    waiting = [code]
    while waiting:
        for nested in waiting.pop().co_consts:
            if isinstance(nested, CodeType):
                waiting.append(nested)
                if nested.co_name == function.name and nested.co_firstlineno == _find_first_line(function):
                    found.add(nested)
    if len(found) != 1:
        raise RefusedError(f"{function.name} is compiled {len(found)} times")
    return found.pop()
