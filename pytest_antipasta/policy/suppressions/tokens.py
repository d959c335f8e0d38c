"""Tokens of valid source, also where Python's tokenizer rejects it."""

from __future__ import annotations

import tokenize
from collections.abc import Iterator


def iter_tokens(lines: Iterator[str]) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of a source up to where the tokenizer rejects it: further comments suppress nothing.

    CPython 3.12 and 3.13 raise SystemError for some f-strings of several lines, and 3.14.2 MemoryError for
    some t-strings.
    """
    try:
        yield from tokenize.generate_tokens(lines.__next__)
    except (tokenize.TokenError, SyntaxError, SystemError, MemoryError):
        return
