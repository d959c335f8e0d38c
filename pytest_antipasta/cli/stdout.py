"""Writing to standard output: UTF-8 whatever the terminal's encoding, closed pipes, exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from pytest_antipasta.messages import hide_passwords, make_printable
from pytest_antipasta.model import UsageError, Verdict
from pytest_antipasta.report import Paint, find_width, fold_line, has_color


def write_copied(lines: Iterable[str]) -> None:
    """Write lines that go into a file, whatever is in them, and none of them broken."""
    print_lines(map(make_printable, lines))


def write_lines(*lines: str) -> None:
    """Write lines of text, whatever is in them, no wider than a terminal is."""
    width = find_width(sys.stdout)
    print_lines(shown for line in lines for shown in fold_line(make_printable(line), width))


def print_lines(lines: Iterable[str]) -> None:
    """Write lines that are ready for a terminal, as they are."""
    if text := "".join(f"{line}\n" for line in lines):
        write_bytes(text.encode())


def write_bytes(content: bytes) -> None:
    """Write all of an answer."""
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    try:
        sys.stdout.flush()
        rest = memoryview(content)
        while rest:
            # With PYTHONUNBUFFERED set, as containers have it, a write may be a part of what it was given.
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop(sys.stdout)
        raise UsageError(f"can't write to standard output: {error.strerror}") from error


def is_ascii() -> bool:
    """Whether standard output may have no characters but those of ASCII."""
    return not (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")


def is_full(error: OSError) -> bool:
    """Whether it is about our output: what else is full has a name, or is reported where it is written."""
    return error.errno == errno.ENOSPC and error.filename is None


def drop(stream: TextIO) -> None:
    """Write nothing more: the interpreter must not stumble over it again when it flushes at its end."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def tell(lines: Iterable[str]) -> None:
    """Write lines to standard error, whatever is in them.

    An error may quote what was meant for another option, an address with a password in it.

    Where nothing can be written, they are lost: what is judged, and the exit code, stay what they are.
    """
    for line in lines:
        if sys.stderr is None:  # closed by the parent process; `print` would take the answer's way
            return
        try:
            shown = make_printable(hide_passwords(line) if line.startswith("error: ") else line)
            for part in fold_line(shown, find_width(sys.stderr)):
                print(_paint_level(part), file=sys.stderr, flush=True)
        except OSError:
            drop(sys.stderr)
            return


def _paint_level(line: str) -> str:
    """Return a line of standard error in the colour that pytest gives errors and warnings."""
    level = line.partition(":")[0]
    color = {"error": "red", "internal error": "red", "warning": "yellow"}.get(level)
    return Paint(has_color(sys.stderr))(line, color) if color else line


VIOLATIONS = 1
"""Something is over a limit; it takes precedence over ``ERRORS``."""
WRONG_USAGE = 2
"""Arguments or settings are wrong."""
ERRORS = 3
"""Something could not be measured."""


def choose_exit_code(verdicts: Iterable[Verdict], *, is_complete: bool, has_failing: bool = False) -> int:
    """Return 1 where a file fails that has numbers, else 3 where something was not judged, else 0.

    ``has_failing`` says whether anything else fails than a file, such as a waiver.
    """
    failed = [verdict for verdict in verdicts if verdict.failed]
    if has_failing or not all(verdict.is_unmeasured for verdict in failed):
        return VIOLATIONS
    return 0 if is_complete and not failed else ERRORS


def choose_lenient_exit_code(verdicts: Iterable[Verdict], *, is_complete: bool) -> int:
    """Return 3 where something was not judged, which is no verdict, else 0, whatever fails."""
    lacks_numbers = any(one.failed and (one.error is not None or one.is_incomplete) for one in verdicts)
    return 0 if is_complete and not lacks_numbers else ERRORS
