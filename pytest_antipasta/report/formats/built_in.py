"""The built-in report formats, registered like those of extensions."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from pytest_antipasta.extension import ReportFormat
from pytest_antipasta.model import Report
from pytest_antipasta.runtime import trusted_first

# Each format's name, module, and suffixes that belong to no other format: many formats are XML, and several
# are JSON.
FORMATS = (
    ("json", "verdict_json", (".json",)),
    ("sarif", "sarif", (".sarif", ".sarif.json")),
    ("sarif-all", "sarif", ()),
    ("gitlab", "gitlab", ()),
    ("github", "github", ()),
    ("junit", "junit_xml", ()),
    ("junit-blocks", "junit_xml", ()),
    ("markdown", "markdown", (".md",)),
    ("html", "html_page.assembly", (".html",)),
    ("csv", "verdict_csv", (".csv",)),
    ("prometheus", "run_figures", (".prom",)),
    ("run-csv", "run_figures", ()),
)
# These formats contain only findings, so files without findings can be omitted.
_OF_FINDINGS = ("sarif", "gitlab", "github")
# Functions of modules that write two formats.
_VARIANTS = {
    "sarif-all": "write_all", "junit-blocks": "write_blocks",
    "prometheus": "write_prometheus", "run-csv": "write_csv",
}  # fmt: skip
# Reports in these formats are appended to an existing file.
_APPENDED = ("run-csv",)


def antipasta_report_formats() -> list[ReportFormat]:
    """Return the built-in formats; all names and suffixes are in ``extension.contract.RESERVED``.

    This is the hook of extensions, called without pluggy, as most users have no extensions.
    """
    return [
        ReportFormat(
            name=name,
            endings=endings,
            write=partial(_write, name, module),
            is_appended=name in _APPENDED,
            needs_all=name not in _OF_FINDINGS,
        )
        for name, module, endings in FORMATS
    ]


def _write(name: str, module: str, report: Report) -> bytes:
    """Write a report by a module that is imported only here, without importing files of the user."""
    with trusted_first():
        writer = import_module(f"pytest_antipasta.report.formats.{module}")
    write = writer.write if name not in _VARIANTS else getattr(writer, _VARIANTS[name])
    content: bytes = write(report)
    return content
