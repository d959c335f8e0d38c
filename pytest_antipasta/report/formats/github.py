"""GitHub's workflow commands, which show as annotations of a pull request's lines."""

from __future__ import annotations

import re

from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model import Report
from pytest_antipasta.report.findings import sort_findings
from pytest_antipasta.report.places import place_at_top


def write(report: Report) -> bytes:
    """Return a command a line, for the log of a step.

    Of each level a step shows ten: the violations are errors, the worst first, and what is not known, or is
    wrong with a comment, has ten of its own as warnings, or as notices where the file does not fail for it.
    """
    place, lines = place_at_top(report.facts), []
    numbers = sort_findings(one for one in report.findings if one.is_number and one.fails)
    for one in (*numbers, *(one for one in report.findings if not one.is_number)):
        level = "error" if one.is_number else "warning" if one.fails else "notice"
        path, line = place(one.path), one.line_in_file
        lines.append(_format_command(level, one.rule, path, line, one.message_in_file))
    if report.facts.stopped is not None:
        message = f"stopped early, so that files are missing: {report.facts.stopped}"
        lines.append(_format_command("warning", "incomplete", "", None, message))
    return "".join(f"{line}\n" for line in lines).encode()


def _format_command(level: str, title: str, path: str, line: int | None, message: str) -> str:
    properties = {"title": title, "file": show_name(path), "line": None if line is None else str(line)}
    shown = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {shown}::{_escape(message)}"


def _escape(text: str) -> str:
    """Return text as ``@actions/core`` writes it: what ends a command is written as in URLs.

    All else that a terminal would obey has escapes, as the log shows it.
    """
    text = "".join(part if part in "\r\n" else make_printable(part) for part in re.split("([\r\n])", text))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
