"""The failure text (``longrepr``) of a source file's report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pytest_antipasta.engine import Outcome
from pytest_antipasta.messages import count
from pytest_antipasta.model import Verdict


class FailureText:
    """The text of a failed item, made when needed.

    pytest accepts any object with ``toterminal`` as a report's ``longrepr``, and uses the message of its
    ``reprcrash`` in the one-line summary and in JUnit.
    """

    def __init__(self, outcomes: Sequence[Outcome], style: str, title: str) -> None:
        """Show the failing outcomes in the style of ``--tb``, with tracebacks of internal errors."""
        from pytest_antipasta.report import show_verdicts

        failed = [outcome for outcome in outcomes if outcome.verdict.failed]
        self._verdicts = show_verdicts([outcome.verdict for outcome in failed])
        self._tracebacks = [item.traceback.rstrip() for item in failed]
        self._style = style
        self._has_paths = [verdict.path for verdict in self._verdicts] != [title]
        self.reprcrash = CrashPlace(self._verdicts, names_file=len(outcomes) > 1)

    def __str__(self) -> str:
        """Return all lines."""
        return "\n".join(self._iter_lines())

    def toterminal(self, writer: Any) -> None:
        """Write all lines to pytest's terminal writer."""
        if self._style == "line":
            return  # pytest adds the line itself; since 9 it also requests the text
        from pytest_antipasta.report import Paint

        for line in self._iter_lines(Paint(writer.hasmarkup), writer.fullwidth):
            writer.line(line)

    def _iter_lines(self, *looks: Any) -> Iterator[str]:
        from pytest_antipasta.report import format_failures

        # pytest writes the title above, which is the path of an item's only file.
        yield from format_failures(self._verdicts, *looks, has_paths=self._has_paths)
        yield from (line for text in self._tracebacks for line in text.splitlines())


class CrashPlace:
    """The place and the message of a failure; with several files, those of the first."""

    def __init__(self, verdicts: Sequence[Verdict], *, names_file: bool) -> None:
        """Point to the first violation or the error of the first verdict; the message may name its file."""
        self.path, self.lineno = _find_address(verdicts[0])
        self._verdicts = verdicts
        self._names_file = names_file

    @property
    def message(self) -> str:
        """The failure in one line, without the path of an item's only file."""
        from pytest_antipasta.report import format_headline

        first, *others = self._verdicts
        headline = format_headline(first)
        if not self._names_file:
            return headline
        more = f", and {count(len(others), 'more file')}" if others else ""
        return f"{first.path}: {headline}{more}"

    def __str__(self) -> str:
        """Return the text for ``--tb=line``: one line for each file."""
        from pytest_antipasta.report import format_headline

        lines = ((*_find_address(verdict), format_headline(verdict)) for verdict in self._verdicts)
        return "\n".join(f"{path}:{line}: {headline}" for path, line, headline in lines)


def _find_address(verdict: Verdict) -> tuple[str, int]:
    """Return the place of a failure: the path, the cell in a notebook, and the line."""
    cell, line = _find_place(verdict)
    return verdict.path if cell is None else f"{verdict.path}:cell {cell}", line or 1


def find_file_line(verdict: Verdict) -> int | None:
    """Return the line of the first failure; ``None`` for a whole file, no failure, and in a notebook."""
    cell, line = _find_place(verdict)
    return line if cell is None else None


def _find_place(verdict: Verdict) -> tuple[int | None, int | None]:
    """Return the line of the first failure with its cell, counted within the cell."""
    measurement, line = verdict.measurement, _find_line(verdict)
    if measurement.error is not None:
        return measurement.error.cell, line
    return measurement.locate(line)


def _find_line(verdict: Verdict) -> int | None:
    if (error := verdict.error) is not None:
        return error.line
    if verdict.violations:
        return verdict.violations[0].line
    return next((suppression.line for suppression in verdict.suppressions if suppression.fails), None)
