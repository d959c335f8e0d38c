"""One version of a function as a small module of its own, with its syntax tree, layout and numbers.

What surrounds the function is left out, except for what gives its text another meaning. So parsing, measuring
and proving take as long as the function is, not as long as its file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pytest_antipasta.advice.aims import Scores
from pytest_antipasta.advice.annotations import Annotations
from pytest_antipasta.advice.edits import Line, LineChange
from pytest_antipasta.advice.layout import Layout, UnwritableError
from pytest_antipasta.metrics.cognitive import measure_cognitive, trace_cognitive
from pytest_antipasta.metrics.nodes import FUNCTIONS, FunctionNode
from pytest_antipasta.metrics.points import find_points
from pytest_antipasta.metrics.source import parse_source
from pytest_antipasta.metrics.walk import Scope, walk_scopes


@dataclass(frozen=True)
class Snippet:
    """One version of a function, with helpers that were moved out of it.

    Attributes:
        lines: its lines; those that surround the function have the origin 0.
        start: the first line of the function, that of its first decorator included.
        outside: the line before which a helper can stand that is in no class and in no other statement.
        classes: the names of the classes around it, outermost first.
        in_class: whether the function is a method.
        name: its own name.
        width: the length of lines that its file keeps to.
        helpers: qualified names of helpers, in the order in which they were made.
        moved_types: types of its names by annotations that may be in helpers now.
    """

    lines: tuple[Line, ...]
    start: int
    outside: int
    classes: tuple[str, ...]
    in_class: bool
    name: str
    width: int
    helpers: tuple[str, ...] = ()
    moved_types: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def text(self) -> str:
        """The source."""
        return "".join(f"{line.text}\n" for line in self.lines)

    @cached_property
    def qualified_name(self) -> str:
        """The name of the function in this source."""
        return self.qualify(self.name)

    @property
    def has_lazy_annotations(self) -> bool:
        """Whether annotations are not evaluated where they stand."""
        return self.start > 1 and "annotations" in self.lines[0].text and not self.lines[0].origin

    @cached_property
    def annotations(self) -> Annotations:
        """The types of the names of the function."""
        found = Annotations.read(self.function, self.layout, is_lazy=self.has_lazy_annotations)
        return found._replace(types={**self.moved_types, **found.types})

    @property
    def is_top(self) -> bool:
        """Whether the function is in no other statement of the module."""
        return self.start == self.outside

    def qualify(self, name: str) -> str:
        """Return the qualified name of a function beside this one."""
        return ".".join((*self.classes, name))

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.

        Raises:
            SourceError: the source is not valid.
        """
        return parse_source(self.text)

    @cached_property
    def layout(self) -> Layout:
        """The text with what its tokens say."""
        return Layout([line.text for line in self.lines], self.width)

    @cached_property
    def function(self) -> FunctionNode:
        """The function in the syntax tree."""
        body: Sequence[ast.stmt] = self.tree.body
        while True:
            node = next(each for each in body if (each.end_lineno or 0) >= self.start)
            if isinstance(node, FUNCTIONS):
                return node
            body = getattr(node, "body", ())

    def count_points(self, first: int, last: int) -> Scores:
        """Return the points of some lines; cyclomatic ones are without functions and classes inside."""
        cognitive = self._traced[self._find_key(self._traced, self.start)]
        both, lines = (cognitive, self._cyclomatic[self.qualified_name]), range(first, last + 1)
        return Scores(*(sum(points.get(line, 0) for line in lines) for points in both))

    @cached_property
    def numbers(self) -> Scores:
        """The values of the function."""
        return self.measure(self.qualified_name)

    def measure(self, name: str) -> Scores:
        """Return the values of the function or a helper, given by its qualified name."""
        cognitive = self._traced[self._find_key(self._traced, self.find(name).lineno)]
        return Scores(sum(cognitive.values()), sum(self._cyclomatic[name].values()))

    def find(self, name: str) -> FunctionNode:
        """Return the function or a helper, given by its qualified name."""
        nodes = (scope.node for scope in self._scopes if scope.qualified_name == name)
        return next(node for node in nodes if isinstance(node, FUNCTIONS))

    @cached_property
    def _scopes(self) -> Sequence[Scope]:
        return walk_scopes(self.tree)

    @cached_property
    def _cyclomatic(self) -> Mapping[str, Mapping[int, int]]:
        return find_points(self._scopes, [line.text for line in self.lines])

    @cached_property
    def _traced(self) -> Mapping[int, Mapping[int, int]]:
        """Cognitive points of functions by line, by the line under which complexipy reports a function."""
        traced = trace_cognitive(self.text).items()
        return {line: function.by_line for line, function in traced if line is not None}

    def find_cognitive(self, *starts: int) -> Sequence[int]:
        """Return the cognitive complexity of functions by the lines on which they begin.

        It is empty if the source is not valid.
        """
        measured = measure_cognitive(self.text)
        points = measured.by_line if measured else {}
        return [points[self._find_key(points, start)] for start in starts] if points else []

    @staticmethod
    def _find_key(lines: Iterable[int], start: int) -> int:
        """Return the line under which complexipy reports the function that begins at a line."""
        return max(line for line in lines if line <= start)

    @cached_property
    def end(self) -> int:
        """The last line of the function, comments that are indented like its body included."""
        return self.layout.locate_block_end(self.function.body, self.layout.indent(self.start))

    def with_changes(self, *changes: LineChange) -> Snippet:
        """Return the snippet with changes, all given by the lines of this version."""
        lines = list(self.lines)
        for change in sorted(changes, key=lambda change: -change.first):
            lines[change.first - 1 : change.last] = self._trace(change.lines)
        shift = sum(change.growth for change in changes if change.last < self.start)
        return replace(self, lines=tuple(lines), start=self.start + shift, outside=self.outside + shift)

    def _trace(self, new: Iterable[Line]) -> list[Line]:
        """Return lines that come from lines of this version as lines that come from the original file."""
        return [line._replace(origin=self.lines[line.origin - 1].origin) for line in new]

    def find_origins(self, first: int, last: int) -> tuple[int, int]:
        """Return the first and the last line of the original file that some lines come from."""
        origins = [line.origin for line in self.lines[first - 1 : last] if line.origin]
        if not origins:
            raise UnwritableError("new lines only")
        return min(origins), max(origins)
