"""Log what a run does, for a log file or the embedding program.

Records go to the logger ``pytest_antipasta`` of the standard library. If ``logging`` was not imported,
nothing can receive them: a call is then a look-up, and imports nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_antipasta.logs.spans import record_traceback

if TYPE_CHECKING:
    import logging

LOGGER = "pytest_antipasta"
DEBUG, INFO, WARNING, ERROR = 10, 20, 30, 40
"""Levels with the values of ``logging``: each file; decisions and reasons; problems; failures."""
NoteKind: TypeAlias = Literal[
    "run", "settings", "store", "files", "workers", "file", "phases", "warning", "error"
]
"""The subject of a log entry."""
NAMELESS = "main"
"""The name of the main process."""


@cache
def name_run() -> str:
    """Return an id that distinguishes log records of this process in a shared file."""
    return os.urandom(4).hex()


def log_event(
    level: int,
    kind: NoteKind,
    message: str,
    *,
    path: str = "",
    worker: str = "",
    process: int = 0,
    traceback: str = "",
) -> None:
    """Log a message.

    Args:
        level: level of the standard library.
        kind: subject of the message.
        message: one sentence.
        path: the file, by its path in reports.
        worker: name of the process that found it; empty for this process.
        process: id of the process that found it; 0 for this process.
        traceback: traceback of an internal error.
    """
    handle = _find_handle(level)
    if handle is None:
        return
    import logging

    said = {"name": LOGGER, "levelno": level, "levelname": logging.getLevelName(level), "msg": message}
    own = {
        "kind": kind,
        "path": path,
        "worker": worker or NAMELESS,
        "run": name_run(),
        "exc_text": traceback or None,
    }
    record = logging.makeLogRecord(said | own)
    record.process = process or record.process
    handle(record)


def log_failure(failure: BaseException) -> None:
    """Log an internal error with its traceback."""
    from pytest_antipasta.runtime.failures import describe_failure, format_failure

    traceback = format_failure(failure)
    record_traceback(traceback)
    log_event(ERROR, "error", describe_failure(failure), traceback=traceback)


def is_logged(level: int) -> bool:
    """Return whether a level is logged; to avoid formatting expensive messages."""
    return _find_handle(level) is not None


def log_all(level: int, notes: Iterable[tuple[NoteKind, str]]) -> None:
    """Log messages that are formatted only if the level is logged."""
    if is_logged(level):
        for kind, message in notes:
            log_event(level, kind, message)


def _find_handle(level: int) -> Callable[[logging.LogRecord], object] | None:
    """Return the logger or handler that receives records of a level."""
    if "logging" not in sys.modules:
        return None
    logger = _find_logger()
    if not logger.handlers:  # Python would print unhandled warnings
        import logging

        logger.addHandler(logging.NullHandler())
    if logger.isEnabledFor(level):
        return logger.handle
    # Records below the logger's level go directly to our own file. If the logger had the file's level,
    # pytest's live log and other handlers would receive them too.
    for handler in logger.handlers:
        if level >= handler.level and handler.name == LOGGER:
            return handler.handle
    return None


@cache
def _find_logger() -> logging.Logger:
    """Return our logger, cached: every file of a run requests it, and ``logging`` locks for a look-up."""
    import logging

    return logging.getLogger(LOGGER)
