"""The user's choices for a log: from options or the environment, never from a repository's settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.logs.notes import LOGGER
from pytest_antipasta.model.errors import UsageError

if TYPE_CHECKING:
    from pytest_antipasta.logs.file import LogFile

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
_VARIABLE = "PYTEST_ANTIPASTA_LOG_"


def begin_log(
    folder: Path,
    check: Callable[[Path], None],
    option: str,
    file: str | None,
    level: str | None,
    form: str | None,
) -> LogFile | None:
    """Start logging to a file, if an option or the environment requests it.

    Args:
        folder: folder for relative paths.
        check: raises ``OSError`` or ``UsageError`` for a path that must not be written to.
        option: option for the file.
        file: path from the option, if given.
        level: minimum level from the option, if given.
        form: format of the lines from the option, if given.

    Returns:
        The log, which must be closed; ``None`` if not requested.

    Raises:
        UsageError: the environment is invalid, level or format are given without a file, or ``check``
            raises one.
    """
    file = file or os.environ.get(f"{_VARIABLE}FILE")
    if not file:
        if level or form:
            raise UsageError(f"log level and log format need a log file: use {option} or {_VARIABLE}FILE")
        return None
    level = level or _read_choice("LEVEL", LEVELS) or "info"
    form = form or _read_choice("FORMAT", FORMATS) or "text"
    import logging

    from pytest_antipasta.logs.file import LogFile
    from pytest_antipasta.logs.lines import JsonLines, TextLines

    log = LogFile(folder / file, check)
    log.name = LOGGER
    log.setLevel(level.upper())
    log.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.getLogger(LOGGER).addHandler(log)  # the logger's level stays, for other handlers
    return log


def _read_choice(name: str, choices: tuple[str, ...]) -> str | None:
    value = os.environ.get(f"{_VARIABLE}{name}", "").lower()
    if value and value not in choices:
        raise UsageError(f"{_VARIABLE}{name}: expected one of {', '.join(choices)}, got {value}")
    return value or None
