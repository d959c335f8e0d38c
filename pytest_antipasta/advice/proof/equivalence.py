"""Whether the codes of two functions behave the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR, CO_VARARGS, CO_VARKEYWORDS
from types import CodeType
from typing import TypeAlias

from pytest_antipasta.advice.proof.bisimulation import follow
from pytest_antipasta.advice.proof.constants import (
    find_captured,
    find_docstring,
    find_nested,
    find_written,
    identify_code,
)
from pytest_antipasta.advice.proof.helper import HelperCall
from pytest_antipasta.advice.proof.lowering import lower
from pytest_antipasta.advice.proof.machine import CalledHelper, Frame, Machine
from pytest_antipasta.advice.proof.steps import Graph, Reading
from pytest_antipasta.advice.proof.traits import Traits
from pytest_antipasta.advice.proof.values import UNBOUND, Fixed, Value
from pytest_antipasta.advice.proof.versions import RefusedError

_Check: TypeAlias = Callable[[CodeType, CodeType], None]


def check_rewritten(before: CodeType, after: CodeType, traits: Traits, *, opposites: bool = False) -> None:
    """Check that a function behaves as before it was rewritten.

    A variable that a nested function may access later than where it stands is observed: what happens to it
    has to come in order, too.

    Raises:
        RefusedError: it does not, or that can't be shown.
    """
    _check_heads(before, after)
    for names in ("co_freevars", "co_cellvars", "co_varnames"):
        if {*getattr(before, names)} != {*getattr(after, names)}:
            raise RefusedError("the function has other variables")
    if before.co_varnames != after.co_varnames and traits.reads_variables:
        raise RefusedError("the function may read its variables by name, and they have another order")
    observed = _find_captured((before, after), traits) | _find_written((before, after))
    reading = Reading(observed=frozenset(observed), opposites=opposites)
    same = _pair_nested(before, after, partial(check_rewritten, traits=traits, opposites=opposites))
    follow(
        Machine([_begin(lower(before, reading))]),
        Machine([_begin(lower(after, reading._replace(same=same)))]),
    )


def check_extracted(
    before: CodeType,
    after: CodeType,
    helper: CodeType,
    traits: Traits,
    call: HelperCall,
    *,
    opposites: bool = False,
) -> None:
    """Check that a function behaves as before a part of it was moved into a helper.

    The helper has variables of its own. So those of the function's variables that it has, too, may not be
    assigned any more once a nested function that may run later has captured them.

    Raises:
        RefusedError: it does not, or that can't be shown.
    """
    _check_helper(before, after, helper, call)
    every = (before, after, helper)
    shared = {*helper.co_varnames, *helper.co_cellvars}
    captured, written = _find_captured(every, traits), _find_written(every)
    if written & shared:
        raise RefusedError("a nested function assigns a variable that the helper has")
    watched = sorted(captured & shared)
    # What a generator calls, or what goes on with it, may raise `StopIteration`, too.
    stops = traits.stops or bool(helper.co_flags & CO_GENERATOR)
    reading = Reading(observed=frozenset((captured | written) - shared), opposites=opposites, stops=stops)
    calling = reading._replace(helper=call.name, is_method=call.is_method)
    entered = CalledHelper(
        lower(helper, reading), call.takes_receiver, _make_argument(0) if call.is_method else None
    )
    has_entered = follow(
        Machine([_begin(lower(before, reading))], watched=watched),
        Machine([_begin(lower(after, calling))], entered, watched),
    )
    if not has_entered:
        raise RefusedError("the helper is never called")


def _check_heads(before: CodeType, after: CodeType) -> None:
    """Check what callers see of a function."""
    heads = [
        (
            (code.co_name, code.co_qualname, find_docstring(code)),
            (code.co_flags, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
            _list_parameters(code),
        )
        for code in (before, after)
    ]
    if heads[0] != heads[1]:
        raise RefusedError("the function's name, kind, parameters or docstring differ")


def _check_helper(before: CodeType, after: CodeType, helper: CodeType, call: HelperCall) -> None:
    outer = {*before.co_freevars}
    if not {*after.co_freevars} <= outer:
        raise RefusedError("the function uses other variables of outer functions")
    if not {*helper.co_freevars} <= (outer & {"__class__"} if call.is_method else set()):
        raise RefusedError("the helper uses variables of outer functions")
    if helper.co_flags & CO_ASYNC_GENERATOR:
        raise RefusedError("the helper is an asynchronous generator")


def _find_captured(codes: Iterable[CodeType], traits: Traits) -> set[str]:
    return {name for code in codes for name in find_captured(code, traits.immediate)}


def _find_written(codes: Iterable[CodeType]) -> set[str]:
    return {name for code in codes for name in find_written(code)}


def _pair_nested(before: CodeType, after: CodeType, check: _Check) -> Mapping[object, object]:
    """Return for nested functions that were rewritten, too, the key of what they behave like."""
    old = {identify_code(code): code for code in find_nested(before)}
    new = {identify_code(code): code for code in find_nested(after)}
    changed = {key: code for key, code in old.items() if key not in new}
    same: dict[object, object] = {}
    for key, code in new.items():
        if key not in old and (original := _find_original(code, changed, check)) is not None:
            same[key] = original
            del changed[original]
    return same


def _find_original(code: CodeType, changed: Mapping[object, CodeType], check: _Check) -> object | None:
    for key, original in changed.items():
        if original.co_name == code.co_name:
            try:
                check(original, code)
            except RefusedError:
                continue
            return key
    return None


def _begin(graph: Graph) -> Frame:
    """Return the call of a function with arguments that are not known."""
    number = len(_list_parameters(graph.code))
    arguments: list[Value] = [_make_argument(index) for index in range(number)]
    return Frame(graph, 0, arguments + [UNBOUND] * (len(graph.names) - number))


def _make_argument(index: int) -> Value:
    return Fixed("argument", index)


def _list_parameters(code: CodeType) -> tuple[str, ...]:
    stars = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + stars]
