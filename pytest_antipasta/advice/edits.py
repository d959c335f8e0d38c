"""Replace whole lines of a source, so that every other line keeps its bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import NamedTuple

from msgspec import Struct

# Python's parser ends lines at these only; `str.splitlines` also splits at form feeds and in strings.
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n)?")
# Fewer equal lines need not be the same ones.
_FEWEST_MOVED = 3


class Line(NamedTuple):
    """A line of a rewritten source.

    Attributes:
        text: the line without its end.
        origin: the line of the original file that it comes from, 1-based.
    """

    text: str
    origin: int


class LineChange(NamedTuple):
    """Lines in place of some lines of a rewritten source.

    Attributes:
        first: first line to replace, 1-based.
        last: last line to replace; ``first - 1`` inserts before ``first``.
        lines: the new lines.
    """

    first: int
    last: int
    lines: tuple[Line, ...]

    @property
    def growth(self) -> int:
        """How many lines the source grows by."""
        return len(self.lines) - (self.last - self.first + 1)


class LineEdit(Struct, frozen=True):
    """New lines in place of some lines of a source.

    Attributes:
        first: first line to replace, 1-based.
        last: last line to replace; ``first - 1`` inserts before ``first``.
        lines: the new lines without their ends.
    """

    first: int
    last: int
    lines: tuple[str, ...]


def apply_edits(text: str, edits: Iterable[LineEdit]) -> str:
    """Return a source with edits applied, each to the result of the previous one.

    New lines end like the line before them. A source without a line end at its end stays without one.

    Args:
        text: the decoded source with its own line ends.
        edits: edits in the order in which they were made.
    """
    pieces = _split(text)
    usual = _find_usual_end(pieces)
    is_open = bool(pieces) and not pieces[-1][1]
    for edit in edits:
        end = _find_end(pieces, edit.first, usual)
        pieces[edit.first - 1 : edit.last] = [(line, end) for line in edit.lines]
    result = "".join(f"{line}{end or usual}" for line, end in pieces)
    return result.removesuffix("\n").removesuffix("\r") if is_open else result


def diff_edits(text: str, edits: Sequence[LineEdit], path: str) -> Iterator[str]:
    """Yield the lines of a unified diff between a source and the same source with edits applied.

    Only lines that edits replace are compared, and the end of a function that becomes one of its own.
    Comparing all would also pair equal lines of different places. As in git's diffs, lines keep a carriage
    return, and one without a line end is marked.

    Args:
        text: the decoded source with its own line ends.
        edits: edits in the order in which they were made.
        path: path of the file in the head of the diff, below `a/` and `b/` as in git's.
    """
    import difflib

    old = [Line(line, number) for number, (line, _) in enumerate(_split(text), 1)]
    new = [*old]
    for edit in edits:
        replaced = new[edit.first - 1 : edit.last]
        added = [Line(line, 0) for line in edit.lines]
        texts = [line.text for line in replaced]
        for block in difflib.SequenceMatcher(None, texts, edit.lines, autojunk=False).get_matching_blocks():
            added[block.b : block.b + block.size] = replaced[block.a : block.a + block.size]
        new[edit.first - 1 : edit.last] = added
    _keep_passed(old, new)
    before, after = _mark_lines(old, text), _mark_lines(new, apply_edits(text, edits))
    for line in difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm=""):
        shown, _, mark = line.partition("\0")
        yield shown
        if mark.endswith("\0"):
            yield "\\ No newline at end of file"


def _mark_lines(lines: Iterable[Line], text: str) -> list[str]:
    """Return the lines of a text, which are equal only if they come from the same line and end alike.

    The number of the line follows a null character, which no source has, and another one if it has no end.
    """
    ends = (end for _, end in _split(text))
    return [
        f"{line.text}{end[:-1]}\0{line.origin}{'' if end else chr(0)}"
        for line, end in zip(lines, ends, strict=False)
    ]


def _keep_passed(old: Iterable[Line], new: list[Line]) -> None:
    """Let runs of lines stay that were removed and added again, if no line that stays is between."""
    import difflib

    kept = {line.origin for line in new}
    lost = [line for line in old if line.origin not in kept]
    places = [place for place, line in enumerate(new) if not line.origin]
    texts = [line.text for line in lost], [new[place].text for place in places]
    for block in difflib.SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks():
        run = lost[block.a : block.a + block.size]
        here = places[block.b : block.b + block.size]
        if _is_in_order(new, here, run):
            new[here[0] : here[-1] + 1] = run


def _is_in_order(lines: Sequence[Line], places: Sequence[int], run: Sequence[Line]) -> bool:
    """Return whether a run at some places would be after and before the same lines as in the original."""
    if len(run) < _FEWEST_MOVED or places[-1] - places[0] >= len(run):
        return False
    before = max((line.origin for line in lines[: places[0]]), default=0)
    after = min((line.origin for line in lines[places[-1] :] if line.origin), default=inf)
    return before < run[0].origin and run[-1].origin < after


def _split(text: str) -> list[tuple[str, str]]:
    """Return the lines of a source, and their ends."""
    # The pattern also matches nothing at the end of the text.
    return [(match[1], match[2] or "") for match in _LINE.finditer(text)][:-1]


def _find_usual_end(pieces: Iterable[tuple[str, str]]) -> str:
    """Return the line end that most lines have."""
    ends = Counter(end for _, end in pieces if end)
    return ends.most_common(1)[0][0] if ends else "\n"


def _find_end(pieces: Sequence[tuple[str, str]], line: int, usual: str) -> str:
    """Return the line end for new lines in place of a line."""
    return next((pieces[at][1] for at in (line - 1, line - 2) if 0 <= at < len(pieces)), "") or usual
