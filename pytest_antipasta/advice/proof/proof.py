"""Prove that a rewritten function behaves as before, or refuse."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from typing import NamedTuple, TypeAlias

from pytest_antipasta.advice.proof.equivalence import check_extracted, check_rewritten
from pytest_antipasta.advice.proof.helper import find_call
from pytest_antipasta.advice.proof.lowering import PYTHONS
from pytest_antipasta.advice.proof.surroundings import check_rest
from pytest_antipasta.advice.proof.traits import Traits, compute_traits, reads_frame, survives_exit
from pytest_antipasta.advice.proof.versions import (
    RefusedError,
    Version,
    compile_functions,
    read_version,
    select_function,
)

_Check: TypeAlias = Callable[..., None]


class Proof(Enum):
    """What is proven of a rewritten function, and how a step of a plan says that.

    Attributes:
        PROVEN: it behaves as before.
        EQ: it behaves as before if ``==`` and ``!=`` are opposites for the objects compared.
    """

    PROVEN = True
    EQ = "eq"


class Refused(NamedTuple):
    """Nothing is proven.

    Attributes:
        reason: why, in words for people who work on rewrites.
    """

    reason: str


def prove(before: str, after: str, function: str, helper: str | None = None) -> Proof | Refused:
    """Prove by the bytecode of the running Python that a function behaves as before it was rewritten.

    Both versions are compiled and followed side by side: all that others can observe, such as calls,
    attributes, operators, truth tests and exceptions, has to come in the same order with the same values.
    The code is never executed. With ``assert``, this is done for ``python -O``, too.

    Not compared are the lifetime of objects, tracebacks, the depth of recursion, and what looks at frames
    from outside. Assumed is that builtins have their usual names, that no exception is raised between two
    instructions, and that no ``with`` suppresses ``GeneratorExit``. Of a helper that is a method it is
    assumed that it is called on an object of its class, that no class above or below has its name, and that
    none above has ``__getattribute__``; of one that is asynchronous, that no function called by it lets
    ``StopIteration`` out.

    Args:
        before: text of the module.
        after: text of the module with the function rewritten, and with the helper.
        function: the function's qualified name, as in measurements; the second ``F`` is ``F#2``.
        helper: qualified name of the new function that a part of the function was moved to.

    Returns:
        What is proven, or why nothing is.
    """
    if not knows_python():
        return Refused("the bytecode of this Python is not known")
    try:
        return _prove(before, after, function, helper)
    except RefusedError as error:
        return Refused(str(error))
    except (RecursionError, MemoryError):
        return Refused("the function is nested too deeply")


def knows_python() -> bool:
    """Return whether the bytecode of this Python is known; otherwise nothing is proven."""
    return sys.implementation.name == "cpython" and sys.version_info[:2] in PYTHONS


def name_pythons() -> str:
    """Return the Pythons whose bytecode is known, such as ``CPython 3.11 to 3.14``."""
    oldest, newest = (".".join(map(str, find(PYTHONS))) for find in (min, max))
    return f"CPython {oldest} to {newest}"


def _prove(before: str, after: str, function: str, helper: str | None) -> Proof:
    old, new = read_version(before, function), read_version(after, function)
    if helper is None:
        check_rest(old, new)
        traits = compute_traits([*old.nodes, *new.nodes])
        return _prove_levels(partial(check_rewritten, traits=traits), traits, [old, new])
    moved = select_function(new, helper)
    check_rest(old, new, moved)
    traits = compute_traits([*old.nodes, *new.nodes, *moved.nodes])
    if traits.reads_variables or reads_frame(moved.nodes):
        raise RefusedError("the function reads its variables by name, or its frame")
    if survives_exit(moved.nodes) and _is_suspended(moved):
        raise RefusedError("the helper may go on after `GeneratorExit`")
    call = find_call(before, new, moved)
    return _prove_levels(partial(check_extracted, traits=traits, call=call), traits, [old, new, moved])


def _is_suspended(version: Version) -> bool:
    """Return whether a function is a coroutine or a generator, which may be closed before its end."""
    has_yield = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in version.nodes)
    return has_yield or isinstance(version.function, ast.AsyncFunctionDef)


def _prove_levels(check: _Check, traits: Traits, versions: Sequence[Version]) -> Proof:
    """Prove what Python runs, and what ``python -O`` does: without assertions, other paths come to an end."""
    old, *new = versions
    proofs = []
    for level in (0, 1) if traits.can_be_optimized else (0,):
        codes = compile_functions((old,), level) + compile_functions((*new,), level)
        proofs.append(_prove_codes(partial(check, *codes)))
    return Proof.EQ if Proof.EQ in proofs else Proof.PROVEN


def _prove_codes(check: _Check) -> Proof:
    try:
        check()
    except RefusedError as refusal:
        try:
            check(opposites=True)
        except RefusedError:
            raise refusal from None
        return Proof.EQ
    return Proof.PROVEN
