"""The line of a syntax error, with a caret below the place where Python's parser stopped."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from pytest_antipasta.report.terminal import format_source_line

# Only the beginning of a longer line is shown.
_LONGEST = 72


def iter_error_place(data: bytes, line: int) -> Iterator[str]:
    """Yield the source line of a syntax error and a caret; nothing if Python reports no error in that line.

    Args:
        data: the content of the file.
        line: line of the error, 1-based.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except SyntaxError as error:
        text, offset = (error.text or "").rstrip("\r\n"), error.offset
        if error.lineno != line or not text.strip() or offset is None:
            return
        begin = len(text) - len(text.lstrip())
        head = f"    {line} | "
        yield head + format_source_line(text[begin:], _LONGEST)
        # Tabs and control characters before the caret are shown as more than one character.
        before = len(format_source_line(text[begin : max(offset - 1, begin)], len(text) * 4))
        if 0 < offset <= len(text) + 1 and before <= _LONGEST:
            yield f"{' ' * (len(head) - 2)}| {' ' * before}^"
    except (ValueError, RecursionError, MemoryError):
        return
