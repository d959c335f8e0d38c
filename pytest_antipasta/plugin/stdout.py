"""Reserve standard output for a report, and redirect all other output to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import pytest

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.report.formats.outputs import parse_path

_STDOUT, _STDERR = 1, 2
_KEPT = pytest.StashKey[int]()


def divert(config: pytest.Config, reports: Iterable[str]) -> None:
    """Reserve standard output for a report, and redirect all other output to standard error.

    This must run before pytest's capturing, which saves standard output. Workers of xdist have no standard
    output.

    The file descriptor is redirected: pytest's capturing, tests with ``-s`` and their child processes all
    write to it.

    Each requested report is ``FORMAT=PATH``, if valid.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or all(
        parse_path(report.partition("=")[2]) is not None for report in reports
    ):
        return
    if sys.stdout is not None:
        sys.stdout.flush()
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # closed by the parent process, which writing the report will show
        return
    os.dup2(_STDERR, _STDOUT)
    config.stash[_KEPT] = kept
    config.add_cleanup(lambda: _restore(kept))


def _restore(kept: int) -> None:
    if sys.stdout is not None:
        sys.stdout.flush()
    os.dup2(kept, _STDOUT)
    os.close(kept)


def print_report(config: pytest.Config, content: bytes) -> None:
    """Write a report to standard output, at the start of a line if all output goes to one place.

    Raises:
        UsageError: the report can't be written.
    """
    if content and config.pluginmanager.hasplugin("terminalreporter"):
        writer = config.get_terminal_writer()
        if writer.width_of_current_line:
            writer.line()  # after the dots, or other output
            writer.flush()
    descriptor, rest = config.stash.get(_KEPT, _STDOUT), memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        raise UsageError(f"can't write to standard output: {error.strerror}") from error
