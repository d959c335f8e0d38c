"""Reviewdog's diagnostics (``rdjson``), which it posts as comments on a pull request."""

from __future__ import annotations

from typing import Any

from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.report.paths import show_from_top
from pytest_antipasta.report.records import encode
from pytest_antipasta.report.waivers import describe_in_file, find_waivers

_NAME = "pytest-antipasta"
_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def write(report: Report) -> bytes:
    """Return a diagnostic for each violation, warning, error and new waiver; tolerated values are left out.

    A diagnostic has all lines of its function, as reviewdog reports those with a line in the diff.
    """
    show_path = show_from_top(report.facts)
    diagnostics = [
        _describe(finding, show_path(finding.path))
        for finding in (*report.findings, *find_waivers(report.waivers))
        if finding.status != "tolerated"
    ]
    return encode({"source": {"name": _NAME}, "diagnostics": diagnostics})


def _describe(finding: Finding, path: str) -> dict[str, Any]:
    return {
        "message": describe_in_file(finding),
        "location": _locate(path, finding.line_in_file, finding.end_line_in_file),
        "severity": _SEVERITIES[finding.level],
        "code": {"value": finding.rule},
    }


def _locate(path: str, line: int | None, end: int | None = None) -> dict[str, Any]:
    if line is None:
        return {"path": path}
    lines = {"start": {"line": line}}
    if end is not None:
        lines["end"] = {"line": end}
    return {"path": path, "range": lines}
