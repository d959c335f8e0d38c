"""What instructions take from the stack, of those that others can observe and that are alike in all code.

The number of values that an instruction leaves follows from :func:`dis.stack_effect`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias


class Operands(NamedTuple):
    """Values on top of the stack.

    Attributes:
        reads: how many the effect depends on.
        pops: how many of these are taken.
    """

    reads: int
    pops: int


_Count: TypeAlias = Callable[[int], Operands]
"""Returns the operands by the argument of the instruction."""


def _take(number: int) -> _Count:
    return lambda _: Operands(number, number)


def _read(number: int) -> _Count:
    return lambda _: Operands(number, 0)


def _take_counted(more: int = 0, times: int = 1) -> _Count:
    """Return the operands of an instruction whose argument says how many."""
    return lambda count: Operands(times * count + more, times * count + more)


def _take_flagged(more: int, flags: int) -> _Count:
    """Return the operands of an instruction with one more value for each flag of its argument."""
    return lambda argument: Operands(*[more + (argument & flags).bit_count()] * 2)


def _change(pops: int) -> _Count:
    """Return the operands of an instruction that changes a container further down the stack."""
    return lambda depth: Operands(depth + pops, pops)


OPERANDS: Mapping[str, _Count] = {
    name: count
    for count, names in (
        (_read(0), "KW_NAMES LOAD_BUILD_CLASS DELETE_GLOBAL"),
        (_read(1), "GET_LEN MATCH_MAPPING MATCH_SEQUENCE GET_ANEXT IMPORT_FROM"),
        (_read(2), "MATCH_KEYS"),
        (_read(5 if sys.version_info >= (3, 14) else 4), "WITH_EXCEPT_START"),
        (
            _take(1),
            "UNARY_NEGATIVE UNARY_INVERT UNARY_POSITIVE GET_ITER GET_AITER LOAD_ATTR "
            "LOAD_METHOD LOAD_SPECIAL STORE_GLOBAL DELETE_ATTR UNPACK_EX LIST_TO_TUPLE CALL_INTRINSIC_1 "
            "CONVERT_VALUE FORMAT_SIMPLE BEFORE_WITH BEFORE_ASYNC_WITH POP_EXCEPT ASYNC_GEN_WRAP",
        ),
        (
            _take(2),
            "BINARY_OP BINARY_SUBSCR STORE_ATTR DELETE_SUBSCR FORMAT_WITH_SPEC CALL_INTRINSIC_2 IMPORT_NAME "
            "CHECK_EG_MATCH PREP_RERAISE_STAR END_ASYNC_FOR SET_FUNCTION_ATTRIBUTE BUILD_TEMPLATE",
        ),
        (_take(3), "BINARY_SLICE STORE_SUBSCR MATCH_CLASS LOAD_SUPER_ATTR CLEANUP_THROW"),
        (_take(4), "STORE_SLICE"),
        (_take_counted(), "BUILD_LIST BUILD_SET BUILD_STRING BUILD_SLICE"),
        (_take_counted(1), "BUILD_CONST_KEY_MAP"),
        (_take_counted(3), "CALL_KW"),
        (_take_counted(times=2), "BUILD_MAP"),
        (_take_flagged(2, 1), "BUILD_INTERPOLATION"),
        (_take_flagged(1, 4), "FORMAT_VALUE"),
        (_take(4) if sys.version_info >= (3, 14) else _take_flagged(3, 1), "CALL_FUNCTION_EX"),
        (_take(1) if sys.version_info >= (3, 13) else _take_flagged(1, 15), "MAKE_FUNCTION"),
        (_change(1), "LIST_APPEND LIST_EXTEND SET_ADD SET_UPDATE DICT_UPDATE DICT_MERGE"),
        (_change(2), "MAP_ADD"),
    )
    for name in names.split()
}
