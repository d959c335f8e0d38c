"""The command line, ``pytest-antipasta``: one module for each command.

All commands raise ``UsageError`` for errors of the user, which :func:`main` reports.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pytest_antipasta.runtime.imports import trusted_first


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Exit codes: 0 no violations, 1 violations, 2 wrong usage or settings, 3 something could not be measured or
    an internal error, 129 terminal closed, 130 interrupted, 143 terminated.
    """
    with trusted_first():
        from pytest_antipasta.cli.program import run_words

        return run_words(sys.argv[1:] if argv is None else argv)


def run() -> None:
    """Run as a program."""
    with trusted_first():
        from pytest_antipasta.runtime.garbage import gc_freeze, gc_rarely

        gc_rarely()
        from pytest_antipasta.cli.program import run_words
        from pytest_antipasta.processes.interrupts import obey_signals

        obey_signals()
        code = run_words(sys.argv[1:])
    gc_freeze()
    sys.exit(code)
