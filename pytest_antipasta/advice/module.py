"""A module whose functions are to be made simpler, and the text of one function cut out of it."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_antipasta.advice.edits import Line
from pytest_antipasta.advice.layout import DEFINITION, UnwritableError, measure_width
from pytest_antipasta.advice.proof.versions import find_futures
from pytest_antipasta.advice.snippet import Snippet
from pytest_antipasta.metrics.nodes import FUNCTIONS, FunctionNode, find_first_line, find_last_line, is_elif
from pytest_antipasta.metrics.source import find_indent, parse_source
from pytest_antipasta.metrics.walk import walk_scopes

# What black and ruff keep to unless they are told otherwise. A longer one shows in the lines, and the shorter
# one of PEP 8 if there are many.
_USUAL_WIDTH, _PEP8_WIDTH = 88, 79
_MANY_LINES = 200
# One line in this many may be longer. Hardly a project lets code have more columns, but regular expressions.
_FEW_ARE_LONGER = 200
_MOST_WIDTH = 120
_WORD = re.compile(r"\w+")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
# What begins a cell of a script that editors and jupytext read as a notebook, or a region that editors fold.
_CELL = re.compile(r"#\s*(?:%%|\+(?:\s|$)|region\b)")


@dataclass(frozen=True)
class Module:
    """A parsed source.

    Attributes:
        text: the decoded source with line feeds only.
        tree: its syntax tree.
        line_length: the length that a formatter is set to; ``None`` if unknown.
    """

    text: str
    tree: ast.Module
    line_length: int | None = None

    @classmethod
    def parse(cls, text: str, line_length: int | None = None) -> Module:
        r"""Return the module of a decoded source, with ``\n``, ``\r\n`` or ``\r`` at the end of its lines.

        Args:
            text: the source.
            line_length: the length that a formatter is set to; ``None`` if unknown.

        Raises:
            SourceError: it is not valid.
        """
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return cls(text, parse_source(text), line_length)

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines, as counted by Python's parser."""
        return self.text.split("\n")

    @cached_property
    def functions(self) -> Mapping[str, FunctionNode]:
        """Functions that are in no other function, by their qualified names.

        These are the functions with a cognitive complexity of their own.
        """
        return {
            scope.qualified_name: scope.node
            for scope in walk_scopes(self.tree)
            if isinstance(scope.node, FUNCTIONS) and scope.parent and scope.parent.context is None
        }

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the source as Python reads names, comments and strings included."""
        return frozenset(_WORD.findall(unicodedata.normalize("NFKC", self.text)))

    @cached_property
    def width(self) -> int:
        """The length that a formatter is set to, or that nearly all lines of code keep to.

        Formatters leave lines with comments and strings long: of these, only short lines with strings count.
        """
        if self.line_length is not None:
            return self.line_length
        lengths = {
            number: measure_width(line)
            for number, line in enumerate(self.lines, 1)
            if line.strip() and "#" not in line
        }
        if len(lengths) >= _MANY_LINES and max(lengths.values()) <= _PEP8_WIDTH:
            return _PEP8_WIDTH
        code = sorted(lengths[number] for number in lengths.keys() - self._string_lines)
        kept = code[: len(code) - len(code) // _FEW_ARE_LONGER]
        return max([_USUAL_WIDTH, *(length for length in kept if length <= _MOST_WIDTH)])

    @cached_property
    def _string_lines(self) -> frozenset[int]:
        """The lines that have strings, or parts of them."""
        return frozenset(
            line
            for node in ast.walk(self.tree)
            if isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
            for line in range(node.lineno, (node.end_lineno or 0) + 1)
        )

    @cached_property
    def _futures(self) -> Sequence[str]:
        """The names imported from ``__future__``."""
        return [alias.name for node in find_futures(self.tree) for alias in node.names]

    def cut(self, name: str) -> Snippet:
        """Return one function with the headers of the classes around it, and of other statements as ``if``.

        Imports from ``__future__`` come first, as they change the meaning of code.

        Args:
            name: its qualified name, a key of ``functions``.

        Raises:
            UnwritableError: it is not alone on its lines, or ends on a blank line after a backslash.
        """
        node = self.functions[name]
        around = [each for each in self._around[node] if not is_elif(each, self.lines)]
        classes = [each for each in around if isinstance(each, ast.ClassDef)]
        future = [f"from __future__ import {', '.join(self._futures)}"] if self._futures else []
        head = [*future, *map(self._write_header, around)]
        return Snippet(
            (*(Line(text, 0) for text in head), *self._find_lines(node)),
            start=len(head) + 1,
            outside=len(future) + 1,
            classes=tuple(each.name for each in classes),
            in_class=bool(around) and around[-1] in classes,
            name=node.name,
            width=self.width,
        )

    def iter_bases(self, name: str) -> Iterator[str]:
        """Yield the bases of a method's class, without what they are parametrised with."""
        around = self._around[self.functions[name]]
        classes = [each for each in around if isinstance(each, ast.ClassDef)]
        for base in classes[-1].bases if classes else ():
            yield ast.unparse(base).partition("[")[0]

    def iter_decorators(self, name: str) -> Iterator[str]:
        """Yield the decorators of a function, of functions in it, and of classes around it, without texts.

        A function may also be passed to one, as in ``fast = njit(f)``, or an object of its class, as in
        ``torch.jit.script(Net())``. With ``engine="numba"``, methods of pandas compile what they get: the
        engine counts, too.
        """
        node = self.functions[name]
        for each in (*self._around[node], *ast.walk(node)):
            for decorator in getattr(each, "decorator_list", ()):
                yield _TEXT.sub("''", ast.unparse(decorator))
        values = {getattr(each, "name", "") for each in (*self._around[node], node)}
        values |= {f"{each.name}()" for each in self._around[node] if isinstance(each, ast.ClassDef)}
        for value in values:
            yield from map(ast.unparse, self._called_with.get(value, ()))

    @cached_property
    def _called_with(self) -> Mapping[str, Sequence[ast.AST]]:
        """What is called with a value as an argument, and its engine: by the value, ``f`` or ``f()``."""
        found: dict[str, list[ast.AST]] = {}
        for call in ast.walk(self.tree):
            if isinstance(call, ast.Call):
                values = (*call.args, *(keyword.value for keyword in call.keywords))
                engines = [keyword for keyword in call.keywords if keyword.arg == "engine"]
                for value in filter(None, map(_name_value, values)):
                    found.setdefault(value, []).extend((call.func, *engines))
        return found

    def locate_outside(self, name: str) -> int:
        """Return the line of a module before which a function can stand that the named one calls.

        It is the first line of the statement of the module that it is in, comments directly above included,
        up to one that begins a cell. Those at the top of the file belong to the file, such as ``#!`` and its
        encoding.
        """
        node = self.functions[name]
        line = first = find_first_line(next(iter(self._around[node]), node))
        while line > 1 and self.lines[line - 2].startswith("#") and not _CELL.match(self.lines[line - 2]):
            line -= 1
        return line if any(text.strip() for text in self.lines[: line - 1]) else first

    @cached_property
    def _around(self) -> Mapping[ast.stmt, Sequence[ast.stmt]]:
        """The statements around each function, outermost first."""
        found: dict[ast.stmt, Sequence[ast.stmt]] = {}
        pending: list[tuple[ast.AST, tuple[ast.stmt, ...]]] = [(self.tree, ())]
        while pending:
            node, around = pending.pop()
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    pending.append((child, (*around, child)))
                elif isinstance(child, ast.match_case | ast.ExceptHandler):
                    pending.append((child, around))
            if isinstance(node, FUNCTIONS):
                found[node] = around[:-1]
        return found

    def _find_lines(self, node: FunctionNode) -> list[Line]:
        """Return the lines of a function, from its first decorator on."""
        first = find_first_line(node)
        text = self.lines[first - 1]
        indent = find_indent(text)
        if not DEFINITION.match(text) or "\f" in indent:
            raise UnwritableError("the function is not alone on its lines")
        # Comments that are indented like its body belong to it.
        last = find_last_line(node.end_lineno or node.lineno, len(indent), self.lines)
        if self.lines[last - 1].endswith("\\"):
            raise UnwritableError("the last line is continued")
        return [Line(self.lines[number - 1], number) for number in range(first, last + 1)]

    def _write_header(self, node: ast.stmt) -> str:
        indent = find_indent(self.lines[node.lineno - 1])
        if not isinstance(node, ast.ClassDef):
            return f"{indent}if 1:"
        types = ", ".join(map(ast.unparse, getattr(node, "type_params", ())))
        return f"{indent}class {node.name}[{types}]:" if types else f"{indent}class {node.name}:"


def _name_value(value: ast.expr) -> str:
    """Return a value as ``f``, or as ``f()`` if that returns it; empty if it is anything else."""
    if isinstance(value, ast.Call):
        return f"{value.func.id}()" if isinstance(value.func, ast.Name) else ""
    return value.id if isinstance(value, ast.Name) else ""
