"""What no rewrite may change: the comments and strings of a source."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter


def has_kept(before: str, after: str) -> bool:
    """Return whether a source has the same comments, and all strings.

    A copied ``return`` or an annotation may repeat a string.
    """
    comments, strings = find_tokens(before)
    new_comments, new_strings = find_tokens(after)
    return comments == new_comments and strings <= new_strings


def find_tokens(text: str) -> tuple[Counter[str], Counter[str]]:
    """Return the comments of a source, and the values of its strings."""
    lines = text.replace("\r\n", "\n")
    tokens = tokenize.generate_tokens(io.StringIO(lines).readline)
    comments = Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
    constants = (node for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.Constant))
    return comments, Counter(node.value for node in constants if isinstance(node.value, str))
