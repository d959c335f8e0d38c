"""What an extension may give, in the hooks of :mod:`pytest_antipasta.extension.hooks`; ours is the same."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model import Block, BlockKind, Number, Report

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class ParsedSource:
    """A source, as metrics get it.

    Attributes:
        text: decoded.
        tree: its syntax tree, made for the metrics of one distribution.
        blocks: with all of our numbers, in the order of their lines.
    """

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        """Parse a source that was measured."""
        self.text = text
        self.tree = ast.parse(text)
        self.blocks = tuple(blocks)

    @cached_property
    def functions(self) -> Mapping[str, Definition]:
        """The functions, methods and closures, by qualified name."""
        nodes = {
            (node.lineno, node.name): node for node in ast.walk(self.tree) if isinstance(node, Definition)
        }
        found = ((block.qualified_name, nodes.get((block.line, block.name))) for block in self.blocks)
        return {name: node for name, node in found if node is not None}


Numbers: TypeAlias = "Number | Mapping[str, Number] | None"
"""The number of a file, ``None`` for none; for the scope ``block``, numbers by qualified name."""


class Metric(Struct, frozen=True, kw_only=True):
    """A metric that an extension adds.

    Attributes:
        name: lower-case words joined by underscores; reports and settings have the distribution's before it.
        scope: ``block`` for a number of each function, ``file`` for one of the file.
        version: has to change whenever the number of some source does.
        measure: gives the numbers of a Python source; ``None`` for a metric that only its languages have.
        more_is_better: whether a limit is the least that a number may be.
        limit: that holds where settings say nothing; ``None`` for none.
        unit: what is counted, in a word; empty where the name says it.
        explain: gives lines that say where the number of a source, or of one of its functions, comes from.
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
    """A part of a content that has numbers of its own, such as a procedure.

    Attributes:
        name: qualified, with ``.`` for every nesting; later ones of the same name get ``#2``, ``#3``.
        line: its first line, 1-based.
        end_line: its last line.
        kind: a ``class`` has numbers and is not judged.
        numbers: by metric: ours that functions have, and those of the extension's own metrics.
        body: equal for blocks that are the same but for their names, comments and layout; ``None`` for the
            text of the lines.
    """

    name: str
    line: int
    end_line: int
    kind: BlockKind = "function"
    numbers: Mapping[str, Number] = {}
    body: str | None = None


class ParsedFile(Struct, frozen=True, kw_only=True):
    """What a language makes of a content.

    Attributes:
        blocks: in any order.
        numbers: of the file, by metric: ours that files have, and those of the extension's own metrics.
        comments: those that go to the end of their lines, by line, each with what it begins with; ``None``
            to take whatever looks like one, in a string, too.
    """

    blocks: Sequence[ParsedBlock] = ()
    numbers: Mapping[str, Number] = {}
    comments: Mapping[int, str] | None = None


class ParseError(Exception):
    """Raised by a language: the content is wrong, and whoever wrote it has to fix it."""

    def __init__(self, message: str, line: int | None = None) -> None:
        """Say what is wrong, and in which line, 1-based."""
        super().__init__(message)
        self.line = line


class Language(Struct, frozen=True, kw_only=True):
    """A language other than Python, whose files are measured where the settings name it.

    Attributes:
        name: lower-case words joined by underscores; settings and reports have the distribution's before it.
        endings: of the names of its files, such as ``.sql``.
        version: has to change whenever a number or a body of some content does.
        measure: gives the blocks and numbers of a content, or raises :class:`ParseError`.
        comment: what a comment begins with that goes to the end of its line, for those that suppress; empty
            for a language that has none.
    """

    name: str
    endings: tuple[str, ...]
    version: str
    measure: Callable[[bytes], ParsedFile]
    comment: str = ""


_NAMES = (
    "text concise agent table json sarif sarif-all gitlab github junit junit-blocks markdown html csv "
    "prometheus run-csv"
)
_ENDINGS = ".json .sarif .sarif.json .xml .md .html .csv .prom .txt"
RESERVED = frozenset((*_NAMES.split(), *_ENDINGS.split()))
"""Names and endings of formats that are ours."""


class ReportFormat(Struct, frozen=True, kw_only=True):
    """A format of reports.

    Attributes:
        name: by which it is asked for.
        write: takes what there is to report, findings in the order of their paths and facts about the run
            among it; returns the file's content.
        endings: of files that are named after it, such as ``.json``.
        is_appended: whether a content goes behind what its file has; the first line, which names columns, is
            written once.
        needs_all: whether it writes something of files without findings, too.
    """

    name: str
    write: Callable[[Report], bytes]
    endings: tuple[str, ...] = ()
    is_appended: bool = False
    needs_all: bool = True
