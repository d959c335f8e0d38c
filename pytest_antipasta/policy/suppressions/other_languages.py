"""Find suppression comments in the lines of other languages than Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_antipasta.model.measured import Block, Comment, CommentPlace
from pytest_antipasta.policy.suppressions.patterns import compile_ours

_ALONE: tuple[CommentPlace, CommentPlace] = ("above", "own line")
_BEHIND: tuple[CommentPlace, CommentPlace] = ("signature", "elsewhere")


def find_line_comments(
    lines: Sequence[str], start: str, blocks: Iterable[Block], known: Mapping[int, str] | None = None
) -> Iterator[Comment]:
    """Yield the comments that may suppress something, sorted by line.

    A comment at the end of a block's first line, or alone on the line above, applies to that block.

    Args:
        lines: lines of the source.
        start: start of a comment up to the end of the line, replaced by ``#`` in its text.
        blocks: blocks of the source.
        known: the comments, by line; ``None`` to search the lines.
    """
    pattern = compile_ours(start)
    names = {block.line: block.qualified_name for block in blocks}
    for row, line in enumerate(lines, 1):
        comment = line if known is None else known.get(row)
        begin = -1 if comment is None else line.rfind(comment.rstrip("\r"))
        if begin >= 0 and (match := pattern.search(line, begin)):
            is_alone = not line[: match.start()].strip()
            block = names.get(row + is_alone)
            at_block, elsewhere = _ALONE if is_alone else _BEHIND
            text = f"#{line[match.end() :].rstrip()}"
            yield Comment(row, match.start(), text, at_block if block else elsewhere, block)
