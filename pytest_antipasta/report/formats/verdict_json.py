"""The JSON report of verdicts."""

from __future__ import annotations

from pytest_antipasta.model import Report
from pytest_antipasta.report.records import iter_verdicts


def write(report: Report) -> bytes:
    """Return the object of ``check``."""
    return b"".join(iter_verdicts(report))
