"""What identifies a constant of the bytecode, nested code among them."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType

_HAS_CONSTANT = frozenset(dis.hasconst)
# Class bodies of CPython 3.13 and later store the line of the class.
_LINE = "__firstlineno__"
# `inspect.CO_HAS_DOCSTRING`, since CPython 3.14; before, the first constant is the docstring or None.
_HAS_DOCSTRING = 0x4000000
COMPREHENSIONS = frozenset({"<dictcomp>", "<listcomp>", "<setcomp>"})
"""Names of the code of comprehensions, before CPython 3.12."""
GENERATOR = "<genexpr>"
"""Name of the code of generator expressions."""
_WRITES = frozenset({"STORE_DEREF", "DELETE_DEREF"})


def identify_constant(constant: object) -> object:
    """Return a key that two constants share only if nothing in Python can distinguish them.

    ``1``, ``1.0`` and ``True`` are different, as are ``0.0`` and ``-0.0``. Nested code is identified by its
    instructions, without its lines.
    """
    if isinstance(constant, CodeType):
        return identify_code(constant)
    if isinstance(constant, tuple):
        return tuple, tuple(map(identify_constant, constant))
    if isinstance(constant, frozenset):
        return frozenset, frozenset(map(identify_constant, constant))
    if isinstance(constant, slice):  # since CPython 3.14
        return slice, tuple(map(identify_constant, (constant.start, constant.stop, constant.step)))
    if isinstance(constant, float | complex):
        return type(constant), repr(constant)
    return type(constant), constant


def identify_code(code: CodeType) -> object:
    """Return a key that two code objects share only if functions made of them behave the same.

    A lambda, a comprehension or a generator expression may stand in another function: the qualified name
    of such code, which only messages show, is left out.
    """
    return (
        code.co_name,
        None if code.co_name.startswith("<") else code.co_qualname,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags),
        (code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars),
        code.co_exceptiontable,
        find_docstring(code),
        tuple(_iter_instructions(code)),
    )


def find_docstring(code: CodeType) -> str | None:
    """Return the docstring of a function's code; ``None`` without one."""
    has_flag = sys.version_info < (3, 14) or code.co_flags & _HAS_DOCSTRING
    first = code.co_consts[0] if has_flag and code.co_consts else None
    return first if isinstance(first, str) else None


def _iter_instructions(code: CodeType) -> Iterator[tuple[str, object]]:
    instructions = [*dis.get_instructions(code)]
    for instruction, following in zip(instructions, [*instructions[1:], None], strict=True):
        if following is not None and following.argval == _LINE and "STORE" in following.opname:
            continue
        if instruction.opcode in _HAS_CONSTANT:
            yield instruction.opname, identify_constant(instruction.argval)
        else:
            yield instruction.opname, instruction.arg


def find_nested(code: CodeType) -> list[CodeType]:
    """Return the code objects directly inside."""
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def find_written(code: CodeType) -> set[str]:
    """Return the variables of outer functions that nested code assigns or deletes."""
    written: set[str] = set()
    for nested in find_nested(code):
        inside = find_written(nested) & {*nested.co_freevars}
        for instruction in dis.get_instructions(nested):
            if instruction.opname in _WRITES and instruction.argval in nested.co_freevars:
                inside.add(instruction.argval)
        written |= inside
    return written


def find_captured(code: CodeType, immediate: frozenset[str]) -> set[str]:
    """Return the variables of outer functions in nested code that may run later than where it stands.

    Args:
        code: the outer code.
        immediate: names of nested code that runs where it stands.
    """
    found = [nested for nested in find_nested(code) if _runs_later(nested, immediate)]
    return {name for nested in found for name in nested.co_freevars}


def _runs_later(code: CodeType, immediate: frozenset[str]) -> bool:
    if code.co_name not in immediate:
        return True
    return any(_runs_later(nested, immediate) for nested in find_nested(code))
