"""Opening and closing a log; to whatever else listens, our logger stays what it was."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from pytest_antipasta.logs.file import LogFile
from pytest_antipasta.logs.lines import JsonLines, TextLines
from pytest_antipasta.logs.notes import LOGGER

_LINES = {"text": TextLines, "json": JsonLines}


class Log:
    """A log that is open."""

    def __init__(self, path: Path, level: str, form: str, check: Callable[[Path], None]) -> None:
        """Write notes to a file from now on.

        Args:
            path: of the file; one that is there is added to.
            level: the least that matters.
            form: of the lines.
            check: raises ``OSError`` for a path that is not to be written to.
        """
        self._file = LogFile(path, check)
        self._file.name = LOGGER
        self._file.setLevel(level.upper())
        self._file.setFormatter(_LINES[form]())
        logging.getLogger(LOGGER).addHandler(self._file)

    @property
    def trouble(self) -> str:
        """Why notes are missing; empty where none are."""
        return self._file.trouble

    def close(self) -> None:
        """Write no more."""
        logging.getLogger(LOGGER).removeHandler(self._file)
        self._file.close()
