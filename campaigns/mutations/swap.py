"""Changing functions that live."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType

from campaigns.mutations.mutants import Mutant


def put_into(functions: Sequence[FunctionType], mutant: Mutant, path: Path) -> bool:
    """Put a fault into the functions of a module that it is in; tell whether that is all that it takes."""
    tree = ast.parse(path.read_text())
    changed = list(_find_changed(compile(tree, str(path), "exec"), mutant.code))
    done = _find_used_at_import(tree)
    for old, new in changed:
        own = [function for function in functions if function.__code__ == old]
        if not own or old.co_freevars != new.co_freevars or old.co_name in done:
            return False
        for function in own:
            function.__code__ = new
    return bool(changed)


def _find_used_at_import(tree: ast.Module) -> set[str]:
    """Return the names of what may have done its work when the module has been imported."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    used: set[str] = set()
    found = {name for node in tree.body if node not in functions.values() for name in _find_names(node)}
    while found:
        used |= found
        found = {name for each in found & {*functions} for name in _find_names(functions[each])} - used
    return used


def _find_names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _find_changed(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the codes of functions that differ, or that of what stands around all functions."""
    if _is_function(old) or _without_inner(old) != _without_inner(new):
        yield old, new
        return
    for inner in zip(_find_inner(old), _find_inner(new), strict=True):
        if inner[0] != inner[1]:
            yield from _find_changed(*inner)


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_OPTIMIZED)


def _find_inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _without_inner(code: CodeType) -> CodeType:
    return code.replace(
        co_consts=tuple(None if isinstance(each, CodeType) else each for each in code.co_consts)
    )
