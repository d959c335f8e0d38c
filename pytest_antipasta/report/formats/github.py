"""GitHub's workflow commands, which appear as annotations on lines of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from pytest_antipasta.extension import find_metric
from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model import Finding, Report, Waiver
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.waivers import describe_waiver
from pytest_antipasta.report.wording import format_number

# Maximum length of a function's name in a title.
_LONGEST_NAME = 100


def write(report: Report) -> bytes:
    """Return one command for each line, for the log of a step.

    A step shows ten annotations of each level. Violations are errors, worst first. Files without values and
    invalid comments are warnings, or notices if the file does not fail because of them. Values over limits
    with the level ``warning`` follow as warnings, worst first.
    """
    place, findings = place_at_top(report.facts), report.findings
    numbers = sort_findings(one for one in findings if one.is_number and one.fails)
    warned = sort_findings(one for one in findings if one.is_warned)
    lines = [
        _format_command(_choose_level(one), _format_title(one), one.message_in_file, place(one.path), one)
        for one in (*numbers, *_find_problems(findings), *warned)
    ]
    lines += [_format_waiver(waiver, place(waiver.path)) for waiver in report.waivers.added]
    if report.facts.stopped is not None:
        message = f"stopped early, so files are missing: {report.facts.stopped}"
        lines.append(_format_command("warning", "incomplete", message))
    return "".join(f"{line}\n" for line in lines).encode()


def _find_problems(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if not one.is_number]


def _format_waiver(waiver: Waiver, path: str) -> str:
    level = "error" if waiver.fails else "notice"
    where = Finding(status="waiver", rule="waiver", path=waiver.path, line=waiver.line, message="")
    return _format_command(level, "waiver added", describe_waiver(waiver), path, where)


def _choose_level(one: Finding) -> str:
    if one.is_number:
        return "error" if one.fails else "warning"
    return "warning" if one.fails else "notice"


def _format_title(one: Finding) -> str:
    """Return the problem and its block, which a list of annotations shows as title."""
    if one.value is None or one.limit is None:
        return one.rule
    metric = find_metric(one.rule)
    value, limit = format_number(one.value, one.limit), format_number(one.limit)
    numbers = f"{value}/{limit}" if one.comparison == "<=" else f"{value} must be {one.comparison} {limit}"
    name = one.block or PurePosixPath(one.path).name
    return f"{metric.fault or metric.title}: {name[:_LONGEST_NAME]} {numbers}"


def _format_command(level: str, title: str, message: str, path: str = "", one: Finding | None = None) -> str:
    properties = {
        "title": title,
        "file": show_name(path),
        "line": one and one.line_in_file,
        "endLine": one and one.end_line_in_file,
    }
    shown = ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items() if value)
    return f"::{level} {shown}::{_escape(message)}"


def _escape(text: str) -> str:
    """Return text escaped as by ``@actions/core``: characters that end a command are percent-encoded.

    Other control characters are escaped too, as terminals show the log.
    """
    text = "".join(part if part in "\r\n" else make_printable(part) for part in re.split("([\r\n])", text))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
