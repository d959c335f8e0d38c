"""The failure text (``longrepr``) of a source file's report."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from pytest_antipasta.messages import show_name
from pytest_antipasta.model import Verdict


class FailureText:
    """What a failed item shows, put into words when it is needed.

    pytest takes any object with ``toterminal`` for a report's ``longrepr``, and the message of its
    ``reprcrash`` for the one-line summary and for JUnit's message.
    """

    def __init__(self, verdict: Verdict, style: str, traceback: str = "") -> None:
        """Show a verdict as ``--tb`` wants failures shown, and the traceback of a mistake of ours."""
        self._verdict = replace(verdict, path=show_name(verdict.path))
        self._style = style
        self._traceback = traceback
        self.reprcrash = CrashPlace(self._verdict)

    def __str__(self) -> str:
        """Return all lines."""
        from pytest_antipasta.report import format_failure

        return "\n".join(filter(None, (format_failure(self._verdict), self._traceback.rstrip())))

    def toterminal(self, writer: Any) -> None:
        """Write all lines to pytest's terminal writer."""
        if self._style == "line":
            return  # pytest adds the one line itself; from 9 on it asks for the text as well
        for line in str(self).splitlines():
            writer.line(line, red=not line.startswith(" "))


class CrashPlace:
    """Where a failure is, and what it is in one line."""

    def __init__(self, verdict: Verdict) -> None:
        """Point to the first violation or the error of a verdict."""
        self.path = verdict.path
        cell, line = _find_place(verdict)
        if cell is not None:
            self.path = f"{self.path}:cell {cell}"
        self.lineno = line or 1
        self._verdict = verdict

    @property
    def message(self) -> str:
        """The failure in one line, without the path."""
        from pytest_antipasta.report import format_headline

        return format_headline(self._verdict)

    def __str__(self) -> str:
        """Return what ``--tb=line`` shows."""
        return f"{self.path}:{self.lineno}: {self.message}"


def find_file_line(verdict: Verdict) -> int | None:
    """Return the line of what a file fails for first; ``None`` for all of it, nothing, and in a notebook."""
    cell, line = _find_place(verdict)
    return line if cell is None else None


def _find_place(verdict: Verdict) -> tuple[int | None, int | None]:
    """Return the same line with the cell that it is in, counted from its beginning."""
    measurement, line = verdict.measurement, _find_line(verdict)
    if measurement.error is not None:
        return measurement.error.cell, line
    return (verdict.find_cell(line) if line is not None else None) or (None, line)


def _find_line(verdict: Verdict) -> int | None:
    if (error := verdict.error) is not None:
        return error.line
    if verdict.violations:
        return verdict.violations[0].line
    return next((suppression.line for suppression in verdict.suppressions if suppression.fails), None)
