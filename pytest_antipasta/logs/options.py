"""What a user asks for: by options or by the environment, never by a repository's settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import is_source, trusted_first

if TYPE_CHECKING:
    from pytest_antipasta.logs.opening import Log

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
) -> Log | None:
    """Write notes to a file from now on, if an option or the environment asks for that.

    Args:
        folder: that a relative path begins at.
        check: raises ``OSError`` for a path that is not to be written to.
        option: that names the file.
        file: where to, if an option says so.
        level: the least that matters, likewise.
        form: of the lines, likewise.

    Returns:
        The log, to be closed; ``None`` where nobody asks for one.

    Raises:
        UsageError: the environment says what can't be, there is no file to which the others apply, or it is a
            source.
    """
    file = file or os.environ.get(f"{_VARIABLE}FILE")
    if not file:
        if level or form:
            raise UsageError(f"log level and log format need a log file: use {option} or {_VARIABLE}FILE")
        return None
    path = folder / file
    if is_source(path):
        raise UsageError(f"{option} {file}: is a source file; name another file, such as antipasta.log")
    level = level or _read_choice("LEVEL", LEVELS) or "info"
    form = form or _read_choice("FORMAT", FORMATS) or "text"
    # Here, because it brings logging with it.
    with trusted_first():
        from pytest_antipasta.logs.opening import Log

    return Log(path, level, form, check)


def _read_choice(name: str, choices: tuple[str, ...]) -> str | None:
    value = os.environ.get(f"{_VARIABLE}{name}", "").lower()
    if value and value not in choices:
        raise UsageError(f"{_VARIABLE}{name}: expected one of {', '.join(choices)}, got {value}")
    return value or None
