"""What can still be had of a source that takes too much: its size, its lines and its cognitive complexity."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import IO

from msgspec.structs import replace

from pytest_antipasta.engine.sources import Source
from pytest_antipasta.model import FileError, FileMetrics, Measurement

_CHUNK = 1_000_000
# Going over them takes four seconds.
_MOST_CHARACTERS = 1_000_000_000
# complexipy and its process have at least so many in memory for each byte of a source.
_BYTES_EACH = 4


def is_given_up(error: FileError | None) -> bool:
    """Whether a source takes more than it may, so that there may be numbers that take less."""
    return error is not None and error.kind in ("too_large", "timeout", "memory", "out_of_memory")


def measure_partially(
    source: Source, error: FileError, megabytes: float, find_cognitive: Callable[[bytes], int | None]
) -> Measurement:
    """Return what can be had of a source that was given up, besides its error.

    Args:
        source: to be read again.
        error: why it was given up.
        megabytes: of memory that complexipy may take.
        find_cognitive: returns complexipy's points of a content, if it manages.
    """
    try:
        with source.open() as stream:
            size = stream.seek(0, os.SEEK_END)
            lines = _count_lines(stream)
            stream.seek(0)
            data = stream.read(size) if size * _BYTES_EACH <= megabytes * 1e6 else None
    except OSError:
        return Measurement(FileMetrics(), (), error)
    points = find_cognitive(data) if data is not None else None
    metrics = FileMetrics(lines_of_code=lines, total_cognitive_complexity=points)
    return Measurement(metrics, (), replace(error, size=size))


def _count_lines(stream: IO[bytes]) -> int | None:
    """Return as many lines as radon would, a part at a time; ``None`` for what is no text, or very long."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, "utf-8", "replace")
    lines, last = 0, "\n"
    for _ in range(0, _MOST_CHARACTERS, _CHUNK):
        chunk = text.read(_CHUNK)
        if not chunk:
            text.detach()
            return lines + (last.splitlines() != [""])
        if "\0" in chunk:
            break
        lines += len(f"{chunk}.".splitlines()) - 1
        last = chunk[-1]
    text.detach()
    return None
