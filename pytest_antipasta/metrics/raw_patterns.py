"""The regular expression that matches lines of code for the raw line counts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache

LOOKS_INTO_STRINGS = sys.version_info >= (3, 12)  # PEP 701: the tokenizer splits f-strings
_BRACKET_LEVELS = 4

# The last group of a match is its kind; a match without a group is code without a colon.
LONE_COMMENT, COMMENT = 1, 2
# 3 to 5 are strings that are statements: in either quotes, or with a prefix.
COLON = 6  # first group for colons: outside and inside brackets and f-strings
BLOCK = COLON + (_BRACKET_LEVELS + 1) * (3 if LOOKS_INTO_STRINGS else 1)  # code that ends in a colon
SEMICOLON, OPEN, CLOSE, STUCK = range(BLOCK + 1, BLOCK + 5)


@cache
def compile_fragments(is_any_name_known: bool) -> re.Pattern[str]:
    """Compile a pattern for a line of code with all lines that its brackets and strings span.

    If it can't match up to the end of a line, it stops after a bracket or before unknown text.
    """
    outside, inside = r"[^'\"#()\[\]{}:;\\\n]", r"[^'\"#()\[\]{}:;\\]"
    if not is_any_name_known:
        outside, inside = r"[\w \t!%&*+,\-./<=>@^|~]", r"[\w \t\n!%&*+,\-./<=>@^|~]"
    strings = [_plain_string('"'), _plain_string("'")]
    prefixes = "rRbBuU" if LOOKS_INTO_STRINGS else "rRbBuUfF"
    lone_strings = [*strings, rf"[{prefixes}]{{1,2}}(?:{'|'.join(strings)})"]
    # A backslash before a blank line, a comment or the end, or alone on its line, is not matched.
    items = [*strings, ":=", r"\\(?<=[^\n]\\)\n(?![\n\\#])"]
    if LOOKS_INTO_STRINGS:
        items += [_format_string('"'), _format_string("'")]
    brackets: list[str] = []
    for _ in range(_BRACKET_LEVELS):
        brackets = [rf"[(\[{{]{_run(inside, [*brackets, *items, ':(?!=)()'])}[)\]}}]"]
    comment = r"\#(?:(?<=^\#)()|())[^\n]*\n+"
    code = _run(outside, [*brackets, *items, r":(?![=\n]|[ \t]*\#)()"])
    end = r"(?:\n+|(?=\#)|:()[ \t]*(?:\n+|(?=\#))|;()[ \t]*|[(\[{]()|[)\]}]()|())"
    alternatives = [comment, *(rf"{string}\n+()" for string in lone_strings), code + end]
    return re.compile("|".join(alternatives), re.DOTALL | re.MULTILINE)


def _run(plain: str, items: Iterable[str]) -> str:
    """Return a pattern of plain characters with items between them.

    No text matches in two ways, so that backtracking takes linear time. ``re`` keeps some hundred bytes for
    each item during the match, so their number is limited. It is fastest with items that start with a plain
    character.
    """
    # Possessive quantifiers make failures cheaper (since CPython 3.11).
    plain += "*+" if sys.version_info >= (3, 11) else "*"
    return rf"{plain}(?:(?:{'|'.join(items)}){plain}){{0,1000}}"


def _plain_string(quote: str) -> str:
    """Return the pattern of a string without replacement fields, without its prefix."""
    guard = f"(?<![fFtT]{quote})(?<![fFtT][rR]{quote})" if LOOKS_INTO_STRINGS else ""
    text, long_text = rf"[^{quote}\\\n]*", rf"[^{quote}\\]*"
    return (
        rf"{quote}{guard}(?:{text}{quote}(?!{quote})|{text}(?:\\.{text})+{quote}"
        rf"|{quote * 2}{long_text}(?:(?:\\.|{quote}{{1,2}}(?!{quote})){long_text})*{quote * 3})"
    )


def _format_string(quote: str) -> str:
    """Return the pattern of an f-string with only simple code; others are tokenized."""
    other = "'" if quote == '"' else '"'
    code = r"[^{}:'\"#\\\n]*"
    text, layout = rf"[^{quote}{{}}\\\n]*", r"[^{}'\"\\\n]*"
    field = (
        rf"\{{{code}(?:{other}[^{other}{{}}\\\n]*{other}{code})*"
        rf"(?::(?!=)(){layout}(?:\{{{code}\}}{layout})*)?\}}"
    )
    return (
        rf"{quote}(?<=\b[fFtT]{quote}){text}"
        rf"(?:(?:{field}|\{{\{{|\}}\}}|\\[^{{}}N]){text})*{quote}(?!{quote})"
    )
