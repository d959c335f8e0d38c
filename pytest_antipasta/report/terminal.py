"""Text for terminals: whether to use colours, adding them, and the width of text and how to fold it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from pytest_antipasta.messages import make_printable

# A process without a terminal has no terminal size.
_COLUMNS = 80
# A command between backticks, with the characters directly before and after it, is not broken.
_WORDS = re.compile(r"(?:[^\s`]|`[^`]*`|`)+")
_CODE = re.compile("\x1b\\[[0-9;]*m|\x1b\\]8;;[^\x1b]*\x1b\\\\")
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


# Terminals that open links (OSC 8), by TERM_PROGRAM, by the beginning of TERM, and by variables of their own.
# The terminal of Visual Studio Code finds paths itself, and then opens the line.
_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty", "Hyper", "Tabby", "rio")
_LINKING_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour")
_LINKING_VARIABLES = ("KONSOLE_VERSION", "WT_SESSION", "DOMTERM")
# The first version of VTE (GNOME Terminal and others) that supports links.
_LINKING_VTE = 5000


class Paint:
    """Adds colours and links to text, or leaves it unchanged; ``folder`` is where paths are from."""

    def __init__(
        self, has_color: bool, has_links: bool = False, folder: str | os.PathLike[str] = os.curdir
    ) -> None:
        self._has_color = has_color
        self._has_links = has_links
        self._folder = folder

    def link(self, text: str, path: str, line: int | None) -> str:
        """Return the text of a place as a link to a path from the folder, and its line."""
        if not self._has_links or "\\" in path:  # an escaped name is not the file's
            return text
        from pathlib import Path

        from pytest_antipasta.report.paths import make_uri  # few terminals have links

        place = Path(os.path.abspath(os.path.join(self._folder, path)))
        address = make_uri(place) + ("" if line is None else f"#{line}")
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"

    def __call__(self, text: str, color: str) -> str:
        """Return the text in a color; unchanged if the color is empty."""
        return f"\x1b[{_CODES[color]}m{text}\x1b[0m" if self._has_color and text and color else text


PLAIN = Paint(False)
"""Adds no colours."""


def has_color(stream: TextIO | None) -> bool:
    """Return whether to use colours: on a terminal, or as the environment says.

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    # A Windows console supports colours only inside a newer terminal.
    is_able = sys.platform != "win32" or "WT_SESSION" in os.environ
    return is_able and stream is not None and stream.isatty()


def has_links(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal that says it opens links, or ``FORCE_HYPERLINK`` is set."""
    names = os.environ
    if (forced := names.get("FORCE_HYPERLINK")) is not None:
        return forced != "0"
    if stream is None or not stream.isatty():
        return False
    vte = names.get("VTE_VERSION", "")
    return (
        names.get("TERM_PROGRAM") in _LINKING_PROGRAMS
        or names.get("TERM", "").startswith(_LINKING_TERMS)
        or any(name in names for name in _LINKING_VARIABLES)
        or (vte.isdecimal() and int(vte) >= _LINKING_VTE)
    )


def make_paint(stream: TextIO | None, folder: str | os.PathLike[str] = os.curdir) -> Paint:
    """Return what adds the colours and links that a stream supports; ``folder`` is where paths are from."""
    return Paint(has_color(stream), has_links(stream), folder)


def find_width(stream: TextIO | None) -> int | None:
    """Return the width of a terminal in columns; ``None`` for other streams, whose lines have any length."""
    try:
        if stream is None or not stream.isatty():
            return None
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return None


def fold_line(line: str, width: int | None) -> Iterator[str]:
    """Yield a line folded to a width; all lines except the first are indented by two more spaces.

    Words and text between backticks are never broken, even if they exceed the width. Columns stay in place.
    """
    if width is None or measure_text(line) <= width:
        yield line
        return
    begin = line[: len(line) - len(line.lstrip(" "))]
    indent, here, end = f"{begin}  ", "", 0
    for found in _WORDS.finditer(line):
        word, gap = found[0], " " * (found.start() - end)
        end = found.end()
        if here and len(begin) + measure_text(f"{here}{gap}{word}") > width:
            yield begin + here
            begin, here = indent, ""
        here = f"{here}{gap}{word}" if here else word
    yield begin + here


def fold_lines(lines: Iterable[str], width: int | None) -> Iterator[str]:
    """Yield lines, each folded to a width as by :func:`fold_line`."""
    for line in lines:
        yield from fold_line(line, width)


def clip_line(line: str, width: int | None) -> str:
    """Return a line without colours, cut to a width; an ellipsis is its last character if it was longer."""
    if width is None or measure_text(line) <= width:
        return line
    line = line[:width]  # a line may have a million characters
    while line and measure_text(line) >= width:
        line = line[:-1]
    return f"{line}\N{HORIZONTAL ELLIPSIS}"


def measure_text(text: str) -> int:
    """Return the width of a text in columns, without its colours. Chinese characters and emoji take two."""
    text = _CODE.sub("", text) if "\x1b" in text else text
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def pad_text(text: str, width: int) -> str:
    """Return a text with spaces after it, up to a width in columns."""
    return text + " " * (width - measure_text(text))


def format_source_line(text: str, longest: int = 160) -> str:
    """Return a line of source for a terminal: tabs become spaces, control characters are escaped."""
    text = make_printable(text.expandtabs(4))
    return text if len(text) <= longest else f"{text[:longest]}..."
