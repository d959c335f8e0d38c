"""One version of a function, the rewrites that can be tried on it, and the versions that they make."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, pairwise, starmap
from typing import NamedTuple

from pytest_antipasta.advice.aims import Scores
from pytest_antipasta.advice.control_flow import JUMPS
from pytest_antipasta.advice.edits import LineChange, LineEdit
from pytest_antipasta.advice.extraction import Extraction, Extractor, Run, is_docstring
from pytest_antipasta.advice.layout import UnwritableError
from pytest_antipasta.advice.moving import Moved, move_run
from pytest_antipasta.advice.naming import propose_name
from pytest_antipasta.advice.plan import NEW_FUNCTION, Helper, Step
from pytest_antipasta.advice.proof.proof import Refused, prove
from pytest_antipasta.advice.rewrites import Rewrite, iter_rewrites
from pytest_antipasta.advice.snippet import Snippet
from pytest_antipasta.metrics.nodes import find_first_line

# Maximum number of small rewrites that are measured for a version.
_MOST_SMALL = 80
# Longer runs suggest themselves less; this many lines are as bad as one more parameter.
_LINES_OF_A_PARAMETER = 40
# A run below a comment suggests itself, and so does all of a block. A comment is about one paragraph only.
_COMMENT = 2
_BLOCK = 1
# One that cuts a paragraph or a row of like statements does not, nor do several paragraphs of more.
_CUT = 2.5
_MIXED = 2
# Nor does the end of a function, nor what has few statements.
_TAIL = 2
_SLIGHT = 3
_FEWEST_STATEMENTS = 5
# Statements that end a paragraph.
_ENDING = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar)
# A run with a larger share of the points is almost the function; all of it is as bad as four parameters.
_LARGE = 0.6
_WHOLE = 10


class Small(NamedTuple):
    """A small rewrite, measured.

    Attributes:
        rewrite: the rewrite.
        after: the snippet that it makes.
        saved: cognitive points that it saves.
    """

    rewrite: Rewrite
    after: Snippet
    saved: int


class Offer(NamedTuple):
    """A run that can become a function, measured.

    Attributes:
        extraction: the run, and what is passed.
        moved: the snippet that it makes.
        lines: first and last line of the file that become its call.
        after: values of the function without the run.
        helper: values of the new function.
        cost: how little the run suggests itself as a function; the lower, the better.
        cuts: at how many of its ends it cuts a paragraph.
        is_mixed: whether it has several paragraphs, and is not all of a block.
    """

    extraction: Extraction
    moved: Moved
    lines: tuple[int, int]
    after: Scores
    helper: Scores
    cost: float
    cuts: int
    is_mixed: bool

    @property
    def points(self) -> Scores:
        """The points of the run."""
        return self.extraction.run.points


@dataclass(frozen=True, eq=False)
class Trial:
    """A version of a function, with the steps that have led to it.

    Attributes:
        snippet: its text.
        shift: what a line of the function has in the file in addition to its number in the snippet.
        outer_shift: the same for lines before the function, where a helper may stand.
        taken: words that new functions can't have as names.
        given: names of new functions that begin in some lines of the file.
        steps: the steps.
        copied: how many of them have copied a ``return``.
    """

    snippet: Snippet
    shift: int
    outer_shift: int
    taken: frozenset[str]
    given: Mapping[int, str]
    steps: tuple[Step, ...] = ()
    copied: int = 0
    _extractions: dict[tuple[int, int], Extraction | None] = field(default_factory=dict, init=False)
    _offers: dict[tuple[int, int], Offer | None] = field(default_factory=dict, init=False)

    @property
    def numbers(self) -> Scores:
        """The values of the function."""
        return self.snippet.numbers

    @cached_property
    def small(self) -> Sequence[Small]:
        """Small rewrites that save points, those that save the most first."""
        rewrites = iter_rewrites(self.snippet.layout, self.snippet.function)
        found = filter(None, map(self._measure_small, islice(rewrites, _MOST_SMALL)))
        return sorted(found, key=lambda small: (-small.saved, *_rank(small.rewrite)))

    def _measure_small(self, rewrite: Rewrite) -> Small | None:
        after = self.snippet.with_changes(rewrite.change)
        saved = [self.numbers.cognitive - points for points in after.find_cognitive(after.start)]
        return Small(rewrite, after, saved[0]) if saved and saved[0] > 0 else None

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Runs of statements that have points."""
        return tuple(self._extractor.iter_runs())

    @cached_property
    def _extractor(self) -> Extractor:
        return Extractor(self.snippet)

    def find_offer(self, run: Run, parameters: int) -> Offer | None:
        """Return how a run can become a function of a few values; ``None`` if it can't."""
        extraction = self._find_extraction(run)
        if extraction is None or len(extraction.parameters) > parameters:
            return None
        key = run.first, run.last
        if key not in self._offers:
            self._offers[key] = self._make_offer(extraction)
        return self._offers[key]

    def _find_extraction(self, run: Run) -> Extraction | None:
        key = run.first, run.last
        if key not in self._extractions:
            try:
                self._extractions[key] = self._extractor.describe(run)
            except UnwritableError:
                self._extractions[key] = None
        return self._extractions[key]

    def _make_offer(self, extraction: Extraction) -> Offer | None:
        run, layout = extraction.run, self.snippet.layout
        try:
            lines = self.snippet.find_origins(layout.find_comments_above(run.first), run.last)
            name = self.given.get(lines[0]) or propose_name(self.snippet, extraction, self.taken)
            moved = move_run(self.snippet, extraction, name)
        except UnwritableError:
            return None
        cognitive = moved.snippet.find_cognitive(moved.snippet.start, moved.helper_line)
        if not cognitive:
            return None
        after, helper = cognitive
        cyclomatic, cuts = run.points.cyclomatic, self._count_cuts(run)
        is_mixed = self._is_mixed(run)
        return Offer(
            extraction,
            moved,
            lines,
            Scores(after, self.numbers.cyclomatic - cyclomatic),
            Scores(helper, 1 + cyclomatic),
            self._rate(extraction, cuts, is_mixed=is_mixed),
            cuts,
            is_mixed,
        )

    def _rate(self, extraction: Extraction, cuts: int, *, is_mixed: bool) -> float:
        """Return how little a run suggests itself as a function."""
        run = extraction.run
        share = sum(run.points) / sum(self.numbers)
        return (
            len(extraction.parameters)
            + 4 * (extraction.is_doubtful + extraction.strands)
            + _CUT * cuts
            + self._rate_place(run, is_mixed=is_mixed)
            + _SLIGHT * _is_slight(run)
            + (run.last - run.first) / _LINES_OF_A_PARAMETER
            + _WHOLE * max(share - _LARGE, 0)
        )

    def _rate_place(self, run: Run, *, is_mixed: bool) -> float:
        """Return how little a run suggests itself by its place."""
        body = run.block.body
        is_tail = body is self.snippet.function.body and run.body[-1] is body[-1]
        has_comment = self.snippet.layout.find_comments_above(run.first) != run.first
        good = _BLOCK * _is_block(run) + _COMMENT * (has_comment and not is_mixed)
        return _MIXED * is_mixed + _TAIL * is_tail - good

    def _is_mixed(self, run: Run) -> bool:
        """Return whether a run has several paragraphs, and is not all of a block."""
        return not _is_block(run) and any(self._has_space(find_first_line(node)) for node in run.body[1:])

    def _count_cuts(self, run: Run) -> int:
        """Return how often a run cuts a paragraph at its ends, or a row of like statements."""
        body = run.block.body
        first = body.index(run.body[0])
        following = first + len(run.body)
        ends = [
            *pairwise(body[max(first - 1, 0) : first + 1]),
            *pairwise(body[following - 1 : following + 1]),
        ]
        return self._count_cut_paragraphs(run) + any(starmap(_are_alike, ends))

    def _count_cut_paragraphs(self, run: Run) -> int:
        """Return at how many of its ends a run cuts a paragraph; a block without blank lines has none.

        A loop, ``with`` or ``try`` also ends a paragraph, while an ``if`` may be one of several. So does the
        last statement before one that jumps at the end of the block. A docstring is not part of a paragraph.
        """
        body = run.block.body
        head = {0, int(is_docstring(body[0]))}
        begun = {place for place, node in enumerate(body) if self._has_space(find_first_line(node))}
        if begun <= head:
            return 0
        first = body.index(run.body[0])
        following = first + len(run.body)
        left = body[following:]
        is_whole = len(run.body) == 1 or isinstance(run.body[-1], _ENDING)
        is_last = not left or (len(left) == 1 and isinstance(left[0], JUMPS))
        return 2 - (first in head | begun) - (is_whole or is_last or following in begun)

    def _has_space(self, line: int) -> bool:
        """Return whether a line is below a blank line or a comment."""
        layout = self.snippet.layout
        return line > 1 and (layout.is_blank(line - 1) or layout.find_comments_above(line) != line)

    def take_small(self, small: Small) -> Trial | None:
        """Return the version after a small rewrite; ``None`` if it is not proven."""
        rewrite = small.rewrite
        proof = prove(self.snippet.text, small.after.text, self.snippet.qualified_name)
        if isinstance(proof, Refused) or small.after.numbers.cyclomatic > self.numbers.cyclomatic:
            return None
        change = rewrite.change
        line, end_line = self.snippet.find_origins(change.first, change.last)
        numbers = small.after.numbers
        edits = self._make_edits(change)
        step = Step(rewrite.kind, line, end_line, self.numbers, numbers, proof.value, edits)
        return self._add_step(small.after, step, rewrite.copies_return)

    def take_offer(self, offer: Offer) -> Trial | None:
        """Return the version after a run became a function; ``None`` if it is not proven, or has no line."""
        moved = offer.moved
        line, end_line = offer.lines
        if any(step.helper and step.line == line for step in self.steps):
            return None  # new functions are named by their lines
        helper_name = moved.snippet.helpers[-1]
        proof = prove(self.snippet.text, moved.snippet.text, self.snippet.qualified_name, helper_name)
        if isinstance(proof, Refused) or moved.snippet.measure(helper_name) != offer.helper:
            return None
        edits = self._make_edits(moved.call, moved.helper)
        numbers = moved.snippet.numbers
        helper = Helper(bool(offer.extraction.receiver), offer.helper, moved.signature)
        step = Step(NEW_FUNCTION, line, end_line, self.numbers, numbers, proof.value, edits, helper)
        return self._add_step(moved.snippet, step)

    def _add_step(self, snippet: Snippet, step: Step, copied: int = 0) -> Trial:
        """Return the version after a step."""
        return replace(self, snippet=snippet, steps=(*self.steps, step), copied=self.copied + copied)

    def _make_edits(self, *changes: LineChange) -> tuple[LineEdit, ...]:
        """Return the edits of the file for changes of the snippet, the last line first."""
        edits = []
        for change in sorted(changes, key=lambda change: -change.first):
            shift = self.outer_shift if change.last < self.snippet.start else self.shift
            texts = tuple(line.text for line in change.lines)
            edits.append(LineEdit(change.first + shift, change.last + shift, texts))
        return tuple(edits)


def _rank(rewrite: Rewrite) -> tuple[bool, int]:
    return rewrite.copies_return, rewrite.change.last - rewrite.change.first


def _is_slight(run: Run) -> bool:
    """Return whether a run has few statements."""
    nodes = (node for statement in run.body for node in ast.walk(statement))
    return sum(isinstance(node, ast.stmt) for node in nodes) < _FEWEST_STATEMENTS


def _is_block(run: Run) -> bool:
    """Return whether a run is all of a block; a bare ``return`` stays in its own."""
    last = run.body[-1]
    ends = isinstance(last, ast.Return) and last.value is None
    return len(run.body) == len(run.block.body) and not ends


def _are_alike(before: ast.stmt, after: ast.stmt) -> bool:
    """Return whether two statements are of a row: of one shape, or ifs that test the same variable."""
    match before, after:
        case ast.If(first), ast.If(second) if _find_names(first) & _find_names(second):
            return True
    return _find_shape(before) == _find_shape(after)


def _find_names(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _find_shape(node: ast.stmt) -> list[type[ast.AST]]:
    """Return the kinds of nodes in a statement: its syntax without names and values."""
    return [type(each) for each in ast.walk(node)]
