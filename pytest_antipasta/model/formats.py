"""Report formats, and the registry of the built-in ones.

Options, help, suffixes and the names that extensions can't use are made from it. ``CONTRIBUTING.md`` has the
recipe for a new format.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model.finding import Report

TEXT, CONCISE, AGENT = "text", "concise", "agent"
TEXTS = (TEXT, CONCISE, AGENT)
"""Formats for people, editors and coding agents, which can be ranked; they are no reports."""
Need: TypeAlias = Literal["plans", "proposals", "edits", "commit"]
"""What a format may show besides: what ``complexipy --fix`` would change, proven plans for the worst
functions, how often these were edited, and the checked-out commit."""


class ReportFormat(Struct, frozen=True, kw_only=True):
    """A report format.

    Attributes:
        name: name in options.
        write: takes the content of a report, with findings sorted by path and facts about the run; returns
            the file's content.
        endings: suffixes that select this format, such as ``.json``.
        is_appended: whether a content is appended to its file; the first line, which names columns, is
            written once.
        needs_all: whether it includes files without findings.
        needs: parts of a report that are made only for formats that show them.
    """

    name: str
    write: Callable[[Report], bytes]
    endings: tuple[str, ...] = ()
    is_appended: bool = False
    needs_all: bool = True
    needs: tuple[Need, ...] = ("plans",)


def _write(function: str, report: Report) -> bytes:
    """Write a report by the function at a place in ``report``, whose module is imported only now."""
    module, _, name = function.rpartition(".")
    content: bytes = getattr(import_module(f"pytest_antipasta.report.{module}"), name)(report)
    return content


def _declare(name: str, writer: str, endings: tuple[str, ...] = (), **facts: Any) -> ReportFormat:
    """Return a format of ours; its suffixes belong to no other: many are XML, and several are JSON."""
    return ReportFormat(name=name, write=partial(_write, writer), endings=endings, **{"needs": (), **facts})


OUR_FORMATS = (
    _declare("json", "records.write_verdicts", (".json",), needs=("plans",)),
    _declare("sarif", "formats.sarif.write", (".sarif", ".sarif.json"), needs_all=False),
    _declare("sarif-all", "formats.sarif.write_all"),
    _declare("gitlab", "formats.gitlab.write", needs_all=False),
    _declare("github", "formats.github.write", needs_all=False),
    _declare("rdjson", "formats.rdjson.write", needs_all=False),
    _declare("junit", "formats.junit_xml.write"),
    _declare("junit-blocks", "formats.junit_xml.write_blocks"),
    _declare("markdown", "formats.markdown.write", (".md",), needs=("proposals",)),
    _declare("html", "formats.html_page.assembly.write", (".html",), needs=("proposals", "edits", "commit")),
    _declare("csv", "formats.verdict_csv.write", (".csv",)),
    _declare("prometheus", "formats.run_figures.write_prometheus", (".prom",)),
    _declare("run-csv", "formats.run_figures.write_csv", is_appended=True),
    _declare("shard", "formats.shard.write", (".shard",), needs=("plans",)),
)
"""The built-in formats in the order of lists."""
OUR_NAMES = tuple(form.name for form in OUR_FORMATS)
_ENDINGS = tuple(ending for form in OUR_FORMATS for ending in form.endings)
# The table of `measure`, and suffixes that do not tell which format is meant.
RESERVED = frozenset((*TEXTS, *OUR_NAMES, *_ENDINGS, "table", ".txt", ".xml"))
"""Names and suffixes that formats of extensions can't use."""


def antipasta_report_formats() -> list[ReportFormat]:
    """Return the built-in formats.

    This is the hook of extensions, called without pluggy, as most users have no extensions.
    """
    return [*OUR_FORMATS]
