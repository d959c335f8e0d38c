"""What a plan is to reach, and which steps it may take: values, limits and taste."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

ENGINE_VERSION = 39
"""Raised with each change after which the same source may have another plan, as plans are stored."""


class Scores(NamedTuple):
    """The values of a function that advice can lower.

    Attributes:
        cognitive: complexipy's cognitive complexity.
        cyclomatic: radon's cyclomatic complexity.
    """

    cognitive: int
    cyclomatic: int


class Aims(NamedTuple):
    """The limits of a function; ``inf`` without one.

    Attributes:
        cognitive: maximum cognitive complexity.
        cyclomatic: maximum cyclomatic complexity.
        parameters: maximum number of parameters, without ``self``; counts for functions that a plan adds.
        find_new: returns the limits of a function that a plan adds, by its qualified name and its decorators;
            ``None`` if they are the same.
    """

    cognitive: float
    cyclomatic: float = float("inf")
    parameters: float = float("inf")
    find_new: Callable[[str, tuple[str, ...]], Aims] | None = None

    def of_new(self, name: str, decorators: tuple[str, ...] = ()) -> Aims:
        """Return the limits of a function that a plan adds, by its qualified name and its decorators."""
        return self.find_new(name, decorators) if self.find_new else self

    def allow(self, numbers: Scores) -> bool:
        """Return whether a function is within its limits."""
        return numbers.cognitive <= self.cognitive and numbers.cyclomatic <= self.cyclomatic

    def excess(self, numbers: Scores) -> float:
        """Return how many points of both metrics are over their limits."""
        over = (value - limit for value, limit in zip(numbers, self[:2], strict=True))
        return sum(max(points, 0) for points in over)


class Taste(NamedTuple):
    """Which steps a plan may have.

    Attributes:
        few: number of small steps that are better than a new function.
        most: maximum number of small steps.
        worth: cognitive points that a small step saves at least, unless it reaches the limit.
        copied: maximum number of steps that copy a ``return``.
        parameters: maximum numbers of parameters of a new function, without ``self``; the second if nothing
            reaches the limits with the first, and so on. Without any there are no new functions.
    """

    few: int = 3
    most: int = 8
    worth: int = 2
    copied: int = 1
    parameters: tuple[int, ...] = (3, 4)


TASTE = Taste()
"""The taste of most people, as far as it is known."""
SMALL = Taste(few=TASTE.most, parameters=())
"""Small steps, and no new functions."""
# Trying new functions for one with more cognitive points takes long, and hardly ever reaches the limit.
_MOST_POINTS = 60


def choose_taste(points: int | None) -> Taste:
    """Return the taste for a function with some cognitive points: small steps only if these are many."""
    return SMALL if points is not None and points > _MOST_POINTS else TASTE
