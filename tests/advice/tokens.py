"""What no rewrite may change: the comments and strings of a source."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter


def find_tokens(text: str) -> tuple[Counter[str], Counter[str]]:
    """Return the comments of a source, and the values of its strings; a copied ``return`` may repeat one."""
    lines = text.replace("\r\n", "\n")
    tokens = tokenize.generate_tokens(io.StringIO(lines).readline)
    comments = Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
    constants = (node for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.Constant))
    return comments, Counter(node.value for node in constants if isinstance(node.value, str))
