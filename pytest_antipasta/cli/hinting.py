"""The hints below the functions that ``check`` and ``hook`` report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Verdict
from pytest_antipasta.report import Hints, Invocation, Row, format_hint, iter_steps


def make_hint(
    hints: Hints, verdicts: Sequence[Verdict], shown: Sequence[Verdict], stand: Invocation
) -> Callable[[Row], str]:
    """Return a function that returns the hint of a row; an empty one without a plan.

    Args:
        hints: the plans.
        verdicts: the verdicts, with paths relative to the root.
        shown: the same with the paths that rows have.
        stand: where the user runs commands.
    """
    advise = make_advice(hints, verdicts, shown, stand)
    return lambda row: next(iter(advise(row)), "")


def make_advice(
    hints: Hints, verdicts: Sequence[Verdict], shown: Sequence[Verdict], stand: Invocation
) -> Callable[[Row], Sequence[str]]:
    """Return a function that returns the hint of a row and the steps of its plan; nothing without a plan.

    For the arguments, see :func:`make_hint`.
    """
    paths = {place.path: verdict.path for place, verdict in zip(shown, verdicts, strict=True)}

    def advise(row: Row) -> Sequence[str]:
        path, name = paths[row.verdict.path], row.name or ""
        plan = hints.plans.get((path, name))
        if plan is None:
            return ()
        hint = format_hint(row, plan, stand.format_function("fix", path, name))
        # A command that can't be typed is none.
        return (hint, *chain.from_iterable(iter_steps(plan))) if make_printable(hint) == hint else ()

    return advise
