"""Steps of a small machine, which the instructions of each version of CPython become."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import CodeType, MappingProxyType
from typing import Any, NamedTuple

from pytest_antipasta.advice.proof.values import Fixed

HELPER = Fixed("helper")
"""The new function of an extraction."""


class StepKind(Enum):
    """What a step does. The first part moves values only; the second is what others can observe."""

    LOAD = auto()  # push a variable; observed if it may be unbound
    STORE = auto()  # pop into a variable
    DELETE = auto()  # unbind a variable; observed if it may be unbound
    CLEAR = auto()  # push a variable's content, and unbind it
    CAPTURE = auto()  # push the cell of a variable, for a nested function
    PUSH = auto()  # push a fixed value
    POP = auto()
    SWAP = auto()
    COPY = auto()
    JUMP = auto()
    TUPLE = auto()
    IS = auto()
    NOT = auto()
    UNEQUAL = auto()  # make `!=` of the result of `==`
    STOP = auto()  # make what an exception becomes that leaves a coroutine
    METHOD = auto()  # replace the object by its method, the helper
    RERAISE = auto()

    OPERATION = auto()
    TEST = auto()  # an operation whose result is True or False
    TRUTH = auto()
    BRANCH = auto()
    CALL = auto()
    AWAITABLE = auto()  # make what can be sent into, for `await` and `yield from`
    UNPACK = auto()
    NEXT = auto()  # take the next item, or jump
    SEND = auto()  # send into an awaitable, or jump with its result
    RAISE = auto()
    RETURN = auto()


class Handler(NamedTuple):
    """Where an exception goes.

    Attributes:
        target: number of the step.
        depth: values that stay on the stack.
        has_place: whether the place of the exception is pushed before it.
    """

    target: int
    depth: int
    has_place: bool


class MachineStep(NamedTuple):
    """A step of the machine.

    Attributes:
        kind: what it does.
        detail: a name, a number, or the key that the same step of other code has.
        reads: values on the stack that its effect depends on.
        pops: values that it takes.
        pushes: values that it leaves.
        target: number of the step that it may jump to; an offset of bytecode before all steps are known.
        handler: where an exception goes, if not out of the function.
    """

    kind: StepKind
    detail: Any = None
    reads: int = 0
    pops: int = 0
    pushes: int = 0
    target: int = -1
    handler: Handler | None = None


class Reading(NamedTuple):
    """How the instructions of a function are to be read.

    Attributes:
        helper: name of the helper, which calls enter; empty for none.
        is_method: whether the helper is a method, not a function of the module.
        observed: variables whose every access is observed, as a nested function may access them.
        opposites: whether ``!=`` is the opposite of ``==``.
        stops: whether ``StopIteration`` may be raised, which does not leave a coroutine.
        same: for the keys of nested code that was rewritten, the keys of what it behaves like.
    """

    helper: str = ""
    is_method: bool = False
    observed: frozenset[str] = frozenset()
    opposites: bool = False
    stops: bool = True
    same: Mapping[object, object] = MappingProxyType({})


class Graph(NamedTuple):
    """The steps of a function.

    Attributes:
        code: the function's code.
        names: its local variables, those in cells included.
        steps: the first step is the first to be taken.
        stops: whether ``StopIteration`` may be raised.
    """

    code: CodeType
    names: tuple[str, ...]
    steps: tuple[MachineStep, ...]
    stops: bool
