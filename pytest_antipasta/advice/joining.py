"""Join the lines of a bracketed expression into one line, as black and ruff would write it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

_OPENING = ("(", "[", "{")
_CLOSING = re.compile(r"[)\]}]")
_COMMA_LAST = re.compile(r",\s*\n\s*[)\]}]")


def join_lines(lines: Iterable[str]) -> str | None:
    """Return lines joined into one; ``None`` if a formatter would leave them apart.

    That is so after a trailing comma, which asks for an item a line.

    Args:
        lines: lines without comments, of which none begins inside a string.
    """
    parts = [line.strip() for line in lines]
    joined = parts[0]
    for before, part in pairwise(parts):
        is_tight = before.endswith(_OPENING) or bool(_CLOSING.match(part)) or is_attribute(part)
        if before.endswith(",") and _CLOSING.match(part):
            return None
        joined += part if is_tight else f" {part}"
    return joined


def is_attribute(part: str) -> bool:
    """Return whether a line continues an expression by an attribute or a call of it."""
    return part.startswith(".") and part[1:2].isidentifier()


def has_comma_last(text: str) -> bool:
    """Return whether a bracket in a text closes on a line of its own after a comma."""
    return bool(_COMMA_LAST.search(text))
