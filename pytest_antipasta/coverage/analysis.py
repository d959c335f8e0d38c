"""Compute the statements and branches of each function from a source and its executed lines.

Statements come from coverage.py's own parser, which compiles the source without running it. A function's
lines are those of its body, without inner functions, as in ``functions`` of ``coverage json``. Older versions
of coverage.py find functions only in the bodies of statements. For them, a function in an ``else``,
``except``, ``finally`` or ``case`` belongs to the outer function.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from coverage.exceptions import CoverageException
from coverage.parser import PythonParser

from pytest_antipasta.model.coverage import Covered

Arc: TypeAlias = tuple[int, int]
# The nodes that can contain a function: most nodes are expressions, which can't.
_AROUND = (ast.stmt, ast.excepthandler, ast.match_case)


class Executed(NamedTuple):
    """The executed lines and branches of a file.

    Attributes:
        lines: executed lines.
        arcs: executed jumps from line to line; ``None`` if branches were not measured, or the branches are
            known.
        excluded: excluded lines, if the data contains them; ``None`` to find them by patterns.
        missing_branches: branches that were never taken, if the data contains them.
    """

    lines: frozenset[int]
    arcs: frozenset[Arc] | None = None
    excluded: frozenset[int] | None = None
    missing_branches: frozenset[Arc] | None = None


class LinePatterns(NamedTuple):
    """Regular expressions for excluded lines, and for lines whose branches need not all be taken."""

    exclude: str
    partial: str


class Analysis:
    """A source with its executed lines."""

    def __init__(self, data: bytes, executed: Executed, patterns: LinePatterns) -> None:
        """Parse a source.

        Raises:
            ValueError: the source can't be parsed.
        """
        text = _decode(data)
        self._executed = executed
        self._patterns = patterns
        self._parser = PythonParser(
            text=text, exclude=patterns.exclude if executed.excluded is None else None
        )
        try:
            self._parser.parse_source()
            self._tree = ast.parse(text)
        except (CoverageException, SyntaxError, RecursionError) as error:
            raise ValueError(str(error)) from error
        if executed.excluded is not None:
            self._parser.excluded = set(executed.excluded)

    @cached_property
    def _statements(self) -> set[int]:
        return self._parser.statements - self._parser.excluded

    @cached_property
    def _missing(self) -> set[int]:
        return self._statements - self._parser.translate_lines(self._executed.lines)

    @cached_property
    def is_stale(self) -> bool:
        """Return whether executed lines are not statements of the source, so that it has changed.

        Excluded lines, docstrings and statements removed by the compiler run only in some versions of Python,
        so every first line of a statement counts as one. A negative number is an exit, and says nothing: that
        of a module is -1 even if its first line is a comment.
        """
        parser = self._parser
        seen = self._executed.lines | {line for arc in self._executed.missing_branches or () for line in arc}
        named = parser.translate_lines(line for line in seen if line > 0)
        others = named - parser.raw_statements - parser.statements - parser.excluded
        return bool(others) and not others <= self._starts

    @property
    def _starts(self) -> set[int]:
        """Lines for which a compiler may generate instructions: first lines of statements and their parts."""
        return self._parser.translate_lines(
            line for node in ast.walk(self._tree) for line in (getattr(node, "lineno", 0),) if line
        )

    @cached_property
    def _exits(self) -> Mapping[int, int]:
        """Number of exits of each line with several exits."""
        return {line: number for line, number in self._parser.exit_counts().items() if number > 1}

    @cached_property
    def _missing_branches(self) -> set[Arc]:
        if self._executed.missing_branches is not None:
            return {arc for arc in self._executed.missing_branches if arc[0] in self._exits}
        possible = self._parser.arcs()
        taken = self._parser.translate_arcs(self._executed.arcs or ())
        no_branch = self._parser.lines_matching(self._patterns.partial)
        return {
            arc
            for arc in possible - taken
            if arc[0] in self._exits and arc[0] not in no_branch and arc[1] not in self._parser.excluded
        }

    def iter_functions(self) -> Iterator[tuple[int, Covered]]:
        """Yield the functions of the source, each by the line of its ``def``."""
        exits: Mapping[int, int] = {}
        missing_exits = Counter[int]()
        if self._executed.arcs is not None or self._executed.missing_branches is not None:
            exits, missing_exits = self._exits, Counter(line for line, _ in self._missing_branches)
        for line, lines in _find_regions(self._tree):
            yield (
                line,
                Covered(
                    statements=len(self._statements & lines),
                    missing=len(self._missing & lines),
                    branches=sum(exits[item] for item in lines & exits.keys()),
                    missing_branches=sum(missing_exits[item] for item in lines & missing_exits.keys()),
                ),
            )


def _decode(data: bytes) -> str:
    """Return a source as coverage.py reads it.

    Raises:
        ValueError: the encoding is unknown.
    """
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\f", b" ")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(lines).readline)
    except SyntaxError as error:
        raise ValueError(str(error)) from error
    text = lines.decode(encoding, "replace")
    return text if text.endswith("\n") else f"{text}\n"


def _find_regions(tree: ast.Module) -> list[tuple[int, set[int]]]:
    """Return the lines of each function, by the line of its ``def``."""
    found: list[tuple[int, set[int]]] = []
    pending: list[tuple[ast.AST, set[int]]] = [(tree, set())]
    while pending:
        node, around = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = set(range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1))
            around -= lines
            found.append((node.lineno, lines))
            around = lines
        pending += ((child, around) for child in ast.iter_child_nodes(node) if isinstance(child, _AROUND))
    return found
