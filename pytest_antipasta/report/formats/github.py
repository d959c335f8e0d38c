"""GitHub's workflow commands, which appear as annotations on lines of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.model.waivers import Waiver
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.waivers import describe_waiver
from pytest_antipasta.report.wording import format_number

# Maximum length of a function's name in a title.
_LONGEST_NAME = 100
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report) -> bytes:
    """Return one command for each line, for the log of a step.

    A step shows ten annotations of each level. In each, problems come before values, as they hide some;
    values are sorted, worst first.
    """
    place = place_at_top(report.facts)
    lines = [
        _format_command(
            _COMMANDS[item.level], _format_title(item), item.message_in_file, place(item.path), item
        )
        for item in _sort(report.findings)
    ]
    lines += [_format_waiver(waiver, place(waiver.path)) for waiver in report.waivers.listed]
    if report.facts.stopped is not None:
        message = f"stopped early, so files are missing: {report.facts.stopped}"
        lines.append(_format_command("warning", "incomplete", message))
    return "".join(f"{line}\n" for line in lines).encode()


def _sort(findings: Iterable[Finding]) -> list[Finding]:
    """Return what is annotated: by level, then problems, and values from the worst."""
    shown = [finding for finding in findings if finding.status != "tolerated"]
    problems = [finding for finding in shown if not finding.is_number]
    numbers = sort_findings(finding for finding in shown if finding.is_number)
    return sorted((*problems, *numbers), key=lambda item: [*_COMMANDS].index(item.level))


def _format_waiver(waiver: Waiver, path: str) -> str:
    level = "error" if waiver.fails else "notice"
    where = Finding(status="waiver", rule="waiver", path=waiver.path, line=waiver.line, message="")
    return _format_command(level, "waiver added", describe_waiver(waiver), path, where)


def _format_title(finding: Finding) -> str:
    """Return the problem and its block, which a list of annotations shows as title."""
    if finding.value is None or finding.limit is None:
        return finding.rule
    metric = look_up_metric(finding.rule)
    value, limit = format_number(finding.value, finding.limit), format_number(finding.limit)
    numbers = (
        f"{value}/{limit}" if finding.comparison == "<=" else f"{value} must be {finding.comparison} {limit}"
    )
    name = finding.block or PurePosixPath(finding.path).name
    return f"{metric.fault or metric.title}: {name[:_LONGEST_NAME]} {numbers}"


def _format_command(
    level: str, title: str, message: str, path: str = "", finding: Finding | None = None
) -> str:
    properties = {
        "title": title,
        "file": show_name(path),
        "line": finding and finding.line_in_file,
        "endLine": finding and finding.end_line_in_file,
    }
    known = {name: _escape(str(value)) for name, value in properties.items() if value}
    shown = (f"{name}={text.replace(':', '%3A').replace(',', '%2C')}" for name, text in known.items())
    return f"::{level} {','.join(shown)}::{_escape(message)}"


def _escape(text: str) -> str:
    """Return text escaped as by ``@actions/core``: characters that end a command are percent-encoded.

    Other control characters are escaped too, as terminals show the log.
    """
    text = "".join(part if part in "\r\n" else make_printable(part) for part in re.split("([\r\n])", text))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
