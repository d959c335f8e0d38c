"""Writing to standard output: UTF-8 whatever the terminal's encoding, closed pipes, exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from pytest_antipasta.messages import hide_passwords, make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.report.terminal import Paint, find_width, fold_line, has_color


def write_copied(lines: Iterable[str]) -> None:
    """Write lines for a file, with control characters escaped, unfolded."""
    print_lines(map(make_printable, lines))


def write_lines(*lines: str) -> None:
    """Write lines of text with control characters escaped, folded to the width of a terminal."""
    width = find_width(sys.stdout)
    print_lines(shown for line in lines for shown in fold_line(make_printable(line), width))


def print_lines(lines: Iterable[str]) -> None:
    """Write lines unchanged, which are ready for a terminal."""
    if text := "".join(f"{line}\n" for line in lines):
        write_bytes(text.encode())


def write_output(content: bytes, path: Path | None) -> None:
    """Write to a file, or to standard output."""
    if path is None:
        write_bytes(content)
    else:
        from pytest_antipasta.report.writing import write_parts

        write_parts(path, [content])


def write_bytes(content: bytes) -> None:
    """Write all bytes of a result."""
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    try:
        sys.stdout.flush()
        rest = memoryview(content)
        while rest:
            # With PYTHONUNBUFFERED set, as in containers, a write may be partial.
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if sys.platform == "win32" and error.errno == errno.EINVAL:  # for a closed pipe
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from error
        drop(sys.stdout)
        raise UsageError(f"can't write to standard output: {error.strerror}") from error


def is_full(error: OSError) -> bool:
    """Return whether an error is about our full output; other full files are named or reported elsewhere."""
    return error.errno == errno.ENOSPC and error.filename is None


def drop(stream: TextIO) -> None:
    """Discard further output: the interpreter must not fail again when it flushes at exit."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def print_to_stderr(lines: Iterable[str]) -> None:
    """Write lines to standard error, with control characters escaped.

    Passwords in addresses are hidden, as an error may quote an argument meant for another option.

    Lines that can't be written are dropped; verdict and exit code do not change.
    """
    for line in lines:
        if sys.stderr is None:  # closed by the parent process; `print` would use standard output
            return
        try:
            shown = make_printable(hide_passwords(line) if line.startswith("error: ") else line)
            for part in fold_line(shown, find_width(sys.stderr)):
                print(_paint_level(part), file=sys.stderr, flush=True)
        except OSError:
            drop(sys.stderr)
            return


def print_error(error: UsageError) -> int:
    """Write the lines of an error to standard error, and return the exit code."""
    print_to_stderr(f"error: {line}" for line in str(error).split("\n"))
    return WRONG_USAGE


def _paint_level(line: str) -> str:
    """Return a line for standard error, with errors and warnings in pytest's colours."""
    level = line.partition(":")[0]
    color = {"error": "red", "internal error": "red", "warning": "yellow"}.get(level)
    return Paint(has_color(sys.stderr))(line, color) if color else line


VIOLATIONS = 1
"""Exit code if a value is over its limit; takes precedence over ``ERRORS``."""
WRONG_USAGE = 2
"""Exit code for wrong arguments or settings."""
ERRORS = 3
"""Exit code if something could not be measured."""
SHOWN_BY_HOST = 1
"""Exit code of a hook whose error the host of a coding agent shows before it goes on; 2 would block."""


def choose_exit_code(verdicts: Iterable[Verdict], *, is_complete: bool, has_failing: bool) -> int:
    """Return 1 if a file with values fails, else 3 if something was not judged, else 0.

    ``has_failing`` says whether something besides files fails, such as a waiver.
    """
    failed = [verdict for verdict in verdicts if verdict.failed]
    if has_failing or not all(verdict.is_unmeasured for verdict in failed):
        return VIOLATIONS
    return 0 if is_complete and not failed else ERRORS


def choose_lenient_exit_code(verdicts: Iterable[Verdict], *, is_complete: bool) -> int:
    """Return 3 if something was not judged, else 0, even for violations."""
    lacks_numbers = any(verdict.fails_for_errors for verdict in verdicts)
    return 0 if is_complete and not lacks_numbers else ERRORS
