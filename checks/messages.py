"""Every text of ours that a user may read, with its place, to be read in one go.

``python -m checks.messages`` prints them by kind: what the source has as text of more than one word, and
what the pages of the HTML report have. A value that is filled in stands as ``<name>``; below it the same
text as a test or a page of the documentation has it, where one has. The last line counts them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from checks.repository import PACKAGE, TOP
from pytest_antipasta.settings.schema import make_schema

MOST_WORDS = 25
# What is written for Python, SQL, git and the like, and not for a reader.
_CODE_CALLS = frozenset(
    (
        "TypeVar",
        "cast",
        "compile",
        "execute",
        "run",
        "run_for_text",
        "encode",
        "fullmatch",
        "sub",
    )
)
_CODE = re.compile(
    r"PRAGMA |SELECT |INSERT |DELETE |CREATE |[(^$\\]\?|\(\?|\\d|^[\w ]*[\[|{][^ ]*, ?\w|^<|^ *[{}]|;$"
)
_KINDS = {
    "Option": "help",
    "Operand": "help",
    "add_argument": "help",
    "addoption": "help",
    "add_flag": "help",
    "add_value": "help",
    "add_parser": "help",
    "addini": "help",
    "JudgedMetric": "metric",
    "_of_block": "metric",
    "_of_size": "metric",
    "log_event": "log",
    "log_all": "log",
    "debug": "log",
}


class Message(NamedTuple):
    """A text of ours.

    Attributes:
        kind: ``error``, ``warning``, ``help``, ``log``, ``metric``, ``page`` or ``text``.
        place: path and line.
        text: with ``<name>`` for what is filled in.
    """

    kind: str
    place: str
    text: str

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


def list_messages() -> list[Message]:
    """Return all messages, by kind and place."""
    found = [one for path in sorted(PACKAGE.rglob("*.py")) for one in _read_module(path)]
    found += [
        one
        for path in sorted(PACKAGE.rglob("*.js"))
        if "vendor" not in path.parts
        for one in _read_script(path)
    ]
    found += [
        Message("schema", "pytest_antipasta/settings/schema.py:57", " ".join(text.split()))
        for text in _iter_descriptions(make_schema())
    ]
    return sorted(set(found), key=lambda one: (one.kind, _sort_place(one.place)))


def _iter_descriptions(value: object) -> Iterator[str]:
    """Yield the descriptions of a JSON Schema."""
    if isinstance(value, dict):
        if isinstance(text := value.get("description"), str):
            yield text
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _iter_descriptions(item)


def _sort_place(place: str) -> tuple[str, int]:
    path, _, line = place.rpartition(":")
    return path, int(line)


def _read_module(path: Path) -> Iterator[Message]:
    reader = _Reader()
    reader.visit(ast.parse(path.read_bytes()))
    for kind, line, text in reader.found:
        yield Message(kind, f"{path.relative_to(TOP).as_posix()}:{line}", text)


class _Reader(ast.NodeVisitor):
    """Collects the texts of a module, with what each is given to."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, str]] = []
        self._kinds: list[str] = ["text"]

    def visit(self, node: ast.AST) -> None:
        """Look at a node, and at what is in it."""
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            self._add(node)
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        kind = _find_kind(node, self._kinds[-1])
        if kind is None:
            return
        self._kinds.append(kind)
        for child in _iter_children(node):
            self.visit(child)
        self._kinds.pop()

    def _add(self, node: ast.Constant | ast.JoinedStr) -> None:
        text = _show(node)
        if text is not None and _is_prose(text):
            self.found.append((self._kinds[-1], node.lineno, " ".join(text.split())))


def _find_kind(node: ast.AST, outer: str) -> str | None:
    """Return what kind the texts in a node are of; ``None`` where they are code."""
    if isinstance(node, ast.Raise):
        return "error"
    if isinstance(node, ast.FunctionDef):
        return "text"
    if not isinstance(node, ast.Call):
        return outer
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in _CODE_CALLS:
        return None
    if name.endswith(("Error", "Reason")) or name in ("complain", "refuse", "ErrorFacts"):
        return "error"
    return "warning" if "warn" in name else _KINDS.get(name, outer)


def _iter_children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a node and may have texts; of a type, this is how it declares an option."""
    for name, value in ast.iter_fields(node):
        values = value if isinstance(value, list) else [value]
        children = [child for child in values if isinstance(child, ast.AST)]
        if _is_type(node, name):
            children = [each for child in children for each in ast.walk(child) if isinstance(each, ast.Call)]
        yield from children


def _is_type(node: ast.AST, field: str) -> bool:
    if isinstance(node, ast.AnnAssign) and field == "value":
        return "TypeAlias" in ast.unparse(node.annotation)
    return field in ("annotation", "returns")


def _show(node: ast.Constant | ast.JoinedStr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    parts = (
        part.value if isinstance(part, ast.Constant) else f"<{_name(part)}>"
        for part in node.values
        if isinstance(part, (ast.Constant, ast.FormattedValue))
    )
    return "".join(map(str, parts))


def _name(part: ast.FormattedValue) -> str:
    """Return a word for what is filled in: the last name that there is."""
    names = re.findall(r"[A-Za-z_]\w*", ast.unparse(part.value))
    return names[-1] if names else "value"


def _is_prose(text: str) -> bool:
    bare = re.sub(r"<\w+>", "0", text)
    return (
        len(re.findall(r"(?<!\.)\b[A-Za-z]{2,}", bare)) >= 2
        and " " in bare.strip()
        and _CODE.search(bare) is None
    )


def _read_script(path: Path) -> Iterator[Message]:
    """Yield the texts of a script of the HTML report, which are between quotes of any kind."""
    place = path.relative_to(TOP).as_posix()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith(("//", "*", "/*")):
            continue
        for _, text in re.findall(r"([\"'`])((?:\\.|(?!\1).)*)\1", line):
            shown = re.sub(
                r"\$\{([^}]*)\}",
                lambda match: f"<{(re.findall(r'[A-Za-z_]+', match[1]) or ['value'])[-1]}>",
                text,
            )
            if _is_prose(shown) and "=" not in shown and not shown.startswith((".", "#", "-")):
                yield Message("page", f"{place}:{number}", shown)


@cache
def _read_witnesses() -> list[tuple[str, str]]:
    """Return the texts of tests and documentation, one line each, with the paths."""
    folders = ("tests", "docs")
    paths = [path for folder in folders for path in sorted((TOP / folder).rglob("*.[pm][yd]"))]
    return [
        (path.relative_to(TOP).as_posix(), path.read_text(encoding="utf-8"))
        for path in [TOP / "README.md", *paths]
        if path != Path(__file__)
    ]


def find_example(message: Message) -> str | None:
    """Return the text as a test or a page has it, with the path of that; ``None`` where none has."""
    pieces = [piece for piece in re.split(r"<\w+>", message.text) if piece.strip()]
    longest = max(pieces, key=len).strip()
    pattern = re.compile(r"[^\"\n]{1,80}?".join(map(re.escape, re.split(r"<\w+>", message.text))))
    for path, text in _read_witnesses():
        if longest in text and (match := pattern.search(text)) is not None:
            return f"{path}: {match[0]}"
    return None


def count_messages(messages: Iterable[Message]) -> str:
    """Return how many there are, how long they are, and how many are long."""
    lengths = [one.words for one in messages]
    mean = sum(lengths) / len(lengths)
    long = sum(length > MOST_WORDS for length in lengths)
    return f"{len(lengths)} messages, {mean:.1f} words on average, {long} of more than {MOST_WORDS}"


def main() -> int:
    """Print all messages."""
    sys.stdout.writelines(f"{line}\n" for line in _iter_lines(list_messages()))
    return 0


def _iter_lines(messages: list[Message]) -> Iterator[str]:
    for kind, ones in groupby(messages, key=lambda one: one.kind):
        yield f"== {kind}"
        for one in ones:
            yield f"{one.place}: {one.text}"
            if (example := find_example(one)) is not None:
                yield f"    {example}"
    yield count_messages(messages)


if __name__ == "__main__":
    sys.exit(main())
