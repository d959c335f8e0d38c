"""Our own report formats, which come as those of extensions do."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from pytest_antipasta.extension import ReportFormat
from pytest_antipasta.model import Report
from pytest_antipasta.runtime import trusted_first

# The name of each, its module here, and the endings that mean no other format: XML is of many, and a
# report for GitLab is JSON like others.
FORMATS = (
    ("json", "verdict_json", (".json",)),
    ("sarif", "sarif", (".sarif", ".sarif.json")),
    ("sarif-all", "sarif", ()),
    ("gitlab", "gitlab", ()),
    ("github", "github", ()),
    ("junit", "junit_xml", ()),
    ("junit-blocks", "junit_xml", ()),
    ("markdown", "markdown", (".md",)),
    ("html", "html_page", (".html",)),
    ("csv", "verdict_csv", (".csv",)),
    ("prometheus", "run_figures", (".prom",)),
    ("run-csv", "run_figures", ()),
)
# What they write depends on findings alone, so that files without any need not be there.
_OF_FINDINGS = ("sarif", "gitlab", "github")
# Functions of modules that write two formats.
_VARIANTS = {
    "sarif-all": "write_all", "junit-blocks": "write_blocks",
    "prometheus": "write_prometheus", "run-csv": "write_csv",
}  # fmt: skip
# Of these a file has the rows of all that were written there.
_APPENDED = ("run-csv",)


def antipasta_report_formats() -> list[ReportFormat]:
    """Return our own formats; the names and endings of all are in ``extension.contract.RESERVED``.

    It is the hook of extensions, asked without pluggy, as most users have none.
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
    """Write a report by a module that is imported only now, and no file of the user's with it."""
    with trusted_first():
        writer = import_module(f"pytest_antipasta.report.formats.{module}")
    write = writer.write if name not in _VARIANTS else getattr(writer, _VARIANTS[name])
    content: bytes = write(report)
    return content
