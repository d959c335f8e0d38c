"""Where the text of a source can be edited: comments, insides of strings, indentation, positions of nodes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias

from pytest_antipasta.advice.edits import LineChange
from pytest_antipasta.metrics.nodes import find_last_line
from pytest_antipasta.metrics.source import find_indent

Position: TypeAlias = tuple[int, int]
"""A line, 1-based, and a column in characters, 0-based."""
OPENING, CLOSING = ("(", "[", "{"), (")", "]", "}")
DEFINITION = re.compile(r"\s*(?:@|(?:async\s+)?def\b|class\b)")
"""The beginning of the first line of a function or class."""

# Comments that belong to the statement on their line, so that the statement can't be rewritten.
BOUND_COMMENT = re.compile(
    r"no(?:qa|sec|semgrep|sonar)|\bty(?:pe)?:\s*ignore|pragma|pylint|skipcq|pyright|pyre(?:fly|-)|pytype:"
    r"|mypy:|isort:|fmt:|yapf:|antipasta|complexipy|ruff:",
    re.IGNORECASE,
)

# Those, and the comment with the types of a function.
_WIDE_COMMENT = re.compile(rf"{BOUND_COMMENT.pattern}|type:\s*\(", re.IGNORECASE)
# Comments alone on a line, between which a tool is off or an editor folds. They stay together.
_SWITCHES = (
    re.compile(r"#\s*(?:(?:fmt|isort|autopep8):\s*off|(?:yapf|ruff):\s*disable|region)\b", re.IGNORECASE),
    re.compile(r"#\s*(?:(?:fmt|isort|autopep8):\s*on|(?:yapf|ruff):\s*enable|endregion)\b", re.IGNORECASE),
)


def measure_width(text: str) -> int:
    """Return how many columns a text takes, with tab stops every four."""
    return len(text.expandtabs(4))


class UnwritableError(Exception):
    """A rewrite that can't be written at this place."""


class Layout:
    """The text of a source, and what its tokens say about each line.

    Attributes:
        lines: the lines without their ends.
        comments: text of the comment of each line that has one.
        in_string: lines that begin inside a string, whose indentation is content.
        in_brackets: lines that begin inside brackets.
        closed: lines with a semicolon, or that end with a backslash; they are not edited.
        groups: first and last lines of brackets with their content on lines of its own.
        width: the length of lines that the source keeps to.
    """

    def __init__(self, lines: Sequence[str], width: int) -> None:
        """Read the tokens of a valid source.

        Raises:
            UnwritableError: the tokenizer rejects the source, as CPython 3.12 does for some f-strings.
        """
        self.lines = lines
        self.width = width
        self.groups: list[tuple[int, int]] = []
        self.comments: dict[int, str] = {}
        self.in_string: set[int] = set()
        self.in_brackets: set[int] = set()
        self.closed = {number for number, line in enumerate(lines, 1) if line.endswith("\\")}
        self._places: dict[str, list[Position]] = {":": [], "else": []}
        try:
            self._read_tokens()
        except (tokenize.TokenError, SyntaxError, SystemError, MemoryError) as error:
            raise UnwritableError("the source can't be split into tokens") from error

    def _read_tokens(self) -> None:
        opened: list[int] = []
        for token in tokenize.generate_tokens(io.StringIO("\n".join(self.lines)).readline):
            line, last = token.start[0], token.end[0]
            name = tokenize.tok_name[token.type]
            if name == "COMMENT":
                self.comments[line] = token.string
            elif name == "STRING":
                self.in_string.update(range(line + 1, last + 1))
            elif name.endswith("STRING_START"):  # since CPython 3.12
                opened.append(line)
            elif name.endswith("STRING_END"):
                self.in_string.update(range(opened.pop() + 1, last + 1))
            elif name in ("OP", "NAME"):
                self._read_symbol(token.string, token.start, opened)

    def _read_symbol(self, text: str, start: Position, opened: list[int]) -> None:
        """Read an operator or a name, given the lines of the brackets and strings around it."""
        if text in OPENING:
            opened.append(start[0])
        elif text in CLOSING:
            self._close(opened.pop(), start)
        elif text == ";":
            self.closed.add(start[0])
        elif text in self._places:
            self._places[text].append(start)

    def _close(self, first: int, end: Position) -> None:
        """Add brackets that begin on a line and end at a position."""
        last, column = end
        self.in_brackets.update(range(first + 1, last + 1))
        is_broken = self.lines[first - 1].endswith(OPENING) and not self.lines[last - 1][:column].strip()
        if first < last and is_broken:
            self.groups.append((first, last))

    def column(self, line: int, offset: int) -> int:
        """Return the column in characters of an offset in bytes, which syntax trees have."""
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode())

    def start(self, node: ast.expr | ast.stmt) -> Position:
        """Return the position of a node's first character."""
        return node.lineno, self.column(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> Position:
        """Return the position after a node's last character."""
        line, offset = node.end_lineno, node.end_col_offset
        assert line is not None and offset is not None  # noqa: S101  # every tree of the parser has them
        return line, self.column(line, offset)

    def slice(self, start: Position, end: Position) -> str:
        """Return the text between two positions, with line feeds."""
        if start[0] == end[0]:
            return self.lines[start[0] - 1][start[1] : end[1]]
        between = self.lines[start[0] : end[0] - 1]
        return "\n".join((self.lines[start[0] - 1][start[1] :], *between, self.lines[end[0] - 1][: end[1]]))

    def text(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        return self.slice(self.start(node), self.end(node))

    def find_place(self, start: Position, text: str) -> Position:
        """Return where the first ``:`` or ``else`` begins from a position on."""
        places = self._places[text]
        number = bisect_left(places, start)
        if number == len(places):
            raise UnwritableError(f"no {text!r}")
        return places[number]

    def indent(self, line: int) -> str:
        """Return the white space at the beginning of a line."""
        return find_indent(self.lines[line - 1])

    def is_blank(self, line: int) -> bool:
        """Return whether a line is empty or white space."""
        return not self.lines[line - 1].strip()

    def is_comment(self, line: int) -> bool:
        """Return whether a line is a comment alone."""
        return line in self.comments and self.lines[line - 1].lstrip().startswith("#")

    def check_alone(self, node: ast.stmt) -> None:
        """Raise an error unless whole lines belong to a statement alone."""
        (first, column), (last, end) = self.start(node), self.end(node)
        if self.lines[first - 1][:column].strip():
            raise UnwritableError("another statement begins on its first line")
        rest = self.lines[last - 1][end:].strip()
        if rest and not rest.startswith("#"):
            raise UnwritableError("another statement is on its last line")

    def check_open(self, change: LineChange) -> None:
        """Raise an error if a change does more than to move lines with semicolons or backslashes."""
        moved = {line.origin: line.text.lstrip() for line in change.lines}
        closed = self.closed.intersection(range(change.first, change.last + 1))
        if any(moved.get(line) != self.lines[line - 1].lstrip() for line in closed):
            raise UnwritableError("a semicolon or a backslash")

    def check_free(self, first: int, last: int) -> None:
        """Raise an error if a comment in some lines belongs to its line, such as ``# noqa``."""
        for line in range(first, last + 1):
            if BOUND_COMMENT.search(self.comments.get(line, "")):
                raise UnwritableError("a comment belongs to its line")

    def check_switches(self, first: int, last: int) -> None:
        """Raise an error if some lines have ``# fmt: off`` without ``# fmt: on``, or the like."""
        off, on = (
            [
                line
                for line in range(first, last + 1)
                if self.is_comment(line) and pattern.match(self.comments[line])
            ]
            for pattern in _SWITCHES
        )
        if len(off) != len(on) or any(start > end for start, end in zip(off, on, strict=True)):
            raise UnwritableError("a comment belongs to one that is elsewhere")

    def locate_block_end(self, body: Sequence[ast.stmt], outside: str) -> int:
        """Return the last line of a block, comments that are indented deeper than its header included.

        Args:
            body: the statements of the block.
            outside: the indentation of the block's header.
        """
        return find_last_line(self.end(body[-1])[0], len(outside), self.lines)

    def find_comments_above(self, line: int) -> int:
        """Return the first line of the comments directly above a line, with its indentation; or the line.

        One for a tool belongs to the function, or to more lines, such as ``# pylint: disable`` and
        ``# fmt: off``.
        """
        indent = self.indent(line)
        while line > 1 and self.is_comment(line - 1) and self.indent(line - 1) == indent:
            if _WIDE_COMMENT.search(self.comments[line - 1]):
                break
            line -= 1
        return line
