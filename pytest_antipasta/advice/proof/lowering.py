"""Instructions of each known CPython as steps of a small machine, the same on all of them.

What else differs between the versions stays in :mod:`~.operands` (what instructions take) and
:mod:`~.constants` (what code stores). Sources: the pages of the module ``dis``,
``Python/bytecodes.c`` and ``Objects/exception_handling_notes.txt`` of CPython.
"""

from __future__ import annotations

import dis
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType

from pytest_antipasta.advice.proof.constants import identify_constant
from pytest_antipasta.advice.proof.operands import OPERANDS
from pytest_antipasta.advice.proof.steps import HELPER, Graph, Handler, MachineStep, Reading, StepKind
from pytest_antipasta.advice.proof.values import NONE, NULL, Fixed
from pytest_antipasta.advice.proof.versions import RefusedError

PYTHONS = frozenset({(3, 11), (3, 12), (3, 13), (3, 14)})
"""The versions of CPython whose instructions are known."""


def lower(code: CodeType, reading: Reading) -> Graph:
    """Return the steps of a function's code.

    Raises:
        RefusedError: an instruction is not known.
    """
    lowering = _Lowering(code, reading)
    steps: list[MachineStep] = []
    offsets: list[int] = []
    first: dict[int, int] = {}
    for instruction in dis.get_instructions(code):
        first[instruction.offset] = len(steps)
        for step in lowering.lower(instruction):
            steps.append(step)
            offsets.append(instruction.offset)
    handlers = [
        (start, end, Handler(first[target], depth, has_place))
        for start, end, target, depth, has_place in _read_exception_table(code.co_exceptiontable)
    ]
    names = tuple(dict.fromkeys((*code.co_varnames, *code.co_cellvars)))
    for number, (step, offset) in enumerate(zip(steps, offsets, strict=True)):
        handler = next((handler for start, end, handler in handlers if start <= offset < end), None)
        if step.target >= 0 or handler is not None:
            target = first[step.target] if step.target >= 0 else -1
            steps[number] = step._replace(target=target, handler=handler)
    return Graph(code, names, tuple(steps), reading.stops)


def _read_exception_table(table: bytes) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yield start, end, target and depth of each entry, and whether it pushes the place."""
    numbers = _read_numbers(table)
    for start in numbers:
        length, target, depth = next(numbers), next(numbers), next(numbers)
        yield 2 * start, 2 * (start + length), 2 * target, depth >> 1, bool(depth & 1)


def _read_numbers(table: bytes) -> Iterator[int]:
    number = 0
    for byte in table:
        number = number << 6 | byte & 63
        if not byte & 64:
            yield number
            number = 0


class _Lowering:
    """How instructions of one function become steps."""

    def __init__(self, code: CodeType, reading: Reading) -> None:
        self._cells = frozenset(code.co_cellvars)
        self._free = frozenset(code.co_freevars)
        self._function = "" if reading.is_method else reading.helper
        self._method = reading.helper if reading.is_method else ""
        self._observed = reading.observed & self._cells
        self._opposites = reading.opposites
        self._same = reading.same
        self._stops = reading.stops

    def lower(self, instruction: dis.Instruction) -> list[MachineStep]:
        """Return the steps of an instruction, with offsets of bytecode as targets."""
        name = instruction.opname
        if name in _FIXED:
            return [*_FIXED[name]]
        if name in _METHODS:
            return _METHODS[name](self, instruction)
        if name in OPERANDS:
            return [_make_operation(instruction)]
        raise RefusedError(f"the instruction {name} is not known")

    # Variables.

    def _access(self, instruction: dis.Instruction) -> list[MachineStep]:
        """Return the steps of an instruction for one local variable, or for two."""
        verbs, known = _VERB.findall(instruction.opname), instruction.argval
        names = known if isinstance(known, tuple) else (known,)
        takers = {"LOAD": self._load_name, "STORE": self._store_name}
        return [takers[verb](name) for verb, name in zip(verbs, names, strict=True)]

    def _load_name(self, name: str) -> MachineStep:
        # Since CPython 3.13 this loads the cell itself, too, except in a comprehension that has put it aside.
        if name in self._observed:
            return MachineStep(StepKind.OPERATION, ("fast", name), pushes=1)
        if name in self._free or (name in self._cells and sys.version_info >= (3, 13)):
            return self._capture_name(name)
        return MachineStep(StepKind.LOAD, name)

    def _store_name(self, name: str) -> MachineStep:
        if name in self._observed:  # a comprehension gives back the cell that it has put aside
            return MachineStep(StepKind.OPERATION, ("restore", name), reads=1, pops=1)
        return MachineStep(StepKind.STORE, name)

    def _delete(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.DELETE, instruction.argval)]

    def _clear(self, instruction: dis.Instruction) -> list[MachineStep]:
        if instruction.argval in self._observed:
            return [MachineStep(StepKind.OPERATION, ("put aside", instruction.argval), pushes=1)]
        return [MachineStep(StepKind.CLEAR, instruction.argval)]

    def _access_cell(self, instruction: dis.Instruction) -> list[MachineStep]:
        verb, name = instruction.opname.partition("_")[0], instruction.argval
        if not self._is_observed(name):
            return [MachineStep(StepKind[verb], name)]
        taken = int(verb == "STORE")
        return [MachineStep(StepKind.OPERATION, (verb.lower(), name), taken, taken, int(verb == "LOAD"))]

    def _make_cell(self, instruction: dis.Instruction) -> list[MachineStep]:
        if self._is_observed(instruction.argval):
            return [MachineStep(StepKind.OPERATION, ("cell", instruction.argval))]
        return []

    def _is_observed(self, name: str) -> bool:
        return name in self._observed or name not in self._cells

    def _capture(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [self._capture_name(instruction.argval)]

    def _capture_name(self, name: str) -> MachineStep:
        if self._is_observed(name):
            return MachineStep(StepKind.PUSH, Fixed("cell", name))
        return MachineStep(StepKind.CAPTURE, name)

    # Values.

    def _push_constant(self, instruction: dis.Instruction) -> list[MachineStep]:
        key = identify_constant(instruction.argval)
        return [_push(self._same.get(key, key) if self._same else key)]

    def _push_known(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.PUSH, Fixed("known", instruction.arg))]

    def _return_constant(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [_push(identify_constant(instruction.argval)), _RETURN]

    def _pop(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.POP)] * -dis.stack_effect(instruction.opcode, instruction.arg)

    def _arrange(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(_ARRANGED[instruction.opname], instruction.arg)]

    def _unpack(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.UNPACK, instruction.arg, 1, 1, instruction.arg or 0)]

    # Names, calls and operators.

    def _load_global(self, instruction: dis.Instruction) -> list[MachineStep]:
        load = MachineStep(StepKind.OPERATION, ("global", instruction.argval), pushes=1)
        if instruction.argval == self._function:
            load = MachineStep(StepKind.PUSH, HELPER)
        if not (instruction.arg or 0) & 1:
            return [load]
        null = MachineStep(StepKind.PUSH, NULL)
        return [load, null] if sys.version_info >= (3, 13) else [null, load]

    def _load_attribute(self, instruction: dis.Instruction) -> list[MachineStep]:
        operation = _make_operation(instruction)
        if instruction.argval == self._method:
            return [operation._replace(kind=StepKind.METHOD)]
        is_method = operation.pushes == 2
        return [operation._replace(detail=("attribute", instruction.argval, is_method))]

    def _call(self, instruction: dis.Instruction) -> list[MachineStep]:
        taken = (instruction.arg or 0) + 2
        return [MachineStep(StepKind.CALL, ("CALL", instruction.arg), taken, taken, 1)]

    def _await(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.AWAITABLE, ("GET_AWAITABLE", instruction.arg), 1, 1, 1)]

    def _is(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.IS), *_negate(instruction.arg)]

    def _contains(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.TEST, "in", 2, 2, 1), *_negate(instruction.arg)]

    def _compare(self, instruction: dis.Instruction) -> list[MachineStep]:
        operator = instruction.argval
        steps = [MachineStep(StepKind.OPERATION, ("compare", operator), 2, 2, 1)]
        if operator == "!=" and self._opposites:
            steps = [
                MachineStep(StepKind.OPERATION, ("compare", "=="), 2, 2, 1),
                MachineStep(StepKind.UNEQUAL),
            ]
        if sys.version_info >= (3, 13) and (instruction.arg or 0) & 16:
            steps.append(_TRUTH)
        return steps

    def _intrinsic(self, instruction: dis.Instruction) -> list[MachineStep]:
        if instruction.arg == _STOP_ITERATION_ERROR:
            return [MachineStep(StepKind.STOP)] if self._stops else []
        return [_make_operation(instruction)]

    # Jumps and exceptions.

    def _jump(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.JUMP, target=instruction.argval)]

    def _jump_if(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [_TRUTH, _branch("TRUE" in instruction.opname, instruction.argval)]

    def _jump_if_none(self, instruction: dis.Instruction) -> list[MachineStep]:
        jumps_on = "NOT_NONE" not in instruction.opname
        return [
            MachineStep(StepKind.PUSH, NONE),
            MachineStep(StepKind.IS),
            _branch(jumps_on, instruction.argval),
        ]

    def _jump_or_pop(self, instruction: dis.Instruction) -> list[MachineStep]:
        branch = _branch("TRUE" in instruction.opname, instruction.argval)
        return [MachineStep(StepKind.COPY, 1), _TRUTH, branch, MachineStep(StepKind.POP)]

    def _next(self, instruction: dis.Instruction) -> list[MachineStep]:
        effect = dis.stack_effect(instruction.opcode, instruction.arg, jump=True)
        return [MachineStep(StepKind.NEXT, effect, reads=1, pushes=1, target=instruction.argval)]

    def _send(self, instruction: dis.Instruction) -> list[MachineStep]:
        effect = dis.stack_effect(instruction.opcode, instruction.arg, jump=True)
        return [MachineStep(StepKind.SEND, effect, reads=2, pops=1, pushes=1, target=instruction.argval)]

    def _raise(self, instruction: dis.Instruction) -> list[MachineStep]:
        return [MachineStep(StepKind.RAISE, instruction.arg, reads=instruction.arg or 0)]


_TRUTH = MachineStep(StepKind.TRUTH, "truth", 1, 1, 1)
_RETURN = MachineStep(StepKind.RETURN, reads=1, pops=1)
# `INTRINSIC_STOPITERATION_ERROR`, since CPython 3.12.
_STOP_ITERATION_ERROR = 3
_HAS_NAME = frozenset((*dis.hasname, *dis.hasfree, *dis.haslocal))
_HAS_CONSTANT = frozenset(dis.hasconst)


def _push(key: object) -> MachineStep:
    return MachineStep(StepKind.PUSH, Fixed("constant", key))


def _negate(is_negated: int | None) -> list[MachineStep]:
    return [MachineStep(StepKind.NOT)] if is_negated else []


def _branch(jumps_on: bool, target: int) -> MachineStep:
    return MachineStep(StepKind.BRANCH, jumps_on, reads=1, pops=1, target=target)


def _make_operation(instruction: dis.Instruction) -> MachineStep:
    """Return the step of an instruction that is observed, and the same in all code with its argument."""
    count = instruction.arg or 0
    reads, pops = OPERANDS[instruction.opname](count)
    effect = dis.stack_effect(instruction.opcode, instruction.arg)
    argument: object = instruction.arg
    if instruction.opcode in _HAS_NAME:
        argument = instruction.argval
    elif instruction.opcode in _HAS_CONSTANT:
        argument = identify_constant(instruction.argval)
    elif instruction.opname in _PLACES:
        argument = None
    return MachineStep(StepKind.OPERATION, (instruction.opname, argument), reads, pops, effect + pops)


# Instructions whose argument is about places in the code.
_PLACES = frozenset({"END_ASYNC_FOR"})
_NOTHING = ("NOP", "CACHE", "EXTENDED_ARG", "PRECALL", "RESUME", "NOT_TAKEN", "COPY_FREE_VARS")
# Instructions that are the same steps whatever their argument, and in any function.
_FIXED: Mapping[str, tuple[MachineStep, ...]] = {
    **dict.fromkeys(_NOTHING, ()),
    "PUSH_NULL": (MachineStep(StepKind.PUSH, NULL),),
    "RETURN_GENERATOR": (MachineStep(StepKind.PUSH, NONE),),
    "RETURN_VALUE": (_RETURN,),
    "END_SEND": (MachineStep(StepKind.SWAP, 2), MachineStep(StepKind.POP)),
    "CHECK_EXC_MATCH": (MachineStep(StepKind.TEST, "exception matches", 2, 1, 1),),
    "UNARY_NOT": (_TRUTH, MachineStep(StepKind.NOT)),
    "TO_BOOL": (_TRUTH,),
    "YIELD_VALUE": (MachineStep(StepKind.OPERATION, "yield", 1, 1, 1),),
    "GET_YIELD_FROM_ITER": (MachineStep(StepKind.AWAITABLE, ("GET_YIELD_FROM_ITER", None), 1, 1, 1),),
    "PUSH_EXC_INFO": (
        MachineStep(StepKind.OPERATION, "handle", reads=1, pushes=1),
        MachineStep(StepKind.SWAP, 2),
    ),
    "RERAISE": (MachineStep(StepKind.RERAISE),),
}
# What an instruction for local variables does with each of them, by its name.
_VERB = re.compile("LOAD|STORE")
_ARRANGED = {"SWAP": StepKind.SWAP, "COPY": StepKind.COPY, "BUILD_TUPLE": StepKind.TUPLE}
_Method = Callable[[_Lowering, dis.Instruction], list[MachineStep]]
_METHODS: Mapping[str, _Method] = {
    name: method
    for method, names in (
        (
            _Lowering._access,
            "LOAD_FAST LOAD_FAST_CHECK LOAD_FAST_BORROW STORE_FAST LOAD_FAST_LOAD_FAST "
            "LOAD_FAST_BORROW_LOAD_FAST_BORROW STORE_FAST_STORE_FAST STORE_FAST_LOAD_FAST",
        ),
        (_Lowering._delete, "DELETE_FAST"),
        (_Lowering._clear, "LOAD_FAST_AND_CLEAR"),
        (_Lowering._access_cell, "LOAD_DEREF STORE_DEREF DELETE_DEREF"),
        (_Lowering._make_cell, "MAKE_CELL"),
        (_Lowering._capture, "LOAD_CLOSURE"),
        (_Lowering._push_constant, "LOAD_CONST LOAD_SMALL_INT"),
        (_Lowering._push_known, "LOAD_COMMON_CONSTANT LOAD_ASSERTION_ERROR"),
        (_Lowering._return_constant, "RETURN_CONST"),
        (_Lowering._pop, "POP_TOP END_FOR POP_ITER"),
        (_Lowering._arrange, " ".join(_ARRANGED)),
        (_Lowering._unpack, "UNPACK_SEQUENCE"),
        (_Lowering._load_global, "LOAD_GLOBAL"),
        (_Lowering._load_attribute, "LOAD_ATTR LOAD_METHOD"),
        (_Lowering._call, "CALL"),
        (_Lowering._await, "GET_AWAITABLE"),
        (_Lowering._is, "IS_OP"),
        (_Lowering._contains, "CONTAINS_OP"),
        (_Lowering._compare, "COMPARE_OP"),
        (_Lowering._intrinsic, "CALL_INTRINSIC_1"),
        (
            _Lowering._jump,
            "JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT",
        ),
        (
            _Lowering._jump_if,
            "POP_JUMP_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_FORWARD_IF_TRUE POP_JUMP_FORWARD_IF_FALSE "
            "POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_BACKWARD_IF_FALSE",
        ),
        (
            _Lowering._jump_if_none,
            "POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE "
            "POP_JUMP_BACKWARD_IF_NONE POP_JUMP_BACKWARD_IF_NOT_NONE",
        ),
        (_Lowering._jump_or_pop, "JUMP_IF_TRUE_OR_POP JUMP_IF_FALSE_OR_POP"),
        (_Lowering._next, "FOR_ITER"),
        (_Lowering._send, "SEND"),
        (_Lowering._raise, "RAISE_VARARGS"),
    )
    for name in names.split()
}
