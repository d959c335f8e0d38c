"""Write the file of a report: as a whole or not at all, in parts, or appended."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_antipasta.git.links import require_own_links
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import (
    append_regular,
    begin_file,
    read_ends,
    read_regular,
    replace_file,
)


def write_parts(path: Path, parts: Iterable[bytes], noun: str = "report") -> None:
    """Write a whole file in parts, or leave the old file unchanged.

    Args:
        path: path to write.
        parts: parts of the content.
        noun: name of the file in messages.

    Raises:
        UsageError: the file can't be written.
    """
    with _reporting_errors(path, noun):
        if _is_special(path):
            with path.open("wb") as file:
                file.writelines(parts)
        else:
            # A link is kept, and its target is written.
            replace_file(Path(os.path.realpath(path)), parts)


def append_report(path: Path, content: bytes) -> None:
    """Append a report to those in a file, without its line of column names.

    Several runs at the same time each append a row, after one line of column names.

    Raises:
        UsageError: the file can't be written, or has other columns.
    """
    columns, newline, rows = content.partition(b"\n")
    with _reporting_errors(path, "report"):
        if _is_special(path):
            path.write_bytes(content)
            return
        if not path.exists():
            begin_file(Path(os.path.realpath(path)), columns + newline)
        first, last = read_ends(path)
        if not first:
            rows = content
        elif first.rstrip(b"\r\n") != columns:
            raise UsageError(
                f"can't write the report {format_path(path)}: "
                "the file has different columns; name another file"
            )
        elif last != b"\n":  # a full disk may have left a partial line, even within quotes
            half = read_regular(path).rpartition(b"\n")[2]
            rows = b'"\n'[half.count(b'"') % 2 == 0 :] + rows
        append_regular(path, rows)


def _is_special(path: Path) -> bool:
    """Return whether a path is a device or a pipe, which can't be replaced.

    Raises:
        IsADirectoryError: the path is a folder; opening it on Windows would raise ``PermissionError``.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return path.exists() and not path.is_file()


@contextmanager
def _reporting_errors(path: Path, noun: str) -> Iterator[None]:
    """Create the folder of a file to write, and report errors of that or of writing inside the block.

    Raises:
        UsageError: the folder or the file can't be written.
    """
    try:
        require_own_links(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except FileExistsError as error:  # from mkdir: a parent of the path is not a folder
        why = f"{format_path(path.parent)} is not a folder"
        raise UsageError(f"can't write the {noun} {format_path(path)}: {why}") from error
    except OSError as error:
        raise UsageError(f"can't write the {noun} {format_path(path)}: {error.strerror}") from error
