"""What is known of a file without asking the gate: numbers, bodies, comments and entries."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from campaigns.hunt.baselines import read_entries
from campaigns.hunt.commands import Number
from campaigns.hunt.trees import BLOCK_METRICS, FILE_METRICS, Tree, Warned, measured_of, read_settings
from pytest_antipasta import measure

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_Block = (*_Function, ast.ClassDef)
_COMMENT = re.compile(r"# antipasta: ignore(?:\[(?P<metric>\w+)(?:<=(?P<most>\d+))?\])?\s*$")


class Function(NamedTuple):
    """What is known of a function.

    Attributes:
        numbers: by metric; ``None`` for the points of a closure.
        body: all but its name: functions of equal ones are the same.
        cores: what is left of it without decorators and docstrings: with none in common, it is another.
        comments: that suppress.
        lines: from the ``def`` on, without indentation, blank lines and comments.
    """

    numbers: Mapping[str, float | None]
    body: str
    cores: frozenset[str]
    comments: tuple[str, ...]
    lines: tuple[str, ...]

    def is_similar(self, other: Function) -> bool:
        """Whether both have half of the lines of the longer one in common, or more."""
        common = sum((Counter(self.lines) & Counter(other.lines)).values())
        return 2 * common >= max(len(self.lines), len(other.lines))


class File(NamedTuple):
    """What is known of a file.

    Attributes:
        metrics: its own numbers.
        functions: by qualified name.
        suppressing: the qualified names of classes with comments, which are about all of their functions.
    """

    metrics: Mapping[str, float | None]
    functions: Mapping[str, Function]
    suppressing: frozenset[str]


@functools.lru_cache(maxsize=5_000)
def find_facts(text: str) -> File:
    """Return what is known of a source."""
    measured = measure(text.encode(), "a.py")
    nodes = {node.lineno: node for node in ast.walk(ast.parse(text)) if isinstance(node, _Block)}
    lines = text.split("\n")
    functions = {
        block.qualified_name: Function(
            {metric: getattr(block, metric) for metric in BLOCK_METRICS},
            *_dump("\n".join(lines[_start(nodes[block.line]) : block.end_line])),
            _find_comments(nodes[block.line], lines),
            tuple(filter(_is_code, map(str.strip, lines[block.line - 1 : block.end_line]))),
        )
        for block in measured.blocks
        if block.kind != "class"
    }
    suppressing = frozenset(
        block.qualified_name
        for block in measured.blocks
        if block.kind == "class" and _find_comments(nodes[block.line], lines)
    )
    metrics = {metric: getattr(measured.metrics, metric) for metric in FILE_METRICS}
    return File(metrics, functions, suppressing)


def _is_code(line: str) -> bool:
    return bool(line) and not line.startswith("#")


def _start(node: _Definition | ast.ClassDef) -> int:
    """Return the line of the first decorator, or of the ``def``, counted from 0."""
    return min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1


@functools.lru_cache(maxsize=20_000)
def _dump(source: str) -> tuple[str, frozenset[str]]:
    """Return the body of a function, and its cores."""
    tree = ast.parse(f"if 1:\n{source}" if source[0].isspace() else source).body[0]
    node = tree.body[0] if isinstance(tree, ast.If) else tree
    assert isinstance(node, _Function)
    name, node.name = node.name, ""
    _forget_name(node, name, is_any=False)
    body = ast.dump(node)
    node = ast.parse(f"if 1:\n{source}" if source[0].isspace() else source).body[0]
    return body, frozenset(_find_cores(node.body[0] if isinstance(node, ast.If) else node, name))


def _find_cores(node: ast.AST, name: str) -> Iterator[str]:
    """Yield what is left of a function without decorators and docstrings, with and without its own name."""
    for inner in ast.walk(node):
        if isinstance(inner, (*_Function, ast.ClassDef)):
            inner.decorator_list = []
            if ast.get_docstring(inner, clean=False) is not None:
                inner.body = inner.body[1:]
    node.name = ""  # type: ignore[attr-defined]
    yield ast.dump(node)
    _forget_name(node, name, is_any=False)
    yield ast.dump(node)
    _forget_name(node, name, is_any=True)
    yield ast.dump(node)


def _forget_name(node: ast.AST, name: str, *, is_any: bool) -> None:
    """Take a function's name out of it, where it names itself, or of any attribute of that name, too."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=own) if own == name:
                inner.id = ""
            case ast.Attribute(value=value, attr=own) if own == name and (is_any or _is_self(value)):
                inner.attr = ""


def _is_self(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


def _find_comments(node: _Definition | ast.ClassDef, lines: list[str]) -> tuple[str, ...]:
    start = _start(node)
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return tuple(
        line[line.index("# antipasta:") :] for line in lines[start : node.lineno] if "# antipasta:" in line
    )


class Facts:
    """What is known of a tree."""

    def __init__(self, tree: Tree, settings: str) -> None:
        """Measure its files, and judge them by some settings."""
        self.files = {path: find_facts(text) for path, text in measured_of(tree, settings).items()}
        self._limits, self._folders, _ = read_settings(settings)
        self.entries: dict[Number, list[float]] = {}
        for entry in read_entries(tree):
            key = (entry["path"], entry.get("qualified_name"), entry["metric"])
            self.entries.setdefault(key, []).append(entry["value"])

    def find(self, number: Number) -> float | None:
        """Return a number, if there is one."""
        path, name, metric = number
        if path not in self.files:
            return None
        if name is None:
            return self.files[path].metrics[metric]
        function = self.files[path].functions.get(name)
        return function.numbers[metric] if function else None

    def is_over(self, number: Number, value: float) -> bool:
        """Whether a value is over the limit that holds for a number."""
        path, _, metric = number
        limit = self._folders.get(path.partition("/")[0], {}).get(metric, self._limits[metric])
        if limit is False or isinstance(self._limits[metric], Warned):
            return False
        return value < limit if metric == "maintainability_index" else value > limit

    def is_suppressed(self, number: Number, value: float) -> bool | None:
        """Whether a comment suppresses a number; ``None`` where there are several, or one at a class."""
        path, name, metric = number
        if name is not None and any(name.startswith(f"{one}.") for one in self.files[path].suppressing):
            return None
        comments = self.files[path].functions[name].comments if name is not None else ()
        if not comments:
            return False
        match = _COMMENT.match(comments[0])
        if len(comments) > 1 or match is None:
            return None
        return match["metric"] in (None, metric) and (match["most"] is None or value <= int(match["most"]))

    def is_recorded(self, number: Number, value: float) -> bool | None:
        """Whether the baseline tolerates a number; ``None`` where entries may have followed something."""
        path, name, metric = number
        own = self.entries.get(number, [])
        if own and (name is None or value <= min(own)):
            return True if name is None or not self.is_ambiguous(path, name) else None
        if own and self.is_ambiguous(path, name or ""):
            return None
        others = [key for key, values in self.entries.items() if name is None or max(values) >= value]
        return None if any(key[2] == metric and self._may_follow(key) for key in others) else False

    def _may_follow(self, key: Number) -> bool:
        """Whether an entry's function is not where it was recorded, as far as a name tells."""
        path, name, _ = key
        if path not in self.files:
            return True
        return name is not None and (name not in self.files[path].functions or self.is_ambiguous(path, name))

    def is_ambiguous(self, path: str, name: str) -> bool:
        """Whether a file has several functions of a name."""
        stem = find_stem(name)
        names = self.files[path].functions if path in self.files else ()
        return "#" in name or sum(find_stem(one) == stem for one in names) > 1

    def has_name(self, path: str, name: str) -> bool:
        """Whether there is a function of a name in a file, or in any if there is no such file."""
        paths = [path] if path in self.files else list(self.files)
        return any(find_stem(one) == find_stem(name) for file in paths for one in self.files[file].functions)

    def find_alike(self, function: Function) -> set[tuple[str, str]]:
        """Return the places of all that may be a function."""
        return {place for core in function.cores for place in self._places.get(core, ())}

    def find_similar(self, function: Function) -> set[tuple[str, str]]:
        """Return the places of all that have half of a function's lines or more."""
        return {
            (path, name)
            for path, file in self.files.items()
            for name, other in file.functions.items()
            if function.is_similar(other)
        }

    @functools.cached_property
    def _places(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for path, file in self.files.items():
            for name, function in file.functions.items():
                for core in function.cores:
                    found.setdefault(core, []).append((path, name))
        return found

    def find_successors(self, path: str, before: Facts) -> list[File]:
        """Return the file of a path; where it is gone, those that are new, as one of them may be it."""
        if path in self.files:
            return [self.files[path]]
        return [self.files[new] for new in self.files.keys() - before.files.keys()]

    def find_over(self) -> dict[Number, float]:
        """Return all numbers that are over their limits."""
        numbers = [(path, None, metric) for path in self.files for metric in FILE_METRICS]
        blocks = [(path, name) for path, file in self.files.items() for name in file.functions]
        every: list[Number] = [*numbers, *((*block, metric) for block in blocks for metric in BLOCK_METRICS)]
        values = {number: value for number in every if (value := self.find(number)) is not None}
        return {number: value for number, value in values.items() if self.is_over(number, value)}


def find_stem(name: str) -> str:
    """Return a qualified name without the numbers that tell functions of one name apart."""
    return re.sub(r"#\d+", "", name)
