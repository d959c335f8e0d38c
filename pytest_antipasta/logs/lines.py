"""Format log records as lines of text or JSON, with control characters escaped."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from msgspec.json import encode

from pytest_antipasta.logs.notes import NAMELESS, name_run
from pytest_antipasta.messages import escape_in_json, make_printable, show_name


class TextLines(logging.Formatter):
    """Formats a log record for people, with an indented traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a log record."""
        said = _describe(record)
        who = f"{said['run']} {said['process']} {said['worker']}"
        path = f"{show_name(name)}: " if (name := said.get("path")) else ""
        line = f"{said['time']} {said['level']:7} {who} {said['kind']}: {path}{said['message']}"
        return "\n    ".join((make_printable(line), *said.get("traceback", "").splitlines()))


class JsonLines(logging.Formatter):
    """Formats a log record as a JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a log record."""
        return escape_in_json(encode(_describe(record)).decode())


def _describe(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields of a log record; those of extensions lack some."""
    found = vars(record)
    said = {
        "time": _format_time(record.created),
        "level": record.levelname.lower(),
        "run": found.get("run") or name_run(),
        "process": record.process,
        "worker": found.get("worker", NAMELESS),
        "kind": found.get("kind", record.name),
        "message": make_printable(record.getMessage()),
    }
    if path := found.get("path"):
        said["path"] = path.encode(errors="backslashreplace").decode()
    if record.exc_info and not record.exc_text:
        record.exc_text = logging.Formatter().formatException(record.exc_info)
    if record.exc_text:
        said["traceback"] = "\n".join(map(make_printable, record.exc_text.splitlines()))
    return said


def _format_time(seconds: float) -> str:
    time = datetime.fromtimestamp(seconds, UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"
