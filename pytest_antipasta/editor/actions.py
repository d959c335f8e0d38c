"""Code actions at a function near or over a limit: add a comment with a ceiling, or explain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from pytest_antipasta.editor.buffers import JudgedBuffer, is_near
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.judged import Suppression
from pytest_antipasta.model.measured import CELL, Block
from pytest_antipasta.model.waivers import NO_REASON
from pytest_antipasta.policy.suppressions.comments import find_comment_line
from pytest_antipasta.report.explain.explanation import Explained, iter_explanation
from pytest_antipasta.report.explain.limits import Limit
from pytest_antipasta.report.next_step import find_own_comment, is_refused, propose_comment
from pytest_antipasta.report.terminal import PLAIN

# A comment of ours, with the word that stands for a reason if it has none.
_OWN = re.compile(rf"#\s*antipasta:\s*ignore(?:\[[^\]]*\])?(?:\s+{NO_REASON}\b)?")


class Replacement(Struct, frozen=True):
    """A replacement of characters; all numbers are 0-based.

    Attributes:
        line: the first line.
        start: index of the first character in it.
        end: index after the last character, in the last line.
        text: the new text.
        last: the last line; ``None`` for the first one.
    """

    line: int
    start: int
    end: int
    text: str
    last: int | None = None


class Action(Struct, frozen=True):
    """A code action.

    Attributes:
        title: title in the menu.
        block: name of the block.
        edit: edit to apply; ``None`` for an explanation.
    """

    title: str
    block: str
    edit: Replacement | None = None


def find_actions(judged: JudgedBuffer, first: int, last: int) -> Iterator[Action]:
    """Yield comments and explanations for some lines, which are 1-based."""
    over = {violation.qualified_name for violation in judged.verdict.violations}
    for block in iter_blocks(judged, first, last):
        name = block.qualified_name
        if name in over and (edit := _propose(judged, name)) is not None:
            yield Action(f"Ignore up to the current values: {edit.text.strip()}", name, edit)
        yield Action(f"Explain {make_printable(name)}", name)


def iter_blocks(judged: JudgedBuffer, first: int, last: int) -> Iterator[Block]:
    """Yield the functions in some lines that are near a limit or over it."""
    seen = set[str]()
    for line in range(first, min(last, len(judged.lines)) + 1):
        block = judged.find_block(line)
        if block is not None and block.qualified_name not in seen:
            seen.add(block.qualified_name)
            if any(map(is_near, judged.find_limits(block))):
                yield block


def _propose(judged: JudgedBuffer, name: str) -> Replacement | None:
    """Return an edit that adds a comment with ceilings to a function, or updates an existing one."""
    if name.startswith(CELL) or is_refused(judged.verdict, name, judged.rules.settings):
        return None
    comment = propose_comment(judged.verdict, name)
    if (known := find_own_comment(judged.verdict, name)) is not None:
        return _update(judged, known, comment)
    first = next(item.line for item in judged.verdict.violations if item.qualified_name == name) or 1
    if (line := find_comment_line("\n".join(judged.lines), first)) is None:
        return None
    text = judged.lines[line - 1]
    return Replacement(line - 1, len(text.rstrip()), len(text), f"  {comment}")


def _update(judged: JudgedBuffer, known: Suppression, comment: str) -> Replacement | None:
    """Return an edit that gives an existing comment the ceilings of another one, and keeps its reason."""
    columns = {(item.line, item.text): item.column for item in judged.verdict.measurement.comments}
    column = columns[known.line, known.text]
    found, ceilings = _OWN.match(judged.lines[known.line - 1], column), _OWN.match(comment)
    if found is None or ceilings is None:
        return None
    return Replacement(known.line - 1, found.start(), found.end(), ceilings[0])


def explain_block(judged: JudgedBuffer, name: str) -> str | None:
    """Return the output of `explain` for a function; ``None`` if it does not exist any more."""
    chosen = [block for block in judged.parts.blocks if block.block.qualified_name == name]
    if not chosen:
        return None
    limits: dict[str | None, list[Limit]] = {name: judged.find_limits(chosen[0].block)}
    explained = Explained(judged.verdict, judged.parts, limits, chosen, has_file=False)
    return "\n".join(iter_explanation(explained, PLAIN))
