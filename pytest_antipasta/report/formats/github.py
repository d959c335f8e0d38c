"""GitHub's workflow commands, which show as annotations of a pull request's lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.formats.problems import iter_problems
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.ranking import BY_EXCESS, sort_violations
from pytest_antipasta.report.wording import find_file_line, format_named


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return a command a line, for the log of a step.

    Of each level a step shows ten: the violations are errors, the worst first, and what is not known, or is
    wrong with a comment, has ten of its own as warnings, or as notices where the file does not fail for it.
    """
    place = place_at_top(run)
    lines = [*_iter_violations(verdicts, place), *_iter_problems(verdicts, place)]
    if run["stopped"] is not None:
        message = f"stopped early, so that files are missing: {run['stopped']}"
        lines.append(_format_command("warning", "incomplete", "", None, message))
    return "".join(f"{line}\n" for line in lines).encode()


def _iter_violations(verdicts: Sequence[Verdict], place: Callable[[str], str]) -> Iterator[str]:
    for verdict, violation in sort_violations(verdicts, BY_EXCESS):
        path = place(verdict.path)
        line, where = find_file_line(verdict, violation.line)
        yield _format_command("error", violation.metric, path, line, f"{where}{format_named(violation)}")


def _iter_problems(verdicts: Sequence[Verdict], place: Callable[[str], str]) -> Iterator[str]:
    for verdict in verdicts:
        for problem in iter_problems(verdict):
            level = "warning" if problem.fails else "notice"
            line, text = problem.line_in_file, problem.text_in_file
            yield _format_command(level, problem.rule, place(verdict.path), line, text)


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
