"""Find the line of each key in a TOML text, which the parser does not report.

The text was parsed before, so this handles only valid TOML and reads no values. Keys that are not found have
no line.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.settings.documents import KeyPath

_TOKEN = re.compile(
    r'''
      (?P<blank> [ \t\r]+ | \#[^\n]* )
    | """ (?: \\. | [^\\] )*? """ "{0,2}
    | \'\'\' .*? \'\'\' '{0,2}
    | " (?: \\. | [^"\\\n] )* "
    | ' [^'\n]* '
    | [\n\[\]{}=,.]
    | [^\s\[\]{}=,."'\#]+
    ''',
    re.VERBOSE | re.DOTALL,
)


class Token(Struct, frozen=True):
    """A piece of the text, strings with their quotes, and its line (1-based)."""

    text: str
    line: int


def iter_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens, without blanks and comments."""
    line = 1
    for match in _TOKEN.finditer(text):
        if not match["blank"]:
            yield Token(match[0], line)
        line += match[0].count("\n")


Tokens: TypeAlias = deque[Token]
Lines: TypeAlias = dict[KeyPath, int]


@lru_cache(maxsize=1)
def find_lines(text: str) -> dict[KeyPath, int]:
    """Return the line (1-based) of the first mention of every key, table and array item."""
    lines: Lines = {}
    with suppress(IndexError, RecursionError):  # the lines found so far are right
        _read_document(deque(iter_tokens(text)), lines)
    return lines


def _read_document(tokens: Tokens, lines: Lines) -> None:
    table: KeyPath = ()
    items: dict[KeyPath, int] = {}
    while tokens:
        if tokens[0].text == "\n":
            tokens.popleft()
        elif tokens[0].text == "[":
            table = _read_header(tokens, items, lines)
        else:
            _read_pair(tokens, table, lines)


def _read_header(tokens: Tokens, items: dict[KeyPath, int], lines: Lines) -> KeyPath:
    """Parse ``[a.b]`` or ``[[a.b]]``; ``items`` has the last index of each array of tables."""
    line = tokens.popleft().line
    opens_item = tokens[0].text == "["
    parts = _read_parts(tokens)
    key: KeyPath = ()
    for number, part in enumerate(parts, start=1):
        key = (*key, part)
        lines.setdefault(key, line)
        if opens_item and number == len(parts):
            items[key] = items.get(key, -1) + 1
        if key in items:
            key = (*key, items[key])
            lines.setdefault(key, line)
    return key


def _read_parts(tokens: Tokens) -> list[str]:
    parts = []
    while tokens[0].text not in ("=", "]"):
        text = tokens.popleft().text
        if text not in (".", "["):
            parts.append(_unquote(text))
    while tokens and tokens[0].text in ("=", "]"):
        tokens.popleft()
    return parts


def _unquote(text: str) -> str:
    return str(tomllib.loads(f"key = {text}")["key"]) if text[0] in "\"'" else text


def _read_pair(tokens: Tokens, table: KeyPath, lines: Lines) -> None:
    line = tokens[0].line
    key = table
    for part in _read_parts(tokens):
        key = (*key, part)
        lines.setdefault(key, line)
    _read_value(tokens, key, lines)


def _read_value(tokens: Tokens, key: KeyPath, lines: Lines) -> None:
    if tokens[0].text == "{":
        _read_inline_table(tokens, key, lines)
    elif tokens[0].text == "[":
        _read_array(tokens, key, lines)
    else:
        tokens.popleft()
        while tokens and tokens[0].text not in (",", "]", "}", "\n"):  # 1.5 is three tokens
            tokens.popleft()


def _read_inline_table(tokens: Tokens, key: KeyPath, lines: Lines) -> None:
    tokens.popleft()
    while tokens[0].text != "}":
        if tokens[0].text in (",", "\n"):
            tokens.popleft()
        else:
            _read_pair(tokens, key, lines)
    tokens.popleft()


def _read_array(tokens: Tokens, key: KeyPath, lines: Lines) -> None:
    tokens.popleft()
    index = 0
    while tokens[0].text != "]":
        if tokens[0].text in (",", "\n"):
            index += tokens.popleft().text == ","
        else:
            lines.setdefault((*key, index), tokens[0].line)
            _read_value(tokens, (*key, index), lines)
    tokens.popleft()
