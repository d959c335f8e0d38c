"""The command line, ``pytest-antipasta``: one module for each command.

All commands raise ``UsageError`` for errors of the user, which :func:`main` reports.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

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
    # Until our modules handle Ctrl-C, it ends Python without a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _use_utf8()
    with trusted_first():
        from pytest_antipasta.runtime.garbage import gc_freeze, gc_rarely

        gc_rarely()
        from pytest_antipasta.cli.program import run_words
        from pytest_antipasta.processes.interrupts import obey_signals

        obey_signals()
        code = run_words(sys.argv[1:])
    gc_freeze()
    sys.exit(code)


def _use_utf8() -> None:
    """Start again in Python's UTF-8 mode if the locale has another encoding, and write warnings as UTF-8.

    Names in settings, sources and git are UTF-8, and would differ from those on disk and on the command line.
    From Python 3.15 on, this mode is the default. On Windows, only pipes have another encoding.
    """
    option, given = ["-X", "utf8"], sys.orig_argv[1:]
    is_utf8 = sys.getfilesystemencoding() == "utf-8" or given[:2] == option  # a later option has undone it
    is_piped = sys.argv[0] in ("", "-")  # the script itself, from standard input, which can be read once
    if not (is_utf8 or is_piped) and os.name == "posix" and sys.executable:
        os.execv(sys.executable, [sys.executable, *option, *given])  # noqa: S606
    if isinstance(sys.stderr, io.TextIOWrapper):
        with suppress(OSError, ValueError):  # another program that runs this has replaced or closed it
            sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
