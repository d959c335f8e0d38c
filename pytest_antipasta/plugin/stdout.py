"""Standard output for a report alone, while whatever else is printed goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import pytest

from pytest_antipasta.model import UsageError
from pytest_antipasta.report.formats import parse_path

_STDOUT, _STDERR = 1, 2
_KEPT = pytest.StashKey[int]()


def divert(config: pytest.Config, reports: Iterable[str]) -> None:
    """Keep standard output for a report that goes there, and lead all else that is printed to standard error.

    This has to be before pytest's capturing, which keeps what standard output is. That of a worker of xdist
    is nobody's.

    It is the descriptor that is led there: pytest's capturing, a test with ``-s`` and programs that it starts
    all write to that.

    Args:
        config: of the session that begins.
        reports: as they are asked for, ``FORMAT=PATH`` if they are right.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or all(map(_has_file, reports)):
        return
    if sys.stdout is not None:
        sys.stdout.flush()
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # closed by the parent process, which the report will be told
        return
    os.dup2(_STDERR, _STDOUT)
    config.stash[_KEPT] = kept
    config.add_cleanup(lambda: _restore(kept))


def _has_file(report: str) -> bool:
    return parse_path(report.partition("=")[2]) is not None


def _restore(kept: int) -> None:
    if sys.stdout is not None:
        sys.stdout.flush()
    os.dup2(kept, _STDOUT)
    os.close(kept)


def print_report(config: pytest.Config, content: bytes) -> None:
    """Write a report to standard output, from the beginning of a line where all goes to one place.

    Raises:
        UsageError: it can't be written.
    """
    writer = config.get_terminal_writer()
    if content and writer.width_of_current_line:
        writer.line()  # behind the dots, or whatever stands there
        writer.flush()
    descriptor, rest = config.stash.get(_KEPT, _STDOUT), memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        raise UsageError(f"can't write to standard output: {error.strerror}") from error
