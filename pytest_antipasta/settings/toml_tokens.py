"""A TOML text as tokens with their lines: punctuation, line ends, strings and bare words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

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
    """A piece of the text.

    Attributes:
        text: as it stands there, strings with their quotes.
        line: where it starts, 1-based.
    """

    text: str
    line: int


def iter_tokens(text: str) -> Iterator[Token]:
    """Give the tokens; blanks and comments are none."""
    line = 1
    for match in _TOKEN.finditer(text):
        if not match["blank"]:
            yield Token(match[0], line)
        line += match[0].count("\n")
