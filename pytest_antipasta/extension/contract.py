"""What an extension may give, and the hooks in which it gives it.

An extension is an installed distribution with an entry point in the group ``pytest_antipasta.v1`` that names
a module, or an object, with functions marked by :data:`hookimpl`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

import pluggy
from msgspec import Struct

from pytest_antipasta.model import Block, Number, Verdict

PROJECT = "antipasta"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of an extension that answers one of the hooks below."""
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
        measure: gives the numbers of a source.
        more_is_better: whether a limit is the least that a number may be.
        limit: that holds where settings say nothing; ``None`` for none.
        unit: what is counted, in a word; empty where the name says it.
        explain: gives lines that say where the number of a source, or of one of its functions, comes from.
    """

    name: str
    scope: Literal["block", "file"]
    version: str
    measure: Callable[[ParsedSource], Numbers]
    more_is_better: bool = False
    limit: Number | None = None
    unit: str = ""
    explain: Callable[[ParsedSource, str | None], Iterable[str]] | None = None


_NAMES = "text table json sarif gitlab github junit markdown html csv prometheus"
_ENDINGS = ".json .sarif .sarif.json .xml .md .html .csv .prom .txt"
RESERVED = frozenset((*_NAMES.split(), *_ENDINGS.split()))
"""Names and endings of formats that are ours."""


class ReportFormat(Struct, frozen=True, kw_only=True):
    """A format of reports.

    Attributes:
        name: by which it is asked for.
        write: takes all verdicts in the order of their paths, and what JSON has as ``run``: what may differ
            between two runs over the same tree, with the limits, the root, git's top and the change; returns
            the file's content.
        endings: of files that are named after it, such as ``.json``.
    """

    name: str
    write: Callable[[Sequence[Verdict], Mapping[str, object]], bytes]
    endings: tuple[str, ...] = ()


class Hooks:
    """What extensions are asked for; an extension answers as many of them as it likes."""

    @hookspec
    def antipasta_metrics(self) -> Iterable[Metric]:
        """Return metrics."""
        raise NotImplementedError

    @hookspec
    def antipasta_report_formats(self) -> Iterable[ReportFormat]:
        """Return formats of reports."""
        raise NotImplementedError
