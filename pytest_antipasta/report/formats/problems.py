"""What reports have of a file besides numbers over limits: what is not known, and comments that fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Verdict

Rule: TypeAlias = Literal["not_measured", "not_judged", "suppression"]
RULES: dict[Rule, str] = {
    "not_measured": "A file, or a part of its numbers, could not be measured.",
    "not_judged": "A file has no number for a metric that has a limit.",
    "suppression": "A comment that is meant to suppress numbers fails.",
}


class Problem(NamedTuple):
    """One of them.

    Attributes:
        rule: the kind of problem.
        line: where it is; ``None`` for the whole file.
        text: what is wrong.
        fails: whether the file fails for it.
        cell: of a notebook, which the line is one of.
    """

    rule: Rule
    line: int | None
    text: str
    fails: bool
    cell: int | None = None

    @property
    def line_in_file(self) -> int | None:
        """The line, for what knows lines of files alone: the first one of a notebook."""
        return self.line if self.cell is None else 1

    @property
    def text_in_file(self) -> str:
        """What is wrong, likewise with the place where the line does not tell it."""
        return self.text if self.cell is None else f"cell {self.cell}, line {self.line}: {self.text}"


def iter_problems(verdict: Verdict) -> Iterator[Problem]:
    """Yield the problems of a file."""
    for error in verdict.errors:
        text = make_printable(f"not measured ({error.kind}): {error.message}")
        counts = verdict.failed if error is verdict.error else verdict.is_incomplete
        yield Problem("not_measured", error.line, text, counts, error.cell)
    if verdict.unjudged:
        names = ", ".join(verdict.unjudged)
        yield Problem("not_judged", None, f"not judged: {names}, as there is no number", False)
    if verdict.suppressions:
        # Here, because few files have any.
        from pytest_antipasta.report.suppressions import iter_remarks

        for one in verdict.suppressions:
            if one.fails:
                cell, line = verdict.find_cell(one.line) or (None, one.line)
                yield Problem("suppression", line, "; ".join(iter_remarks(verdict, one)), True, cell)


def find_limited(verdicts: Sequence[Verdict], limits: Iterable[str]) -> list[str]:
    """Return the metrics that have a limit, and those that have one for some path alone."""
    over = {one.metric for verdict in verdicts for one in (*verdict.violations, *verdict.tolerated)}
    names = over | set(limits)
    known = [name for name in judged_metrics() if name in names]
    return [*known, *sorted(names.difference(known))]
