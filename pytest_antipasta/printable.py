"""Text that a terminal shows and does not obey."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

_Parameters = ParamSpec("_Parameters")

# Control characters, C1 among them, with which terminals are told what to do; what ends a line for some;
# what turns the direction of text round, so that it reads as what it is not (CVE-2021-42574); and what is
# half of a character, or a byte of a file's name that is none.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ESCAPED_BYTE = range(0xDC80, 0xDD00)  # PEP 383
_LOOKS_ESCAPED = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})")


def make_printable(text: str) -> str:
    r"""Return text with escapes, such as ``\x1b``, in place of what a terminal would not show as it is."""
    return text if text.isprintable() else _UNPRINTABLE.sub(_escape, text)


def make_printable_path(path: str) -> str:
    r"""Return the same for a path: no two paths look alike.

    A backslash is doubled in a path that has escapes, or something that looks like one.
    """
    if path.isprintable() and "\\" not in path:
        return path
    # Bytes that Python takes for halves of characters may be a character to the file system's reader.
    path = os.fsencode(path).decode("utf-8", "surrogateescape")
    if _UNPRINTABLE.search(path) or _LOOKS_ESCAPED.search(path):
        path = path.replace("\\", "\\\\")
    return _UNPRINTABLE.sub(_escape, path)


def format_argument(path: str) -> str:
    """Return a path as it is to be typed: quoted for a shell, and not to be taken for an option."""
    from shlex import quote  # here, because a run that passes proposes no command

    return quote(f"./{path}" if path.startswith("-") else path)


def printable_lines(make: Callable[_Parameters, Iterator[str]]) -> Callable[_Parameters, Iterator[str]]:
    """Decorate what yields lines for people."""

    @wraps(make)
    def make_lines(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> Iterator[str]:
        return map(make_printable, make(*args, **kwargs))

    return make_lines


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in _ESCAPED_BYTE:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"
