"""Small rewrites of ``if`` statements that lower cognitive complexity, as replacements of lines.

None changes cyclomatic complexity. Each is proposed wherever its text can be written; whether it saves
points, and whether the result behaves the same, is found out afterwards.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from pytest_antipasta.advice.conditions import (
    Condition,
    format_header,
    invert_condition,
    merge_conditions,
    read_condition,
)
from pytest_antipasta.advice.control_flow import (
    JUMPS,
    StatementBlock,
    always_jumps,
    iter_blocks,
    returns_value,
)
from pytest_antipasta.advice.edits import Line, LineChange
from pytest_antipasta.advice.indentation import find_step, move_lines, realign, shift_lines
from pytest_antipasta.advice.joining import rejoin
from pytest_antipasta.advice.layout import Layout, UnwritableError
from pytest_antipasta.metrics.nodes import DEFINITIONS, FunctionNode, is_elif
from pytest_antipasta.metrics.walk import find_elif

MERGE = "merge the two ifs"
ELIF = "use elif"
LEAVE_EARLY = "leave early"
DROP_ELSE = "drop the else"
SWAP = "swap the branches"
# A branch that is moved in front of another may have as many lines as that, or this many.
_SHORT_JUMP = 8
# Maximum lines of a branch that is moved in front and is given a jump.
_SHORT = 5
# Maximum lines after an `if` that are moved in front of its body.
_SHORT_REST = 4


class Rewrite(NamedTuple):
    """New lines for a statement.

    Attributes:
        kind: what it does.
        change: the new lines; the origin of each is a line of the source that is rewritten.
        copies_return: whether a ``return`` stands in one more place afterwards.
    """

    kind: str
    change: LineChange
    copies_return: bool = False


class _Spot(NamedTuple):
    """An ``if`` statement and what a rewrite needs to know about its place."""

    layout: Layout
    node: ast.If
    block: StatementBlock

    @property
    def indent(self) -> str:
        return self.layout.indent(self.node.lineno)

    @property
    def inner(self) -> str:
        """Indentation of the body."""
        return self.layout.indent(self.node.body[0].lineno)

    @property
    def is_elif(self) -> bool:
        return is_elif(self.node, self.layout.lines)

    @property
    def ends_row(self) -> bool:
        """Whether another ``if`` is directly before it, beside which a guard would look unlike."""
        place = self.block.body.index(self.node)
        before = self.block.body[place - 1] if place else None
        return isinstance(before, ast.If) and not before.orelse and not always_jumps(before.body)

    @property
    def step(self) -> str:
        return find_step(self.indent, self.inner)

    @property
    def jump(self) -> str:
        """The statement that does what the end of the block leads to; empty in a branch.

        There, it would say little: the other branches reach that end without it.
        """
        end = "" if self.block.is_branch else self.block.end_after(self.node)
        if end == "return" and self.block.function and returns_value(self.block.function.body):
            return "return None"
        return end


def iter_rewrites(layout: Layout, function: FunctionNode) -> Iterator[Rewrite]:
    """Yield the small rewrites of a function, in no order.

    Args:
        layout: the source.
        function: the function in its syntax tree.
    """
    places = ((block, node) for block in iter_blocks(function) for node in block.body)
    spots = (_Spot(layout, node, block) for block, node in places if isinstance(node, ast.If))
    written = (_write(rule, spot) for spot, rule in product(spots, _RULES))
    yield from (rewrite for rewrite in written if rewrite is not None)


def _write(rule: Callable[[_Spot], Rewrite | None], spot: _Spot) -> Rewrite | None:
    try:
        rewrite = rule(spot)
        if rewrite is not None:
            spot.layout.check_open(rewrite.change)
    except UnwritableError:
        return None
    return rewrite


def _merge(spot: _Spot) -> Rewrite | None:
    """``if a:`` with nothing but ``if b:`` in it → ``if a and b:``."""
    layout, node = spot.layout, spot.node
    inner = node.body[0]
    if node.orelse or len(node.body) != 1 or not isinstance(inner, ast.If) or inner.orelse:
        return None
    if not spot.is_elif:
        layout.check_alone(node)
    layout.check_alone(inner)
    outer_header, header = _find_header_end(layout, node), _find_header_end(layout, inner)
    condition = merge_conditions(read_condition(layout, node.test), read_condition(layout, inner.test))
    keyword = "elif" if spot.is_elif else "if"
    head = _write_header(spot, keyword, condition, _find_comments(layout, outer_header, header))
    last = layout.locate_block_end(node.body, spot.indent)
    body = move_lines(layout, header + 1, last, layout.indent(inner.body[0].lineno), spot.inner)
    return Rewrite(MERGE, LineChange(node.lineno, last, (*head, *body)))


def _use_elif(spot: _Spot) -> Rewrite | None:
    """``else:`` with nothing but an ``if`` in it → ``elif``."""
    layout, node = spot.layout, spot.node
    inner = node.orelse[0] if len(node.orelse) == 1 else None
    if not isinstance(inner, ast.If) or find_elif(node) is not None:
        return None
    layout.check_alone(inner)
    end = _find_header_end(layout, inner)
    line, last = _find_else(spot), layout.locate_block_end(node.orelse, spot.indent)
    comments = _find_comments(layout, line, inner.lineno - 1)
    above = [Line(f"{spot.indent}{comment}", line) for comment in comments]
    old = layout.indent(inner.lineno)
    first, *rest = shift_lines(layout, inner.lineno, last, old, spot.indent)
    header = Line(f"{spot.indent}el{first.text[len(spot.indent) :]}", first.origin)
    aligned = realign(layout, rest, inner.lineno, end, len("el"))
    lines = rejoin(layout, [header, *aligned])
    return Rewrite(ELIF, LineChange(line, last, (*above, *lines)))


def _drop_else(spot: _Spot) -> Rewrite | None:
    """``if a: JUMP`` and ``else: B`` → ``if a: JUMP`` and ``B``."""
    layout, node = spot.layout, spot.node
    if not node.orelse or not always_jumps(node.body) or spot.is_elif:
        return None
    layout.check_alone(node)
    if find_elif(node) is not None:
        return _drop_chain(spot)
    line, last = _find_else(spot), layout.locate_block_end(node.orelse, spot.indent)
    return Rewrite(DROP_ELSE, LineChange(line, last, tuple(_dedent(spot, node.orelse, line, last))))


def _drop_chain(spot: _Spot) -> Rewrite | None:
    """The same for a chain of ``elif``, of which every branch but the last jumps."""
    layout = spot.layout
    chain = [spot.node]
    while (following := find_elif(chain[-1])) is not None:
        chain.append(following)
    if not all(always_jumps(node.body) for node in chain):
        return None
    lines: list[Line] = []
    start = spot.node.lineno
    for node in chain[1:]:
        end = _find_header_end(layout, node)
        lines += _keep(layout, start, node.lineno - 1)
        text = layout.lines[node.lineno - 1]
        lines.append(Line(f"{spot.indent}{text[len(spot.indent) + 2 :]}", node.lineno))
        start = end + 1
        lines += realign(layout, _keep(layout, node.lineno + 1, end), node.lineno, end, -len("el"))
    last = chain[-1]
    end = layout.locate_block_end(last.orelse or last.body, spot.indent)
    if last.orelse:
        line = _find_else(spot._replace(node=last))
        lines += _keep(layout, start, line - 1)
        lines += _dedent(spot, last.orelse, line, end)
    else:
        lines += _keep(layout, start, end)
    return Rewrite(DROP_ELSE, LineChange(spot.node.lineno, end, tuple(lines)))


def _leave_early(spot: _Spot) -> Rewrite | None:
    """``if a: B`` at the end of a block → ``if not a: JUMP`` and ``B``."""
    node = spot.node
    is_jump = len(node.body) == 1 and isinstance(node.body[0], JUMPS)
    if node.orelse or not spot.jump or spot.is_elif or is_jump or spot.ends_row:
        return None
    return _write_guard(spot, spot.jump)


def _return_early(spot: _Spot) -> Rewrite | None:
    """``if a: B`` and ``return x`` → ``if not a: return x``, ``B`` and ``return x``."""
    layout, node, body = spot.layout, spot.node, spot.block.body
    is_next_to_last = len(body) > 1 and body[-2] is node
    if node.orelse or not is_next_to_last or spot.is_elif or always_jumps(node.body) or spot.ends_row:
        return None
    following = body[-1]
    if not isinstance(following, ast.Return) or not _is_short(following.value):
        return None
    layout.check_alone(following)
    return _write_guard(spot, layout.text(following))._replace(copies_return=True)


def _write_guard(spot: _Spot, jump: str) -> Rewrite:
    layout, node = spot.layout, spot.node
    layout.check_alone(node)
    header = _find_header_end(layout, node)
    condition = invert_condition(layout, node.test)
    last = layout.locate_block_end(node.body, spot.indent)
    lines = _write_header(spot, "if", condition)
    lines.append(Line(f"{spot.inner}{jump}", header))
    lines += _dedent(spot, node.body, header, last)
    return Rewrite(LEAVE_EARLY, LineChange(node.lineno, last, tuple(lines)))


def _swap_jump(spot: _Spot) -> Rewrite | None:
    """``if a: B`` and ``else: JUMP`` → ``if not a: JUMP`` and ``B``."""
    node = spot.node
    if not node.orelse or always_jumps(node.body) or not always_jumps(node.orelse):
        return None
    if _count_lines(node.orelse) > max(_SHORT_JUMP, _count_lines(node.body)):
        return None
    return _swap(spot, "")


def _swap_short(spot: _Spot) -> Rewrite | None:
    """``if a: LONG`` and ``else: SHORT`` at the end of a block → ``if not a: SHORT; JUMP`` and ``LONG``."""
    node = spot.node
    if not node.orelse or not spot.jump or always_jumps(node.body) or always_jumps(node.orelse):
        return None
    if not _count_lines(node.orelse) <= min(_SHORT, _count_lines(node.body) - 1):
        return None
    return _swap(spot, spot.jump)


def _swap(spot: _Spot, jump: str) -> Rewrite | None:
    layout, node = spot.layout, spot.node
    if spot.is_elif or find_elif(node) is not None:
        return None
    layout.check_alone(node)
    _check_no_comment_above(layout, node)
    header, line = _find_header_end(layout, node), _find_else(spot)
    last, end = (layout.locate_block_end(body, spot.indent) for body in (node.body, node.orelse))
    if _find_comments(layout, last + 1, line - 1):
        return None
    lines = _write_header(spot, "if", invert_condition(layout, node.test))
    lines += (Line(f"{spot.inner}{comment}", line) for comment in _find_comments(layout, line, line))
    lines += move_lines(layout, line + 1, end, layout.indent(node.orelse[0].lineno), spot.inner)
    if jump:
        lines.append(Line(f"{spot.inner}{jump}", line))
    lines += _dedent(spot, node.body, header, last)
    return Rewrite(SWAP, LineChange(node.lineno, end, tuple(lines)))


def _swap_rest(spot: _Spot) -> Rewrite | None:
    """``if a: LONG`` that jumps, then ``SHORT`` that jumps → ``if not a: SHORT`` and ``LONG``."""
    layout, node, body = spot.layout, spot.node, spot.block.body
    rest = body[body.index(node) + 1 :]
    if node.orelse or spot.is_elif or not always_jumps(node.body) or not always_jumps(rest):
        return None
    if not _count_lines(rest) <= min(_SHORT_REST, _count_lines(node.body) - 1):
        return None
    layout.check_alone(node)
    layout.check_alone(rest[-1])
    _check_no_comment_above(layout, node)
    header = _find_header_end(layout, node)
    last, end = layout.locate_block_end(node.body, spot.indent), layout.end(rest[-1])[0]
    lines = _write_header(spot, "if", invert_condition(layout, node.test))
    lines += move_lines(layout, last + 1, end, spot.indent, spot.inner)
    lines += _dedent(spot, node.body, header, last)
    return Rewrite(SWAP, LineChange(node.lineno, end, tuple(lines)))


_RULES = (
    _merge,
    _use_elif,
    _drop_else,
    _leave_early,
    _return_early,
    _swap_jump,
    _swap_short,
    _swap_rest,
)


def _find_header_end(layout: Layout, node: ast.If) -> int:
    """Return the last line of the header of an ``if``.

    Raises:
        UnwritableError: it has a comment inside, a comment that belongs to its line, or its body on its line.
    """
    line, _ = layout.find_place(layout.end(node.test), ":")
    layout.check_free(node.lineno, line)
    if _find_comments(layout, node.lineno, line - 1):
        raise UnwritableError("a comment in the condition")
    if node.body[0].lineno == line:
        raise UnwritableError("the body is on the line of its header")
    return line


def _check_no_comment_above(layout: Layout, node: ast.If) -> None:
    """Raise an error if a comment is above an ``if``, as it may be about the branch that follows it."""
    above = node.lineno - 1
    if layout.is_comment(above) and layout.indent(above) == layout.indent(node.lineno):
        raise UnwritableError("a comment above the condition")


def _find_else(spot: _Spot) -> int:
    """Return the line of the plain ``else``, which an ``if`` must have.

    Raises:
        UnwritableError: its body is on its line, or a comment belongs to its line.
    """
    layout, node = spot.layout, spot.node
    line, column = layout.find_place(layout.end(node.body[-1]), "else")
    layout.check_free(line, line)
    if layout.lines[line - 1][:column].strip() or node.orelse[0].lineno == line:
        raise UnwritableError("a statement is on the line of the else")
    return line


def _dedent(spot: _Spot, body: Sequence[ast.stmt], header: int, last: int) -> Iterator[Line]:
    """Yield a block with the indentation of its ``if``; the comment of its header comes first."""
    layout = spot.layout
    if isinstance(body[0], DEFINITIONS):  # which no longer begins a block
        yield Line("", header)
    if header in layout.comments:
        yield Line(f"{spot.indent}{layout.comments[header]}", header)
    yield from move_lines(layout, header + 1, last, layout.indent(body[0].lineno), spot.indent)


def _write_header(
    spot: _Spot, keyword: str, condition: Condition, comments: Sequence[str] = ()
) -> list[Line]:
    """Return a new header with comments above it."""
    above = [f"{spot.indent}{comment}" for comment in comments]
    header = format_header(spot.indent, spot.step, keyword, condition, spot.layout.width)
    return [Line(text, spot.node.lineno) for text in (*above, *header)]


def _keep(layout: Layout, first: int, last: int) -> list[Line]:
    """Return some lines as they are."""
    return [Line(layout.lines[number - 1], number) for number in range(first, last + 1)]


def _find_comments(layout: Layout, first: int, last: int) -> list[str]:
    """Return the comments of some lines."""
    return [layout.comments[line] for line in range(first, last + 1) if line in layout.comments]


def _is_short(value: ast.expr | None) -> bool:
    """Return whether a returned value can be written twice: a constant, a name or an empty literal."""
    match value:
        case None | ast.Constant() | ast.Name():
            return value is None or value.lineno == value.end_lineno
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return value.lineno == value.end_lineno
    return False


def _count_lines(body: Sequence[ast.stmt]) -> int:
    last = body[-1].end_lineno
    assert last is not None  # noqa: S101  # every tree of the parser has it
    return last - body[0].lineno + 1
