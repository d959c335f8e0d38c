"""Prove that a rewritten function behaves as before, or refuse."""

from __future__ import annotations

import sys
from enum import Enum
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR, CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import NamedTuple

from pytest_antipasta.advice.proof.bisimulation import follow
from pytest_antipasta.advice.proof.constants import find_captured, find_written
from pytest_antipasta.advice.proof.lowering import VERSIONS, Graph, Reading, lower
from pytest_antipasta.advice.proof.machine import Frame, Helper, Machine
from pytest_antipasta.advice.proof.refusal import RefusedError
from pytest_antipasta.advice.proof.sources import (
    Codes,
    HelperKind,
    Version,
    can_be_optimized,
    check_helper,
    check_rest,
    compile_versions,
    find_other,
    may_escape,
    read_version,
    reads_frame,
    reads_variables,
)
from pytest_antipasta.advice.proof.values import UNBOUND, Fixed, Value

_YIELDS = CO_GENERATOR | CO_ASYNC_GENERATOR


class Proof(Enum):
    """What is proven of a rewritten function.

    Attributes:
        PROVEN: it behaves as before.
        EQ: it behaves as before if ``==`` and ``!=`` are opposites for the objects compared.
    """

    PROVEN = "proven"
    EQ = "proven if == and != are opposites"


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
    The code is never executed.

    Not compared are the lifetime of objects, tracebacks, the depth of recursion, and what looks at frames
    from outside. Assumed is that builtins have their usual names, that no exception is raised between two
    instructions, and of a helper that is a method that no class above or below has its name.

    Args:
        before: text of the module.
        after: text of the module with the function rewritten, and with the helper.
        function: the function's qualified name, as in measurements; the second ``F`` is ``F#2``.
        helper: qualified name of the new function that a part of the function was moved to.

    Returns:
        What is proven, or why nothing is.
    """
    if sys.implementation.name != "cpython" or sys.version_info[:2] not in VERSIONS:
        return Refused("the bytecode of this Python is not known")
    try:
        return _prove(before, after, function, helper)
    except RefusedError as error:
        return Refused(str(error))
    except (RecursionError, MemoryError):
        return Refused("the function is nested too deeply")


class _Rewrite(NamedTuple):
    """Two versions of a function.

    Attributes:
        before: the function.
        after: the rewritten function.
        helper: the same module with the helper.
        kind: how the helper is called.
    """

    before: Version
    after: Version
    helper: Version | None
    kind: HelperKind | None

    @property
    def generators_escape(self) -> bool:
        """Whether generator expressions may be used up later than where they stand."""
        return may_escape(self.before.function)


def _prove(before: str, after: str, function: str, helper: str | None) -> Proof:
    old, new = read_version(before, function), read_version(after, function)
    new_helper = None if helper is None else find_other(new, helper)
    check_rest(old, new, new_helper)
    kind = None if new_helper is None else check_helper(before, new, new_helper)
    rewrite = _Rewrite(old, new, new_helper, kind)
    if new_helper is not None and (reads_variables(old.function) or reads_frame(new_helper.function)):
        raise RefusedError("the function reads its variables by name, or its frame")
    # Without assertions, other paths come to an end.
    levels = (0, 1) if can_be_optimized(old.function) else (0,)
    proofs = [_prove_at(rewrite, level) for level in levels]
    return Proof.EQ if Proof.EQ in proofs else Proof.PROVEN


def _prove_at(rewrite: _Rewrite, optimize: int) -> Proof:
    """Prove what ``python -O`` runs, or what Python runs without it."""
    codes = compile_versions(rewrite.before, rewrite.after, rewrite.helper, optimize)
    _check_heads(rewrite, codes)
    try:
        _follow(rewrite, codes, opposites=False)
    except RefusedError as refusal:
        try:
            _follow(rewrite, codes, opposites=True)
        except RefusedError:
            raise refusal from None
        return Proof.EQ
    return Proof.PROVEN


def _check_heads(rewrite: _Rewrite, codes: Codes) -> None:
    """Check what callers see of the code, and its variables."""
    before, after, helper = codes
    heads = [
        (code.co_name, code.co_qualname, code.co_flags, code.co_posonlyargcount, _list_parameters(code))
        for code in (before, after)
    ]
    if heads[0] != heads[1]:
        raise RefusedError("the function's signature or kind differs")
    if helper is not None:
        if not {*after.co_freevars} <= {*before.co_freevars}:
            raise RefusedError("variables of outer functions differ")
        is_method = rewrite.kind is not None and rewrite.kind.is_method
        if not {*helper.co_freevars} <= ({"__class__"} & {*before.co_freevars} if is_method else set()):
            raise RefusedError("the helper uses variables of outer functions")
        if helper.co_flags & _YIELDS:
            raise RefusedError("the helper is a generator")
        return
    for names in ("co_freevars", "co_cellvars", "co_varnames"):
        if {*getattr(before, names)} != {*getattr(after, names)}:
            raise RefusedError("the function's variables differ")
    if before.co_varnames != after.co_varnames and reads_variables(rewrite.before.function):
        raise RefusedError("the order of variables differs, which the function reads")


def _list_parameters(code: CodeType) -> tuple[str, ...]:
    stars = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]


def _follow(rewrite: _Rewrite, codes: Codes, *, opposites: bool) -> None:
    """Follow both functions from their first steps.

    A variable that a nested function may access later than where it stands is observed: what happens to it
    has to come in order, too. The helper has variables of its own, so that the variables it shares with
    the function may not be assigned any more once they are captured.

    Raises:
        RefusedError: they do not behave the same.
    """
    shared = _list_variables(codes.helper) if codes.helper is not None else set()
    every = [code for code in codes if code is not None]
    written = {name for code in every for name in find_written(code)}
    captured = {
        name for code in every for name in find_captured(code, generators_escape=rewrite.generators_escape)
    }
    if written & shared:
        raise RefusedError("a nested function assigns a variable that the helper has")
    observed, watched = frozenset((captured | written) - shared), sorted(captured & shared)
    plain = Reading(observed=observed, opposites=opposites)
    before = Machine([_begin(lower(codes.before, plain))], watched=watched)
    if codes.helper is None or rewrite.kind is None or rewrite.helper is None:
        follow(before, Machine([_begin(lower(codes.after, plain))], watched=watched))
        return
    calling = plain._replace(helper=rewrite.helper.function.name, is_method=rewrite.kind.is_method)
    receiver = _make_argument(0) if rewrite.kind.is_method else None
    helper = Helper(lower(codes.helper, plain), rewrite.kind.takes_receiver, receiver)
    after = Machine([_begin(lower(codes.after, calling))], helper, watched)
    if not follow(before, after):
        raise RefusedError("the helper is never called")


def _list_variables(code: CodeType) -> set[str]:
    return {*code.co_varnames, *code.co_cellvars}


def _begin(graph: Graph) -> Frame:
    """Return the call of a function with arguments that are not known."""
    number = len(_list_parameters(graph.code))
    arguments: list[Value] = [_make_argument(index) for index in range(number)]
    return Frame(graph, 0, arguments + [UNBOUND] * (len(graph.names) - number))


def _make_argument(index: int) -> Value:
    return Fixed("argument", index)
