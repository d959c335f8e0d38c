"""The built-in report formats, registered like those of extensions."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from pytest_antipasta.extension.contract import ReportFormat
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.formats import OUR_FORMATS


def antipasta_report_formats() -> list[ReportFormat]:
    """Return the built-in formats.

    This is the hook of extensions, called without pluggy, as most users have no extensions.
    """
    return [
        ReportFormat(
            name=form.name,
            write=partial(_write, form.writer),
            endings=form.endings,
            is_appended=form.is_appended,
            needs_all=form.needs_all,
            needs=form.needs,
        )
        for form in OUR_FORMATS
    ]


def _write(function: str, report: Report) -> bytes:
    """Write a report by a module that is imported only here, without importing files of the user."""
    module, _, name = function.rpartition(".")
    writer = import_module(f"pytest_antipasta.report.{module}")
    content: bytes = getattr(writer, name)(report)
    return content
