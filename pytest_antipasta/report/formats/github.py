"""GitHub's workflow commands, which appear as annotations on lines of a pull request."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.paths import show_from_top
from pytest_antipasta.report.waivers import find_waivers
from pytest_antipasta.report.wording import format_number

# Maximum length of a function's name in a title.
_LONGEST_NAME = 100
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report) -> bytes:
    """Return one command for each line, for the log of a step.

    A step shows ten annotations of each level: first those about the whole, such as new waivers.
    """
    show_path, lines = show_from_top(report.facts), list[str]()
    if report.facts.stopped is not None:
        message = f"stopped early, so files are missing: {report.facts.stopped}"
        lines.append(_format_command("warning", "incomplete", message))
    ranked = sorted(sort_findings(report.findings), key=_rank)
    for item in (*find_waivers(report.waivers), *ranked):
        if item.status != "tolerated":
            command, title = _COMMANDS[item.level], _format_title(item)
            where = (show_path(item.path), item.line_in_file, item.end_line_in_file)
            lines.append(_format_command(command, title, item.message_in_file, *where))
    return "".join(f"{line}\n" for line in lines).encode()


def _rank(finding: Finding) -> tuple[int, int]:
    """Return the order of a finding: by level, then files without values, values, and comments."""
    kind = 0 if finding.rule == "not_measured" else 1 if finding.is_number else 2
    return ("error", "warning", "note").index(finding.level), kind


def _format_title(finding: Finding) -> str:
    """Return the problem and its block, which a list of annotations shows as title."""
    if finding.value is None or finding.limit is None:
        return "waiver added" if finding.rule == "waiver" else finding.rule
    metric = look_up_metric(finding.rule)
    value, limit = format_number(finding.value, finding.limit), format_number(finding.limit)
    numbers = (
        f"{value}/{limit}" if finding.comparison == "<=" else f"{value} must be {finding.comparison} {limit}"
    )
    name = finding.block or PurePosixPath(finding.path).name
    return f"{metric.fault or metric.title}: {name[:_LONGEST_NAME]} {numbers}"


def _format_command(
    level: str, title: str, message: str, path: str = "", line: int | None = None, end_line: int | None = None
) -> str:
    properties = {
        "title": title,
        "file": show_name(path),
        "line": line,
        "endLine": end_line,
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
