"""The built-in report formats, registered like those of extensions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module

from pytest_antipasta.extension.contract import Need, ReportFormat
from pytest_antipasta.model.finding import Report

# Each format's name, the function that writes it, and suffixes that belong to no other format: many formats
# are XML, and several are JSON.
FORMATS = (
    ("json", "records.write_verdicts", (".json",)),
    ("sarif", "formats.sarif.write", (".sarif", ".sarif.json")),
    ("sarif-all", "formats.sarif.write_all", ()),
    ("gitlab", "formats.gitlab.write", ()),
    ("github", "formats.github.write", ()),
    ("rdjson", "formats.rdjson.write", ()),
    ("junit", "formats.junit_xml.write", ()),
    ("junit-blocks", "formats.junit_xml.write_blocks", ()),
    ("markdown", "formats.markdown.write", (".md",)),
    ("html", "formats.html_page.assembly.write", (".html",)),
    ("csv", "formats.verdict_csv.write", (".csv",)),
    ("prometheus", "formats.run_figures.write_prometheus", (".prom",)),
    ("run-csv", "formats.run_figures.write_csv", ()),
    ("shard", "formats.shard.write", (".shard",)),
)
# These formats contain only findings, so files without findings can be omitted.
_OF_FINDINGS = ("sarif", "gitlab", "github", "rdjson")
# Reports in these formats are appended to an existing file.
_APPENDED = ("run-csv",)
_NEEDS: Mapping[str, tuple[Need, ...]] = {
    "json": ("plans",),
    "markdown": ("proposals",),
    "html": ("proposals", "commit"),
    "shard": ("plans",),
}


def antipasta_report_formats() -> list[ReportFormat]:
    """Return the built-in formats; all names and suffixes are in ``extension.contract.RESERVED``.

    This is the hook of extensions, called without pluggy, as most users have no extensions.
    """
    return [
        ReportFormat(
            name=name,
            endings=endings,
            write=partial(_write, function),
            is_appended=name in _APPENDED,
            needs_all=name not in _OF_FINDINGS,
            needs=_NEEDS.get(name, ()),
        )
        for name, function, endings in FORMATS
    ]


def _write(function: str, report: Report) -> bytes:
    """Write a report by a module that is imported only here, without importing files of the user."""
    module, _, name = function.rpartition(".")
    writer = import_module(f"pytest_antipasta.report.{module}")
    content: bytes = getattr(writer, name)(report)
    return content
