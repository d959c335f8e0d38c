"""Convert syntax of IPython that is not Python: magics, shell lines, help and indentation.

Such a line becomes a comment, so that it counts only as a line. A cell in another language is left out.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

# Cell magics that run the rest of the cell as Python. The effect of unknown ones is undefined.
_OF_PYTHON = frozenset(
    (
        *("capture", "debug", "ipytest", "memit", "memray_flamegraph", "prun", "pyinstrument", "pypy"),
        *("python", "python3", "scalene", "snakeviz", "time", "timeit"),
    )
)
# Line magics that are often written without a percent sign, and names of IPython's aliases.
_BARE = (
    "autoreload|cat|cd|clear|conda|copy|cp|ddir|dhist|dirs|echo|env|history|ldir|less|ll|load|load_ext|ls|lsmagic|"
    "magic|mamba|man|matplotlib|mkdir|more|mv|pdoc|pfile|pinfo|pip|popd|psource|pushd|pwd|pycat|pylab|quickref|"
    "ren|reset|rm|rmdir|run|store|time|timeit|uv|who|whos|xmode"
)
# Text that could be Python and hardly ever is.
_COMMAND = re.compile(
    r"^(?:cat|cd|copy|cp|ddir|echo|ldir|ls|mkdir|mv|ren|rm|rmdir)(?:\s?$|\s[^=,])", re.MULTILINE
)
_CELL_MAGIC = re.compile(r"\s*^%%(\w+)", re.MULTILINE)
# In Databricks, one percent sign makes a whole cell of another language.
_DATABRICKS = re.compile(r"\s*^%(?:md|sh|fs|r|scala|sql)\b(.*)", re.MULTILINE)
# Characters that make closer inspection of a cell necessary.
_ODD = re.compile(rf"^[ \t]*(?:[%!?,;/]|(?:{_BARE})[ \t])|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_INDENTED = re.compile(r"(?:[ \t]*\n)*([ \t]+)")
# Text in brackets, with up to two levels of nesting.
_BRACKETS = r"\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"
_PARENTHESES = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_ESCAPED = re.compile(
    rf"[ \t]*(?:%%?%?[a-zA-Z]|!|\?|[,;/][\w(]|(?:{_BARE})(?:[ \t]+[^=,(\s]|[ \t]*$))"
    # Assignment targets, also with type annotations, have strings only in brackets.
    rf"|(?:[\w.,*: \t]|{_BRACKETS}|{_PARENTHESES})+=[ \t]*[%!](?!=)"
)
# Parts of a line of code: complete strings, and the start of an incomplete one.
_PIECE = re.compile(
    r"#.*|\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*(?:\"|\\?$)|'(?:[^'\\\n]|\\.)*(?:'|\\?$)|[\[({]|[\])}]", re.MULTILINE
)


def clean_cell(text: str) -> str | None:
    r"""Return the code of a cell as Python, with the same number of lines; ``None`` for another language.

    Args:
        text: source with ``\n`` at the end of lines.
    """
    head: list[str] = []
    start = 0
    # The code after a cell magic may begin with another one.
    while magic := _CELL_MAGIC.match(text, start):
        percent = magic.start(1) - len("%%")
        end = text.find("\n", percent) + 1 or len(text)
        line = text[percent:end]
        if line.rstrip().endswith("?"):  # such a line only asks for help
            break
        if magic[1] not in _OF_PYTHON:
            return None
        head += text[start:percent], "# ", line
        start = end
    return None if _is_of_databricks(text, start) else "".join(head) + _clean_code(text[start:])


def _is_of_databricks(text: str, start: int) -> bool:
    """Return whether a cell is in another language for Databricks.

    ``%sql`` with a query is also a line magic of IPython's extensions, and Python may follow it.
    """
    magic = _DATABRICKS.match(text, start)
    if magic is None:
        return False
    is_line = magic[0].lstrip().startswith("%sql") and bool(magic[1].strip())
    return not (is_line and _is_python(_clean_code(text[magic.end() :])))


def _clean_code(text: str) -> str:
    """Return the code of a cell without its cell magic."""
    indent = _INDENTED.match(text)
    if not _COMMAND.search(text) and ((indent is None and not _ODD.search(text)) or _is_python(text)):
        return text
    if indent is not None:  # as in IPython
        text = re.sub(f"^{indent[1]}", "", text, flags=re.MULTILINE)
    lines = text.split("\n")
    commented = "\n".join(_comment(lines, "# "))
    if any(line[:1] in (" ", "\t") for line in lines) and not _is_python(commented):
        # A block must not become empty.
        held = "\n".join(_comment(lines, "pass  # "))
        return held if _is_python(held) else commented
    return commented


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _comment(lines: list[str], inside: str) -> Iterator[str]:
    """Yield the lines; those for IPython become comments.

    Args:
        lines: lines of a cell.
        inside: prefix for converted lines that are indented.
    """
    waiting: list[str] = []  # continuation lines of a statement
    is_escaped = False
    state = _State()
    for line in lines:
        if not waiting:
            is_escaped = bool(_ESCAPED.match(line) or _COMMAND.match(line))
        waiting.append(line)
        if is_escaped:
            goes_on = line.rstrip().endswith("\\")
        else:
            goes_on = state.goes_on(line)
            is_help = not goes_on and state.ends_with_question
            is_escaped = is_help
        if not goes_on:
            yield from _comment_out(waiting, inside) if is_escaped else waiting
            waiting, is_escaped, state = [], False, _State()
    yield from _comment_out(waiting, inside) if is_escaped else waiting


def _comment_out(lines: list[str], inside: str) -> Iterator[str]:
    first, *others = lines
    code = first.lstrip()
    indent = first[: len(first) - len(code)]
    yield f"{indent}{inside if indent else '# '}{code}"
    yield from (f"# {line}" for line in others)


class _State:
    """The state of a statement, line by line."""

    def __init__(self) -> None:
        self._depth = 0
        self._quotes = ""  # within a string over several lines
        self.ends_with_question = False

    def goes_on(self, line: str) -> bool:
        """Return whether a statement continues after a line."""
        position, code_end = 0, len(line)
        while position < len(line):
            if self._quotes:
                position = self._end_string(line, position)
                continue
            piece = _PIECE.search(line, position)
            if piece is None:
                break
            position = piece.end()
            if piece[0].startswith("#"):
                code_end = piece.start()
            elif piece[0] in ('"""', "'''"):
                self._quotes = piece[0]
            else:
                self._depth += (piece[0] in "[({") - (piece[0] in "])}")
        code = line[:code_end].rstrip()
        self.ends_with_question = not self._quotes and code.endswith("?")
        return bool(self._quotes) or (self._depth > 0 and not self.ends_with_question) or code.endswith("\\")

    def _end_string(self, line: str, position: int) -> int:
        end = re.compile(rf"(?:[^\\]|\\.)*?{self._quotes}").match(line, position)
        if end is None:
            return len(line)
        self._quotes = ""
        return end.end()
