"""The values that an extension may return from the hooks in :mod:`pytest_antipasta.extension.hooks`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias, cast

from msgspec import Struct

from pytest_antipasta.model.measured import Block, BlockKind, Number

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class ParsedSource:
    """A source, as passed to metrics.

    Attributes:
        text: the decoded source.
        tree: its syntax tree, made for the metrics of one distribution.
        blocks: blocks with all built-in values, sorted by line.
    """

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self.text = text
        # Since CPython 3.14, `ast.parse` leaves out docstrings under `-OO`.
        tree = compile(text, "<unknown>", "exec", ast.PyCF_ONLY_AST, optimize=0)
        self.tree = cast("ast.Module", tree)
        self.blocks = tuple(blocks)

    @cached_property
    def functions(self) -> Mapping[str, _Function]:
        """The functions, methods and closures, by qualified name."""
        nodes = {
            (node.lineno, node.name): node for node in ast.walk(self.tree) if isinstance(node, _Function)
        }
        found = ((block.qualified_name, nodes.get((block.line, block.name))) for block in self.blocks)
        return {name: node for name, node in found if node is not None}


Numbers: TypeAlias = "Number | Mapping[str, Number] | None"
"""Value of a file, or ``None``; for the scope ``block``, values by qualified name."""


class Metric(Struct, frozen=True, kw_only=True):
    """A metric of an extension.

    Attributes:
        name: lower-case words joined by underscores; reports and settings prefix the distribution's name.
        scope: ``block`` for a value of each function, ``file`` for one of the file.
        version: must change whenever the value of any source changes.
        measure: returns the values of a Python source; ``None`` for a metric that only languages of the
            extension have.
        more_is_better: whether a limit is a minimum.
        limit: default limit; ``None`` for none.
        unit: unit of the values, in one word; empty if the name says it.
        explain: returns lines that explain the value of a source, or of one of its functions.
    """

    name: str
    scope: Literal["block", "file"]
    version: str
    measure: Callable[[ParsedSource], Numbers] | None = None
    more_is_better: bool = False
    limit: Number | None = None
    unit: str = ""
    explain: Callable[[ParsedSource, str | None], Iterable[str]] | None = None


class ParsedBlock(Struct, frozen=True, kw_only=True):
    """A part of a content with its own values, such as a procedure.

    Attributes:
        name: qualified name, with ``.`` for nesting; later blocks of the same name get ``#2``, ``#3``.
        line: its first line, 1-based.
        end_line: its last line.
        kind: kind of the block; a ``class`` has values and is not judged.
        numbers: values by metric: built-in metrics of functions, and the extension's own.
        body: a value that is equal for blocks which differ only in names, comments and layout; ``None`` uses
            the text of the lines.
    """

    name: str
    line: int
    end_line: int
    kind: BlockKind = "function"
    numbers: Mapping[str, Number] = {}
    body: str | None = None


class ParsedFile(Struct, frozen=True, kw_only=True):
    """The result of a language for a content.

    Attributes:
        blocks: in any order.
        numbers: values of the file by metric: built-in metrics of files, and the extension's own.
        comments: comments up to the end of the line, by line, each with its start; ``None`` accepts
            everything that looks like a comment, even in a string.
    """

    blocks: Sequence[ParsedBlock] = ()
    numbers: Mapping[str, Number] = {}
    comments: Mapping[int, str] | None = None


class ParseError(Exception):
    """Raised by a language for an invalid content, which its author must fix."""

    def __init__(self, message: str, line: int | None = None) -> None:
        """Take the error, and its line, 1-based."""
        super().__init__(message)
        self.line = line


class Language(Struct, frozen=True, kw_only=True):
    """A language other than Python, whose files are measured if the settings name it.

    Attributes:
        name: lower-case words joined by underscores; settings and reports prefix the distribution's name.
        endings: suffixes of its files, such as ``.sql``.
        version: must change whenever a value or a body of any content changes.
        measure: returns the blocks and values of a content, or raises :class:`ParseError`.
        comment: start of a comment up to the end of the line, for suppressions; empty for a language without
            such comments.
    """

    name: str
    endings: tuple[str, ...]
    version: str
    measure: Callable[[bytes], ParsedFile]
    comment: str = ""
