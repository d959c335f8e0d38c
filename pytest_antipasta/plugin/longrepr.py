"""The failure text (``longrepr``) of a source file's report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.files.locations import path_from
from pytest_antipasta.messages import make_printable_path
from pytest_antipasta.model.judged import Verdict


class FailureText:
    """The text of a failed item, made when needed.

    pytest accepts any object with ``toterminal`` as a report's ``longrepr``, and uses the message of its
    ``reprcrash`` in the one-line summary and in JUnit.
    """

    def __init__(self, outcome: Outcome, location: str, config: pytest.Config) -> None:
        """Show a failing outcome in the style of ``--tb``, with the traceback of an internal error.

        The path is relative to the folder in which pytest was started, as those of pytest are.
        """
        self._folder, self._location = config.invocation_params.dir, location
        self._verdict = outcome.verdict
        self._path = make_printable_path(path_from(self._folder, location))
        self._traceback = outcome.traceback.rstrip()
        self._style = config.getoption("tbstyle", "auto")
        self.reprcrash = CrashPlace(replace(outcome.verdict, path=self._path))

    def __str__(self) -> str:
        return "\n".join(self._iter_lines())

    def toterminal(self, writer: Any) -> None:
        """Write all lines to pytest's terminal writer."""
        if self._style == "line":
            return  # pytest adds the line itself; since 9 it also requests the text
        from pytest_antipasta.report.terminal import Paint, has_links

        paint = Paint(writer.hasmarkup, writer.hasmarkup and has_links(sys.stdout))
        for line in self._iter_lines(paint=paint, width=writer.fullwidth):
            writer.line(line)

    def _iter_lines(self, **looks: Any) -> Iterator[str]:
        from pytest_antipasta.report.failure import format_failures
        from pytest_antipasta.report.rows import Look

        # Terminals and editors link a path with its line, and not the title that pytest writes above.
        yield from format_failures([self._verdict], Look(show_path=self._show_path, **looks), is_flat=True)
        yield from self._traceback.splitlines()

    def _show_path(self, path: str) -> str:
        """Return the path of the file, or the old path of its code, from the folder of pytest."""
        location, own = Path(self._location).as_posix(), self._verdict.path
        if path == own:
            return self._path
        root = location.removesuffix(f"/{own}")
        return path if root == location else path_from(self._folder, os.path.join(root, path))


class CrashPlace:
    """The place and the message of a failure."""

    def __init__(self, verdict: Verdict) -> None:
        """Point to the worst violation or the error of a verdict, as the message does."""
        cell, line = _find_place(verdict)
        self.path, self.lineno = verdict.path + (f":cell {cell}" if cell is not None else ""), line or 1
        self._verdict = verdict

    @property
    def message(self) -> str:
        """The failure in one line, without the path."""
        from pytest_antipasta.report.failure import format_headline

        return format_headline(self._verdict)

    def __str__(self) -> str:
        """Return the text for ``--tb=line``."""
        return f"{self.path}:{self.lineno}: {self.message}"


def find_file_line(verdict: Verdict) -> int | None:
    """Return the line of the worst failure; ``None`` for a whole file, no failure, and in a notebook."""
    cell, line = _find_place(verdict)
    return line if cell is None else None


def _find_place(verdict: Verdict) -> tuple[int | None, int | None]:
    """Return the line of the worst failure with its cell, counted within the cell."""
    if (error := verdict.error) is not None:
        return error.cell, error.line
    if verdict.violations:
        from pytest_antipasta.report.failure import find_worst

        return verdict.measurement.locate(find_worst(verdict).line)
    failing = (suppression.line for suppression in verdict.suppressions if suppression.fails)
    return verdict.measurement.locate(next(failing, None))
