"""Follow two functions side by side: whatever others can observe, both must do in the same order.

Each pair of places is visited with what is known of the values there: which of them are equal in both
functions. Paths that meet keep what is known on all of them, until nothing changes (a greatest bisimulation,
found by a worklist).
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count, islice

from pytest_antipasta.advice.proof.machine import Event, Machine
from pytest_antipasta.advice.proof.steps import StepKind
from pytest_antipasta.advice.proof.values import Value, join
from pytest_antipasta.advice.proof.versions import RefusedError

_MOST_WORK = 1_000_000
"""Steps taken and values joined after which a proof is given up: about a second."""
# Above all numbers that joined values have.
_FIRST_FRESH = 1 << 40
_Place = tuple[tuple[int, ...], tuple[int, ...]]


def follow(before: Machine, after: Machine) -> bool:
    """Follow two functions from their first steps to their ends.

    Returns:
        Whether the second one has entered the helper.

    Raises:
        RefusedError: they do not behave the same, or it takes too many steps to see that they do.
    """
    walk = _Walk()
    walk.visit(before, after)
    walk.finish()
    return walk.has_entered


class _Walk:
    """Pairs of places, and what is known at each.

    Attributes:
        has_entered: whether the second function has entered the helper.
    """

    def __init__(self) -> None:
        # Places earlier in the first function come first, so that paths meet before the walk goes on.
        self._waiting: list[_Place] = []
        self._is_waiting: set[_Place] = set()
        self.has_entered = False
        self._known: dict[_Place, tuple[Machine, Machine, list[Value]]] = {}
        self._work = 0

    def visit(self, before: Machine, after: Machine) -> None:
        """Go on from here later, if less is known than on the paths that were here before."""
        place = before.position, after.position
        values = [*before.values, *after.values]
        self._spend(len(values))
        known = self._known[place][2] if place in self._known else None
        joined = join(values if known is None else known, values)
        if joined != known:
            self._known[place] = before.fork(), after.fork(), joined
            if place not in self._is_waiting:
                self._is_waiting.add(place)
                heappush(self._waiting, place)

    def finish(self) -> None:
        """Go on from every pair of places until nothing changes."""
        while self._waiting:
            place = heappop(self._waiting)
            self._is_waiting.remove(place)
            self._continue_from(place)

    def _continue_from(self, place: _Place) -> None:
        """Follow both from a pair of places to the next branch, to a jump backwards, or to the end."""
        first, second, values = self._known[place]
        size = len(first.values)
        before, after = first.with_values(values[:size]), second.with_values(values[size:])
        fresh = count(_FIRST_FRESH)
        is_going = True
        while is_going:
            at = before.position
            event = self._find_event(before, after)
            if before.position < at:
                self.visit(before, after)
                break
            is_going = self._take(event, before, after, fresh)
        self.has_entered |= after.has_entered

    def _find_event(self, before: Machine, after: Machine) -> Event:
        """Return what both do next."""
        taken = before.steps + after.steps
        event, other = before.advance(), after.advance()
        self._spend(before.steps + after.steps - taken)
        if event != other:
            raise RefusedError(_describe(event, other))
        return event

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            raise RefusedError("the function is too large")

    def _take(self, event: Event, before: Machine, after: Machine, fresh: count[int]) -> bool:
        """Take the step of an event in both; return whether to go on from there."""
        if event.kind is StepKind.RETURN:
            return False
        if event.kind is StepKind.BRANCH:
            self._fork(before, after, lambda machine: machine.choose(is_true=True))
            self._fork(before, after, lambda machine: machine.choose(is_true=False))
            return False
        if before.is_guarded or after.is_guarded:
            exception = next(fresh)
            self._fork(before, after, lambda machine: machine.fail(exception))
        if event.kind is StepKind.RAISE:
            return False
        results = [*islice(fresh, max(1, before.frames[-1].step.pushes))]
        if event.kind in (StepKind.NEXT, StepKind.SEND):
            self._fork(before, after, lambda machine: machine.end(results[0]))
            self._fork(before, after, lambda machine: machine.finish(results))
            return False
        before.finish(results)
        after.finish(results)
        return True

    def _fork(self, before: Machine, after: Machine, take: Callable[[Machine], None]) -> None:
        """Visit where both are after one of several ends of their step."""
        ends = before.fork(), after.fork()
        for end in ends:
            take(end)
        self.visit(*ends)


def _describe(event: Event, other: Event) -> str:
    if (event.key, event.kind) != (other.key, other.kind):
        return f"{_describe_event(event)} is followed by {_describe_event(other)}"
    return f"{_describe_event(event)} has other values"


def _describe_event(event: Event) -> str:
    return f"{event.kind.name.lower()} {event.key}"
