"""Diagnostics of a buffer, at the names of their functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.editor.buffers import JudgedBuffer
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.finding import Finding
from pytest_antipasta.model.measured import find_number
from pytest_antipasta.report.contents import find_name
from pytest_antipasta.report.findings import find_findings, find_unused
from pytest_antipasta.report.wording import format_number

MarkLevel: TypeAlias = Literal["error", "warning", "information"]


class Mark(Struct, frozen=True):
    """A diagnostic for a range in one line.

    Attributes:
        line: line, 0-based.
        start: index of the first character.
        end: index after the last character.
        level: severity.
        code: the metric, or the kind of problem.
        message: the message.
    """

    line: int
    start: int
    end: int
    level: MarkLevel
    code: str
    message: str


def find_marks(judged: JudgedBuffer) -> Iterator[Mark]:
    """Yield failures, warnings and problems; tolerated values are left out."""
    for finding in (*find_findings(judged.verdict), *find_unused([judged.verdict])):
        if finding.status in ("failing", "warning"):
            yield _make_mark(judged, finding)


def _make_mark(judged: JudgedBuffer, finding: Finding) -> Mark:
    line = min(max(finding.line or 1, 1), len(judged.lines)) - 1
    text = judged.lines[line]
    found = find_name(text, finding.name) if finding.name else None
    start, end = found or (len(text) - len(text.lstrip()), len(text))
    lines = (finding.message + _format_committed(judged, finding), *finding.notes)
    message = "\n".join(map(make_printable, lines))
    return Mark(line, start, end, _choose_level(finding), finding.rule, message)


def _choose_level(finding: Finding) -> MarkLevel:
    if finding.status != "failing":
        return "information"
    return "error" if finding.rule == "not_measured" else "warning"


def _format_committed(judged: JudgedBuffer, finding: Finding) -> str:
    """Return the value in HEAD, if different."""
    before = judged.committed.blocks.get(finding.block or "")
    if before is None or not finding.is_number:
        return ""
    value = find_number(before, finding.rule)
    return f" (HEAD has {format_number(value)})" if value is not None and value != finding.value else ""
