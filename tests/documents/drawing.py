"""Pictures of a terminal as SVG, in the colours of a light and of a dark page.

A picture fetches nothing: its fonts are those of the reader. Each word stands in its column of the terminal,
whatever font that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
CELL, LINE, MARGIN, SIZE = 8.4, 19, 16, 14
"""In pixels: a character's width, a line's height, the margin around all lines, and the size of the font."""
_CODE = re.compile(r"\x1b\[([0-9;]*)m")
_ERASE = re.compile(r"[^\n]*\r(?!\n)(?:\x1b\[[0-9]*K)?")
# Blocks of a plot are words of their own, so that no font widens the text beside them.
_WORDS = re.compile(r"[▁-█]+|[^\s▁-█]+(?: [^\s▁-█]+)*")


class Theme(NamedTuple):
    """Colours of a page.

    Attributes:
        paper: behind the text.
        frame: around it.
        ink: by the name of a style: plain text, and what a terminal shows faint or in a colour.
    """

    paper: str
    frame: str
    ink: dict[str, str]


THEMES = {
    "light": Theme(
        "#f6f8fa",
        "#d1d9e0",
        {
            "plain": "#1f2328",
            "faint": "#59636e",
            "red": "#b62324",
            "green": "#116329",
            "yellow": "#7d4e00",
            "blue": "#0550ae",
            "cyan": "#1b5f6b",
        },
    ),
    "dark": Theme(
        "#151b23",
        "#3d444d",
        {
            "plain": "#f0f6fc",
            "faint": "#9198a1",
            "red": "#ff7b72",
            "green": "#56d364",
            "yellow": "#e3b341",
            "blue": "#79c0ff",
            "cyan": "#76e3ea",
        },
    ),
}
_CODES = {2: "faint", 31: "red", 32: "green", 33: "yellow", 34: "blue", 36: "cyan"}


class _Word(NamedTuple):
    """Text of one style without gaps.

    Attributes:
        column: where it begins, from 0.
        text: what it says.
        style: the name of its ink.
        is_bold: whether it is.
    """

    column: int
    text: str
    style: str
    is_bold: bool


def draw_terminal(sent: str, theme: Theme, title: str) -> str:
    """Return an SVG of what a terminal shows.

    Args:
        sent: what the terminal was sent; codes of styles that have no ink raise ``KeyError``.
        theme: the colours.
        title: what the picture shows, for those who can't see it.
    """
    lines = [list(_iter_words(line)) for line in _ERASE.sub("", sent).splitlines()]
    columns = max(word.column + len(word.text) for line in lines for word in line)
    words = [_draw_word(number, word) for number, line in enumerate(lines) for word in line]
    used = sorted({word.style for line in lines for word in line})
    return draw_page(round(columns * CELL), len(lines) * LINE, theme, title, used, words)


def draw_page(width: int, height: int, theme: Theme, title: str, used: list[str], parts: list[str]) -> str:
    """Return an SVG with a frame, a title and the inks of the styles that are used around some parts."""
    inks = "".join(f".{style[:2]}{{fill:{theme.ink[style]}}}" for style in used)
    wide, high = width + 2 * MARGIN, height + 2 * MARGIN
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
            f'viewBox="0 0 {wide} {high}" role="img" font-family="{FONTS}" font-size="{SIZE}">',
            f"<title>{escape(title)}</title>",
            f"<style>.b{{font-weight:700}}{inks}</style>",
            f'<rect x=".5" y=".5" width="{wide - 1}" height="{high - 1}" rx="8" '
            f'fill="{theme.paper}" stroke="{theme.frame}"/>',
            *parts,
            "</svg>\n",
        )
    )


def _iter_words(line: str) -> Iterator[_Word]:
    """Yield what stands in a line, with its place and style."""
    column, is_bold, style = 0, False, "plain"
    for number, part in enumerate(_CODE.split(line)):
        if number % 2 == 0:
            for match in _WORDS.finditer(part):
                yield _Word(column + match.start(), match[0], style, is_bold)
            column += len(part)
            continue
        for code in map(int, (part or "0").split(";")):
            if code == 0:
                is_bold, style = False, "plain"
            elif code == 1:
                is_bold = True
            else:
                style = _CODES[code]


def _draw_word(line: int, word: _Word) -> str:
    x, y = MARGIN + word.column * CELL, MARGIN + (line + 1) * LINE - 5
    names = f"{word.style[:2]} b" if word.is_bold else word.style[:2]
    return (
        f'<text x="{x:.5g}" y="{y}" class="{names}" textLength="{len(word.text) * CELL:.5g}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(word.text, quote=False)}</text>'
    )
