"""Writing the file of a report: whole or not at all, in parts, or behind what it has."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_antipasta.git import require_own_links
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import append_regular, begin_file, read_ends, read_regular, replace_in_parts


def write_report(path: Path, content: bytes, noun: str = "report") -> None:
    """Write the whole report, or leave what was there; see :func:`write_parts`."""
    write_parts(path, [content], noun)


def write_parts(path: Path, parts: Iterable[bytes], noun: str) -> None:
    """Write a whole file as its parts come, or leave what was there.

    Args:
        path: where it goes.
        parts: of its content.
        noun: what messages call it.

    Raises:
        UsageError: the file can't be written.
    """
    with _reporting_errors(path, noun):
        if _is_special(path):
            with path.open("wb") as file:
                file.writelines(parts)
        else:
            # A link stays, and what it leads to is written.
            replace_in_parts(Path(os.path.realpath(path)), parts)


def append_report(path: Path, content: bytes) -> None:
    """Write a report behind those that a file has, without the line of columns that it begins with.

    Of several runs at once each has its row there, behind one line of columns.

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
                f"can't write the report {path}: the file has different columns; name another file"
            )
        elif last != b"\n":  # a disk that was full has left half of a line, and maybe of a cell in quotes
            half = read_regular(path).rpartition(b"\n")[2]
            rows = b'"\n'[half.count(b'"') % 2 == 0 :] + rows
        append_regular(path, rows)


def _is_special(path: Path) -> bool:
    """Whether it is a device or a pipe, of which nothing can be replaced."""
    return path.exists() and not path.is_file()


@contextmanager
def _reporting_errors(path: Path, noun: str) -> Iterator[None]:
    """Make the folder of a file to write, and say what is wrong with it, or with writing in the block.

    Raises:
        UsageError: something is.
    """
    try:
        require_own_links(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except FileExistsError as error:  # of mkdir, which means that a folder of the path is none
        raise UsageError(f"can't write the {noun} {path}: {path.parent} is not a folder") from error
    except OSError as error:
        raise UsageError(f"can't write the {noun} {path}: {error.strerror}") from error
