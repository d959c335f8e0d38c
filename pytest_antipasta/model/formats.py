"""The registry of built-in report formats: all facts about each format except how its content is made.

Options, help, suffixes and the names that extensions can't use are made from it. ``CONTRIBUTING.md`` has the
recipe for a new format.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

TEXT, CONCISE, AGENT = "text", "concise", "agent"
TEXTS = (TEXT, CONCISE, AGENT)
"""Formats for people, editors and coding agents, which can be ranked; they are no reports."""
Need: TypeAlias = Literal["plans", "proposals", "edits", "commit"]
"""What a format may show besides: what ``complexipy --fix`` would change, proven plans for the worst
functions, how often these were edited, and the checked-out commit."""


class BuiltInFormat(Struct, frozen=True):
    """The facts about a report format.

    Attributes:
        name: name in options.
        writer: the function that writes it, by its place in ``report``.
        endings: suffixes that belong to no other format: many formats are XML, and several are JSON.
        needs: parts of a report that are made only for formats that show them.
        needs_all: whether it includes files without findings.
        is_appended: whether a content is appended to its file.
    """

    name: str
    writer: str
    endings: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    needs_all: bool = True
    is_appended: bool = False


OUR_FORMATS = (
    BuiltInFormat("json", "records.write_verdicts", (".json",), needs=("plans",)),
    BuiltInFormat("sarif", "formats.sarif.write", (".sarif", ".sarif.json"), needs_all=False),
    BuiltInFormat("sarif-all", "formats.sarif.write_all"),
    BuiltInFormat("gitlab", "formats.gitlab.write", needs_all=False),
    BuiltInFormat("github", "formats.github.write", needs_all=False),
    BuiltInFormat("rdjson", "formats.rdjson.write", needs_all=False),
    BuiltInFormat("junit", "formats.junit_xml.write"),
    BuiltInFormat("junit-blocks", "formats.junit_xml.write_blocks"),
    BuiltInFormat("markdown", "formats.markdown.write", (".md",), needs=("proposals",)),
    BuiltInFormat(
        "html", "formats.html_page.assembly.write", (".html",), needs=("proposals", "edits", "commit")
    ),
    BuiltInFormat("csv", "formats.verdict_csv.write", (".csv",)),
    BuiltInFormat("prometheus", "formats.run_figures.write_prometheus", (".prom",)),
    BuiltInFormat("run-csv", "formats.run_figures.write_csv", is_appended=True),
    BuiltInFormat("shard", "formats.shard.write", (".shard",), needs=("plans",)),
)
"""The built-in formats in the order of lists."""
OUR_NAMES = tuple(form.name for form in OUR_FORMATS)
_ENDINGS = tuple(ending for form in OUR_FORMATS for ending in form.endings)
# The table of `measure`, and suffixes that do not tell which format is meant.
RESERVED = frozenset((*TEXTS, *OUR_NAMES, *_ENDINGS, "table", ".txt", ".xml"))
"""Names and suffixes that formats of extensions can't use."""
