"""A plan that makes a function simpler: its steps, with edits of the file and the values after each."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pytest_antipasta.advice.aims import Scores
from pytest_antipasta.advice.edits import LineEdit

NEW_FUNCTION = "move to a new function"


class Helper(Struct, frozen=True):
    """A function that a step adds.

    Attributes:
        is_method: whether it is called on ``self`` or ``cls``.
        numbers: its own values.
        signature: its first line.
    """

    is_method: bool
    numbers: Scores
    signature: str


class Step(Struct, frozen=True):
    """One rewrite of a function.

    Attributes:
        kind: what it does, in words.
        line: first line that it changes, in the file as it is.
        end_line: last line that it changes, in the file as it is.
        before: values of the function before the step.
        after: its values after the step.
        proven: ``True``, or ``eq`` if it is proven for values whose ``==`` and ``!=`` are opposites.
        edits: the changed lines, numbered as the previous steps have left them.
        helper: the new function, if it adds one.
    """

    kind: str
    line: int
    end_line: int
    before: Scores
    after: Scores
    proven: bool | Literal["eq"]
    edits: tuple[LineEdit, ...]
    helper: Helper | None = None


class Plan(Struct, frozen=True):
    """Steps that make a function simpler, in order.

    Attributes:
        steps: the steps.
        within: whether the function and all new functions are within their limits in the end.
        before: values of the function as it is.
        after: its values in the end.
    """

    steps: tuple[Step, ...]
    within: bool
    before: Scores
    after: Scores

    @property
    def helpers(self) -> tuple[Helper, ...]:
        """The new functions."""
        return tuple(step.helper for step in self.steps if step.helper)

    @property
    def total(self) -> Scores:
        """The sum of the values of the function and its new functions in the end."""
        numbers = [self.after, *(helper.numbers for helper in self.helpers)]
        return Scores(sum(each.cognitive for each in numbers), sum(each.cyclomatic for each in numbers))
