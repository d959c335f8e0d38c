"""Notes of what a run does, for whoever listens: a log file, or the program that we are part of.

They go to the logger ``pytest_antipasta`` of the standard library. Where nobody has imported ``logging``,
nobody can listen: a note costs a look-up then, and imports nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_antipasta.logs.spans import note_traceback
from pytest_antipasta.runtime import describe_failure, format_failure

if TYPE_CHECKING:
    import logging

LOGGER = "pytest_antipasta"
DEBUG, INFO, WARNING, ERROR = 10, 20, 30, 40
"""The levels, as ``logging`` counts them: each file; what a run does and why; what is amiss; what fails."""
Kind: TypeAlias = Literal[
    "run", "settings", "store", "files", "workers", "file", "phases", "warning", "error"
]
"""What a note is about."""
NAMELESS = "main"
"""The name of the process that the user has started."""


@cache
def name_run() -> str:
    """Return what names the notes of this process, beside those of others in one file."""
    return os.urandom(4).hex()


def note(
    level: int,
    kind: Kind,
    message: str,
    *,
    path: str = "",
    worker: str = "",
    process: int = 0,
    traceback: str = "",
) -> None:
    """Note something.

    Args:
        level: how much it matters.
        kind: what it is about.
        message: a sentence.
        path: the file that it is about, as reports have it.
        worker: the process that has found it, by its name; empty for this one.
        process: likewise, by its number; 0 for this one.
        traceback: of a mistake of ours.
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


def note_failure(failure: BaseException, path: str = "") -> None:
    """Note a mistake of ours with its traceback."""
    traceback = format_failure(failure)
    note_traceback(traceback)
    note(ERROR, "error", describe_failure(failure), path=path, traceback=traceback)


def is_noted(level: int) -> bool:
    """Whether anybody listens to notes of a level; for those that take time to put into words."""
    return _find_handle(level) is not None


def note_all(level: int, notes: Iterable[tuple[Kind, str]]) -> None:
    """Note what is put into words only if anybody listens."""
    if is_noted(level):
        for kind, message in notes:
            note(level, kind, message)


def _find_handle(level: int) -> Callable[[logging.LogRecord], object] | None:
    """Return what takes notes of a level."""
    if "logging" not in sys.modules:
        return None
    logger = _find_logger()
    if not logger.handlers:  # Python would print warnings that nothing takes
        import logging

        logger.addHandler(logging.NullHandler())
    if logger.isEnabledFor(level):
        return logger.handle
    # Notes that the logger does not take come to our own file past it. If it had the file's level, so would
    # pytest's live log and whatever else listens to all loggers.
    for handler in logger.handlers:
        if level >= handler.level and handler.name == LOGGER:
            return handler.handle
    return None


@cache
def _find_logger() -> logging.Logger:
    """Return our logger; every file of a run asks for it, and ``logging`` takes a lock to find it."""
    import logging

    return logging.getLogger(LOGGER)
