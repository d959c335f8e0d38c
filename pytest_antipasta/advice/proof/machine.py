"""Follow the steps of a function without running it, up to what others can observe."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_antipasta.advice.proof.steps import HELPER, Graph, Handler, MachineStep, StepKind
from pytest_antipasta.advice.proof.values import (
    FALSE_KINDS,
    NONE,
    NULL,
    UNBOUND,
    Compound,
    Fixed,
    Value,
    is_bound,
    leave_coroutine,
    negate,
)
from pytest_antipasta.advice.proof.versions import RefusedError

_GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_FREE, _CAPTURED = Fixed("free"), Fixed("captured")
_PLACE = Fixed("place")


class CalledHelper(NamedTuple):
    """The new function of an extraction, which calls of it enter.

    Attributes:
        graph: its steps.
        takes_receiver: whether a call by an attribute passes the object, or its class, first.
        receiver: the object by whose attribute it is called; ``None`` for a function of the module.
    """

    graph: Graph
    takes_receiver: bool
    receiver: Value | None


class Event(NamedTuple):
    """What a function does that others can observe.

    Attributes:
        key: what is done.
        operands: values that it is done with.
        kind: what happens afterwards.
    """

    key: object
    operands: tuple[Value, ...]
    kind: StepKind


class Frame:
    """A call of a function.

    Attributes:
        graph: the function's steps.
        at: number of the current step.
        values: contents of the local variables, then the stack.
    """

    __slots__ = ("at", "graph", "values")

    def __init__(self, graph: Graph, at: int, values: list[Value]) -> None:
        self.graph, self.at, self.values = graph, at, values

    @property
    def step(self) -> MachineStep:
        """The current step."""
        return self.graph.steps[self.at]

    def find(self, name: str) -> int:
        """Return the index of a local variable among the values."""
        return self.graph.names.index(name)

    def take(self, number: int) -> list[Value]:
        """Pop values; the last one was on top."""
        if not number:
            return []
        taken = self.values[-number:]
        del self.values[-number:]
        return taken

    def peek(self, number: int) -> tuple[Value, ...]:
        """Return the values on top of the stack."""
        return tuple(self.values[-number:]) if number else ()


class Machine:
    """A function at some step, in the helper or not.

    Attributes:
        frames: the calls, outermost first; empty once an exception has left the function.
        raised: this exception.
        has_entered: whether it has been in the helper.
        steps: how many steps it has taken.
    """

    def __init__(
        self,
        frames: list[Frame],
        helper: CalledHelper | None = None,
        watched: Sequence[str] = (),
        marks: Sequence[Value] = (),
    ) -> None:
        """Begin with some calls.

        Args:
            frames: the calls.
            helper: the function that calls enter.
            watched: variables that may not be assigned once a nested function has captured them.
            marks: for each of these whether it is captured.
        """
        self.frames = frames
        self.raised: Value = NONE
        self.has_entered = False
        self.steps = 0
        self._helper = helper
        self._watched = watched
        self._marks = [*marks] or [_FREE] * len(watched)

    def fork(self) -> Machine:
        """Return another machine at the same step."""
        frames = [Frame(frame.graph, frame.at, frame.values[:]) for frame in self.frames]
        machine = Machine(frames, self._helper, self._watched, self._marks)
        machine.raised = self.raised
        return machine

    @property
    def position(self) -> tuple[int, ...]:
        """The numbers of the steps at which the frames are; empty for a function that an exception left."""
        return tuple(frame.at for frame in self.frames)

    @property
    def values(self) -> list[Value]:
        """All that it knows."""
        known = [*self._marks, self.raised]
        for frame in self.frames:
            known += frame.values
        return known

    def with_values(self, values: Sequence[Value]) -> Machine:
        """Return a machine at the same step with other values."""
        machine = self.fork()
        start = len(self._marks)
        machine._marks = [*values[:start]]
        machine.raised = values[start]
        start += 1
        for frame in machine.frames:
            end = start + len(frame.values)
            frame.values = [*values[start:end]]
            start = end
        return machine

    # To the next event.

    def advance(self) -> Event:
        """Take steps up to the next that others can observe, which is not taken yet.

        Raises:
            RefusedError: there is no such step, or its effect depends on what is not known.
        """
        began = self.steps
        while self.frames:
            frame = self.frames[-1]
            step = frame.step
            self.steps += 1
            if self.steps - began > _MOST_SILENT_STEPS:
                raise RefusedError("a loop without an effect")
            if (move := _MOVES.get(step.kind)) is not None:
                move(frame, step.detail)
                frame.at += 1
            elif (event := _TAKERS[step.kind](self, frame, step)) is not None:
                return event
        return Event("raised", (self.raised,), StepKind.RETURN)

    def _load(self, frame: Frame, step: MachineStep) -> Event | None:
        value = frame.values[frame.find(step.detail)]
        if not is_bound(value):
            return Event(("bound", step.detail), (value,), step.kind)
        frame.values.append(value)
        frame.at += 1
        return None

    def _store(self, frame: Frame, step: MachineStep) -> None:
        self._check_free(step.detail)
        value = frame.values.pop()
        frame.values[frame.find(step.detail)] = value
        frame.at += 1

    def _delete(self, frame: Frame, step: MachineStep) -> Event | None:
        self._check_free(step.detail)
        index = frame.find(step.detail)
        if not is_bound(frame.values[index]):
            return Event(("delete", step.detail), (frame.values[index],), step.kind)
        frame.values[index] = UNBOUND
        frame.at += 1
        return None

    def _check_free(self, name: str) -> None:
        if name in self._watched and self._marks[self._watched.index(name)] != _FREE:
            raise RefusedError(f"`{name}` is assigned after a nested function has captured it")

    def _clear(self, frame: Frame, step: MachineStep) -> None:
        index = frame.find(step.detail)
        frame.values.append(frame.values[index])
        frame.values[index] = UNBOUND
        frame.at += 1

    def _capture(self, frame: Frame, step: MachineStep) -> None:
        if step.detail in self._watched:
            self._marks[self._watched.index(step.detail)] = _CAPTURED
        frame.values.append(frame.values[frame.find(step.detail)])
        frame.at += 1

    def _jump(self, frame: Frame, step: MachineStep) -> None:
        frame.at = step.target

    def _reraise(self, frame: Frame, step: MachineStep) -> None:
        self.fail(frame.values.pop())

    def _method(self, frame: Frame, step: MachineStep) -> Event | None:
        if self._helper is None or frame.values[-1] != self._helper.receiver:
            return self._observe(frame, step)
        frame.values.pop()
        frame.values += [HELPER, NULL][: step.pushes]
        frame.at += 1
        return None

    def _truth(self, frame: Frame, step: MachineStep) -> Event | None:
        value = frame.values[-1]
        if isinstance(value, Compound):
            if value.kind in FALSE_KINDS:
                frame.at += 1
                return None
            if value.kind == "unequal":
                return self._observe(frame, step)._replace(operands=value.parts)
        return self._observe(frame, step)

    def _branch(self, frame: Frame, step: MachineStep) -> Event:
        value = frame.values[-1]
        is_negated = isinstance(value, Compound) and value.kind == "not"
        return Event("branch", (negate(value) if is_negated else value,), step.kind)

    def _unpack(self, frame: Frame, step: MachineStep) -> Event | None:
        value = frame.values[-1]
        if isinstance(value, Compound) and value.kind == "tuple" and len(value.parts) == step.detail:
            frame.values.pop()
            frame.values += reversed(value.parts)
            frame.at += 1
            return None
        return self._observe(frame, step)

    def _call(self, frame: Frame, step: MachineStep) -> Event | None:
        head, arguments = frame.peek(step.pops)[:2], frame.peek(step.pops)[2:]
        if self._helper is None or HELPER not in head:
            return self._observe(frame, step)
        frame.take(step.pops)
        if self._helper.takes_receiver and self._helper.receiver is not None:
            arguments = (self._helper.receiver, *arguments)
        self.has_entered = True
        instruction = _find_resuming(self._helper.graph.code.co_flags)
        if instruction is None:
            self._enter(self._helper.graph, arguments)
            return None
        following = frame.graph.steps[frame.at + 1]
        if following.kind is not StepKind.AWAITABLE or following.detail[0] != instruction:
            raise RefusedError("the helper is called without `await` or `yield from`")
        frame.values.append(Compound("coroutine", arguments))
        frame.at += 1
        return None

    def _enter(self, graph: Graph, arguments: Sequence[Value]) -> None:
        if len(self.frames) > 1:
            raise RefusedError("the helper calls itself")
        if len(arguments) != graph.code.co_argcount:
            raise RefusedError("the helper is called with a wrong number of arguments")
        unbound = len(graph.names) - len(arguments)
        self.frames.append(Frame(graph, 0, [*arguments, *[UNBOUND] * unbound]))

    def _await(self, frame: Frame, step: MachineStep) -> Event | None:
        value = frame.values[-1]
        if isinstance(value, Compound) and value.kind == "coroutine":
            frame.at += 1
            return None
        return self._observe(frame, step)

    def _send(self, frame: Frame, step: MachineStep) -> Event | None:
        receiver, value = frame.values[-2:]
        if self._helper is None or not isinstance(receiver, Compound) or receiver.kind != "coroutine":
            return self._observe(frame, step)
        if value != NONE:
            raise RefusedError("the helper's coroutine is not awaited")
        self._enter(self._helper.graph, receiver.parts)
        return None

    def _return(self, frame: Frame, step: MachineStep) -> Event | None:
        if len(self.frames) == 1:
            return self._observe(frame, step)
        self.frames.pop()
        caller = self.frames[-1]
        if caller.step.kind is StepKind.SEND:
            self._finish_sending(caller, frame.values[-1])
        else:
            caller.values.append(frame.values[-1])
            caller.at += 1
        return None

    def _finish_sending(self, frame: Frame, result: Value) -> None:
        frame.take(1 - frame.step.detail)
        frame.values.append(result)
        frame.at = frame.step.target

    def _observe(self, frame: Frame, step: MachineStep) -> Event:
        key = (step.detail, step.reads, step.pops, step.pushes)
        return Event(key, frame.peek(step.reads), step.kind)

    # From an event.

    def finish(self, results: Sequence[int]) -> None:
        """Take the step of the event.

        Args:
            results: numbers for what it gives; more than it needs.
        """
        frame = self.frames[-1]
        step = frame.step
        if step.kind in (StepKind.LOAD, StepKind.DELETE):
            frame.values[frame.find(step.detail)] = UNBOUND if step.kind is StepKind.DELETE else results[0]
            frame.values += results[:1] if step.kind is StepKind.LOAD else []
        elif step.kind is StepKind.TRUTH:
            value = frame.values.pop()
            truth = Compound("bool", (results[0],))
            is_unequal = isinstance(value, Compound) and value.kind == "unequal"
            frame.values.append(negate(truth) if is_unequal else truth)
        else:
            frame.take(step.pops)
            is_test = step.kind is StepKind.TEST
            frame.values += [Compound("bool", (results[0],))] if is_test else results[: step.pushes]
        frame.at += 1

    def choose(self, is_true: bool) -> None:
        """Take a branch with a condition that is true, or false."""
        frame = self.frames[-1]
        step = frame.step
        value = frame.values.pop()
        if isinstance(value, Compound) and value.kind == "not":
            is_true = not is_true
        frame.at = step.target if is_true == step.detail else frame.at + 1

    def end(self, result: int) -> None:
        """Take the jump of a step that has no next item, or whose awaitable has a result."""
        frame = self.frames[-1]
        step = frame.step
        if step.kind is StepKind.SEND:
            self._finish_sending(frame, result)
            return
        if step.detail < 0:
            frame.take(-step.detail)
        else:
            frame.values += [NULL] * step.detail
        frame.at = step.target

    def fail(self, exception: Value) -> None:
        """Raise an exception in the current step."""
        while self.frames:
            frame = self.frames[-1]
            if (handler := frame.step.handler) is not None:
                _go_to_handler(frame, handler, exception)
                return
            if frame.graph.stops and frame.graph.code.co_flags & _GENERATORS:
                exception = leave_coroutine(exception)
            self.frames.pop()
        self.raised = exception

    @property
    def is_guarded(self) -> bool:
        """Whether an exception in the current step has a handler."""
        return any(frame.step.handler is not None for frame in self.frames)


def _find_resuming(flags: int) -> str | None:
    """Return the instruction between the call of a coroutine or a generator and its first step."""
    if flags & inspect.CO_COROUTINE:
        return "GET_AWAITABLE"
    return "GET_YIELD_FROM_ITER" if flags & inspect.CO_GENERATOR else None


def _swap(frame: Frame, depth: int) -> None:
    frame.values[-1], frame.values[-depth] = frame.values[-depth], frame.values[-1]


def _go_to_handler(frame: Frame, handler: Handler, exception: Value) -> None:
    del frame.values[len(frame.graph.names) + handler.depth :]
    if handler.has_place:
        frame.values.append(_PLACE)
    frame.values.append(exception)
    frame.at = handler.target


# More steps in a row without an effect than any function has outside of loops.
_MOST_SILENT_STEPS = 10_000
# What only changes the stack of a frame, by the detail of the step.
_MOVES: Mapping[StepKind, Callable[[Frame, Any], object]] = {
    StepKind.PUSH: lambda frame, value: frame.values.append(value),
    StepKind.POP: lambda frame, _: frame.values.pop(),
    StepKind.SWAP: _swap,
    StepKind.COPY: lambda frame, depth: frame.values.append(frame.values[-depth]),
    StepKind.TUPLE: lambda frame, number: frame.values.append(Compound("tuple", tuple(frame.take(number)))),
    StepKind.IS: lambda frame, _: frame.values.append(Compound("is", tuple(frame.take(2)))),
    StepKind.NOT: lambda frame, _: frame.values.append(negate(frame.values.pop())),
    StepKind.UNEQUAL: lambda frame, _: frame.values.append(Compound("unequal", (frame.values.pop(),))),
    StepKind.STOP: lambda frame, _: frame.values.append(leave_coroutine(frame.values.pop())),
}
_TAKERS: Mapping[StepKind, Callable[[Machine, Frame, MachineStep], Event | None]] = {
    StepKind.LOAD: Machine._load,
    StepKind.STORE: Machine._store,
    StepKind.DELETE: Machine._delete,
    StepKind.CLEAR: Machine._clear,
    StepKind.CAPTURE: Machine._capture,
    StepKind.JUMP: Machine._jump,
    StepKind.METHOD: Machine._method,
    StepKind.RERAISE: Machine._reraise,
    StepKind.OPERATION: Machine._observe,
    StepKind.TEST: Machine._observe,
    StepKind.TRUTH: Machine._truth,
    StepKind.BRANCH: Machine._branch,
    StepKind.CALL: Machine._call,
    StepKind.AWAITABLE: Machine._await,
    StepKind.UNPACK: Machine._unpack,
    StepKind.NEXT: Machine._observe,
    StepKind.SEND: Machine._send,
    StepKind.RAISE: Machine._observe,
    StepKind.RETURN: Machine._return,
}
