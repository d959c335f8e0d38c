"""Our own report formats, which come as those of extensions do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_antipasta.extension import ReportFormat, hookimpl
from pytest_antipasta.model import Verdict


@hookimpl
def antipasta_report_formats() -> list[ReportFormat]:
    """Return our own formats; the names and endings of all are in ``extension.contract.RESERVED``."""
    return [ReportFormat(name="json", endings=(".json",), write=_write_json)]


def _write_json(verdicts: Sequence[Verdict], run: Mapping[str, object]) -> bytes:
    from pytest_antipasta.report.records import encode, make_verdicts

    return encode(make_verdicts(verdicts, run))
