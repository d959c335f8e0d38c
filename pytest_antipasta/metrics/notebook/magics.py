"""What IPython takes in a cell and Python does not: magics, shell lines, help and indentation.

Such a line becomes a comment, which counts for nothing but lines. A cell of another language is left out.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

# Cell magics that run the rest of the cell as Python. Of one that is not known nobody can tell what it takes.
_OF_PYTHON = frozenset(
    (
        *("capture", "debug", "ipytest", "memit", "memray_flamegraph", "prun", "pyinstrument", "pypy"),
        *("python", "python3", "scalene", "snakeviz", "time", "timeit"),
    )
)
# Line magics that are often written without their percent sign, and names of IPython's aliases.
_BARE = (
    "autoreload|cat|cd|clear|conda|copy|cp|ddir|dhist|dirs|echo|env|history|ldir|less|ll|load|load_ext|ls|lsmagic|"
    "magic|mamba|man|matplotlib|mkdir|more|mv|pdoc|pfile|pinfo|pip|popd|psource|pushd|pwd|pycat|pylab|quickref|"
    "ren|reset|rm|rmdir|run|store|time|timeit|uv|who|whos|xmode"
)
# What could be Python and hardly ever is.
_COMMAND = re.compile(
    r"^(?:cat|cd|copy|cp|ddir|echo|ldir|ls|mkdir|mv|ren|rm|rmdir)(?:\s?$|\s[^=,])", re.MULTILINE
)
_CELL_MAGIC = re.compile(r"\s*^%%(\w+)", re.MULTILINE)
# What makes a cell worth a closer look.
_ODD = re.compile(rf"^[ \t]*(?:[%!?,;/]|(?:{_BARE})[ \t])|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_INDENTED = re.compile(r"(?:[ \t]*\n)*([ \t]+)")
# What is in brackets, two levels of others among it.
_BRACKETS = r"\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"
_PARENTHESES = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_ESCAPED = re.compile(
    rf"[ \t]*(?:%%?%?[a-zA-Z]|!|\?|[,;/][\w(]|(?:{_BARE})(?:[ \t]+[^=,(\s]|[ \t]*$))"
    # Targets, a type with a colon among them, have strings in brackets alone.
    rf"|(?:[\w.,*: \t]|{_BRACKETS}|{_PARENTHESES})+=[ \t]*[%!](?!=)"
)
# The pieces of a line of code: strings that end in it, and what opens one that does not.
_PIECE = re.compile(
    r"#.*|\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*(?:\"|\\?$)|'(?:[^'\\\n]|\\.)*(?:'|\\?$)|[\[({]|[\])}]", re.MULTILINE
)


def clean_cell(text: str) -> str | None:
    r"""Return the code of a cell as Python, with as many lines; ``None`` where it is of another language.

    Args:
        text: with ``\n`` at the end of its lines.
    """
    head: list[str] = []
    start = 0
    # What a cell magic runs may begin with another one.
    while magic := _CELL_MAGIC.match(text, start):
        percent = magic.start(1) - len("%%")
        end = text.find("\n", percent) + 1 or len(text)
        line = text[percent:end]
        if line.rstrip().endswith("?"):  # it only asks what something is
            break
        if magic[1] not in _OF_PYTHON:
            return None
        head += text[start:percent], "# ", line
        start = end
    return "".join(head) + _clean_code(text[start:])


def _clean_code(text: str) -> str:
    """Return the code of a cell without a magic of its own."""
    indent = _INDENTED.match(text)
    if not _COMMAND.search(text) and ((indent is None and not _ODD.search(text)) or _is_python(text)):
        return text
    if indent is not None:  # as IPython does
        text = re.sub(f"^{indent[1]}", "", text, flags=re.MULTILINE)
    lines = text.split("\n")
    commented = "\n".join(_comment(lines, "# "))
    if any(line[:1] in (" ", "\t") for line in lines) and not _is_python(commented):
        # A block that has nothing else must not be empty.
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
    """Yield the lines, those that are for IPython as comments.

    Args:
        lines: of a cell.
        inside: what becomes of one that is indented begins with it.
    """
    waiting: list[str] = []  # lines of a statement that goes on
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
    """How far a statement has come, line by line."""

    def __init__(self) -> None:
        self._depth = 0
        self._quotes = ""  # of a string that spans lines
        self.ends_with_question = False

    def goes_on(self, line: str) -> bool:
        """Whether a statement goes on behind a line of it."""
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
