"""Open and close a log; our logger does not change for other handlers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from pytest_antipasta.logs.file import LogFile
from pytest_antipasta.logs.lines import JsonLines, TextLines
from pytest_antipasta.logs.notes import LOGGER

_LINES = {"text": TextLines, "json": JsonLines}


class Log:
    """An open log."""

    def __init__(self, path: Path, level: str, form: str, check: Callable[[Path], None]) -> None:
        """Start logging to a file.

        Args:
            path: path of the file; an existing file is appended to.
            level: minimum level.
            form: format of the lines.
            check: raises ``OSError`` or ``UsageError`` for a path that must not be written to.
        """
        self._file = LogFile(path, check)
        self._file.name = LOGGER
        self._file.setLevel(level.upper())
        self._file.setFormatter(_LINES[form]())
        logging.getLogger(LOGGER).addHandler(self._file)

    @property
    def trouble(self) -> str:
        """Why log lines are missing; empty if none are."""
        return self._file.trouble

    def close(self) -> None:
        """Stop logging."""
        logging.getLogger(LOGGER).removeHandler(self._file)
        self._file.close()
