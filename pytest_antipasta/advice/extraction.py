"""Find runs of statements that can become a function of their own, with its parameters and result."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple, TypeGuard

from pytest_antipasta.advice.aims import Scores
from pytest_antipasta.advice.bindings import NONE, Bindings, Names
from pytest_antipasta.advice.control_flow import (
    StatementBlock,
    always_jumps,
    iter_blocks,
    iter_own,
    returns_value,
)
from pytest_antipasta.advice.keeping import find_kept
from pytest_antipasta.advice.layout import Layout, UnwritableError
from pytest_antipasta.advice.liveness import Exits, Liveness
from pytest_antipasta.advice.obstacles import Obstacles, find_obstacles
from pytest_antipasta.advice.proof.helper import find_binding
from pytest_antipasta.advice.proof.traits import reads_variables, take_last_name
from pytest_antipasta.advice.snippet import Snippet
from pytest_antipasta.metrics.nodes import FunctionNode, find_first_line, is_elif

# Maximum number of runs that are looked at in one version of a function.
_MOST_RUNS = 1_000
# Runs of fewer lines are not worth a function.
_FEWEST_LINES = 3
_FEWEST_LEFT = 2
_WORD = re.compile(r"\w+")
# Decorators that say what a method is called on.
_BINDING = frozenset({"classmethod", "property", "staticmethod"})
_VALUES = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return)


class Run(NamedTuple):
    """Statements of a block, one after the other.

    Attributes:
        block: the block.
        body: the statements.
        first: their first line, without comments above.
        last: their last line, or that of comments at the end of a block in them.
        points: what their lines add to the numbers of the function.
    """

    block: StatementBlock
    body: Sequence[ast.stmt]
    first: int
    last: int
    points: Scores

    @property
    def end(self) -> str:
        """What the end of the run leads to, as for a block."""
        return self.block.end_after(self.body[-1])


class Extraction(NamedTuple):
    """A run that can become a function.

    Attributes:
        run: the statements.
        parameters: the names to pass, without ``self``.
        result: the name to return; empty if there is none.
        receiver: ``self`` or ``cls``, on which the new function is called if it is a method; else empty.
        decorator: ``staticmethod`` for a method without need of the receiver, ``classmethod``, or empty.
        is_async: whether it awaits.
        yields: whether it is a generator, as the function is.
        leaves: whether the call is returned, as the run returns or ends the function.
        continues: whether ``continue`` in the run becomes ``return``.
        is_doubtful: whether a value could be seen halfway after an exception.
        strands: whether an assignment or a declaration is parted from all that reads its name, or from what
            directly follows it and goes on with its value.
    """

    run: Run
    parameters: tuple[str, ...]
    result: str
    receiver: str
    decorator: str
    is_async: bool
    yields: bool
    leaves: bool
    continues: bool
    is_doubtful: bool
    strands: bool


class Extractor:
    """Looks for runs in one version of a function."""

    def __init__(self, snippet: Snippet) -> None:
        self._snippet = snippet
        self._obstacles: dict[ast.stmt, Obstacles] = {}
        self._function: FunctionNode = snippet.function

    def iter_runs(self) -> Iterator[Run]:
        """Yield runs of whole lines that have points, the first thousand."""
        is_fixed = reads_variables([*ast.walk(self._function)])
        return iter(()) if is_fixed else islice(self._iter_all_runs(), _MOST_RUNS)

    def _iter_all_runs(self) -> Iterator[Run]:
        layout: Layout = self._snippet.layout
        for block in iter_blocks(self._function):
            if block.function is not self._function or block.body[0] in self._unrun:
                continue
            for start, stop in _iter_ranges(block.body, block.body is self._function.body):
                body = block.body[start:stop]
                if self._is_bare(body) or (stop < len(block.body) and _is_for_types(body)):
                    continue
                first = find_first_line(body[0])
                last = layout.locate_block_end(body, layout.indent(first))
                points = self._snippet.count_points(first, last)
                if last - first + 1 >= _FEWEST_LINES and any(points):
                    yield Run(block, body, first, last, points)

    def _is_bare(self, body: Sequence[ast.stmt]) -> bool:
        """Return whether statements are a single value, without a comment that says what it is."""
        line = find_first_line(body[0])
        is_value = isinstance(body[0], _VALUES) and len(body) == 1
        return is_value and self._snippet.layout.find_comments_above(line) == line

    def describe(self, run: Run) -> Extraction:
        """Return how a run can become a function, if that can be proven.

        Raises:
            UnwritableError: it can't.
        """
        self._check_text(run)
        obstacles = self._find_obstacles(run)
        leaves = self._check_jumps(run, obstacles)
        written = self._bindings.find_written(run.body)
        results = NONE if leaves else written & self._liveness.after[run.body[-1]]
        _check_call(run, obstacles, results, leaves=leaves)
        # Local names that it reads, or returns without having bound them.
        exits = Exits(continues=results, returns=results)
        needed = Liveness(self._bindings).visit(run.body, results, exits)
        if self._snippet.classes and not self._receiver and self._first in needed:
            raise UnwritableError("it needs the class around it")
        self._check_annotations(run, needed | written, written - results)
        self._check_passed(run, needed, results)
        is_end = leaves or run.end == "return"
        if not is_end and not find_kept(run.body, self._read).isdisjoint(written - results):
            raise UnwritableError("it binds what may have to stay")
        return Extraction(
            run,
            tuple(sorted(needed - {self._receiver}, key=self._order.__getitem__)),
            next(iter(results), ""),
            self._receiver,
            self._choose_decorator(needed),
            is_async="await" in obstacles,
            yields="yield" in obstacles,
            leaves=leaves,
            continues="continue" in obstacles,
            is_doubtful=bool(written & self._liveness.on_error[run.body[0]]),
            strands=_lacks_start(run, needed, results) | self._strands(run, needed | results),
        )

    def _check_passed(self, run: Run, needed: Names, results: Names) -> None:
        """Raise an error if what is passed may not be: by what a run does with it, or by what it is.

        Several results, a value that is released or resized, an import, or the keywords of ``__init__``:
        jsonargparse looks in its source for what takes them, and makes options of that.
        """
        if len(results) > 1:
            raise UnwritableError("it has several results")
        if not self._find_released(run).isdisjoint(needed):
            raise UnwritableError("it releases a value that is passed")
        if not self._imported.isdisjoint(needed | results):
            raise UnwritableError("it passes an import")
        if not _find_resized(run.body).isdisjoint(needed - {self._receiver}):
            raise UnwritableError("it resizes a value that is passed")
        keywords = self._function.args.kwarg
        if self._function.name == "__init__" and keywords and keywords.arg in needed:
            raise UnwritableError("it passes keywords on")

    def _check_annotations(self, run: Run, inside: Names, moved: Names) -> None:
        """Raise an error if an annotation is parted from the local name in it.

        Args:
            run: the statements.
            inside: local names that the new function has.
            moved: those that are bound there, and not returned.
        """
        for line, names in self._annotated:
            is_inside = run.first <= line <= run.last
            if (names - inside) if is_inside else (names & moved):
                raise UnwritableError("an annotation names what is local")

    def _strands(self, run: Run, passed: Names) -> bool:
        """Return whether a name that is not passed stands on both sides of a call, and is read on one."""
        inside = [node for node in self._names if run.first <= node.lineno <= run.last]
        outside = [node for node in self._names if not run.first <= node.lineno <= run.last]
        on_both = {node.id for node in inside}.intersection(node.id for node in outside)
        return not (_find_read(inside) ^ _find_read(outside)).isdisjoint(on_both - passed)

    def _find_released(self, run: Run) -> Names:
        """Return the names that a run sets to ``None`` to let go of their values."""
        released = (names for line, names in self._released.items() if run.first <= line <= run.last)
        return NONE.union(*released)

    def _choose_decorator(self, needed: Names) -> str:
        if self._receiver and self._receiver not in needed:
            return "staticmethod"
        return "classmethod" if self._receiver and self._binding == "class" else ""

    def _check_text(self, run: Run) -> None:
        layout: Layout = self._snippet.layout
        first, last = run.body[0], run.body[-1]
        if is_elif(first, layout.lines):
            raise UnwritableError("it begins with an elif")
        layout.check_switches(layout.find_comments_above(run.first), run.last)
        if first.lineno == run.first:
            layout.check_alone(first)
        layout.check_alone(last)
        if any(";" in layout.lines[line - 1] for line in layout.closed if run.first <= line <= run.last):
            raise UnwritableError("a semicolon")
        if self._function.name == "__init__" and self._has_documented(run):
            raise UnwritableError("it documents an attribute")

    def _find_obstacles(self, run: Run) -> Obstacles:
        for statement in run.body:
            if statement not in self._obstacles:
                self._obstacles[statement] = find_obstacles(statement)
        found: Obstacles = frozenset().union(*(self._obstacles[statement] for statement in run.body))
        allowed = {"return", "continue", "yield" if self._can_delegate else "await"}
        if forbidden := found - allowed:
            raise UnwritableError(min(forbidden))
        return found

    @cached_property
    def _can_delegate(self) -> bool:
        """Whether it can yield from another generator: it is not asynchronous, and no decorator drives it."""
        decorators = {ast.unparse(each) for each in self._function.decorator_list}
        return isinstance(self._function, ast.FunctionDef) and decorators <= _BINDING

    def _check_jumps(self, run: Run, obstacles: Obstacles) -> bool:
        """Return whether the call is to be returned."""
        if "continue" in obstacles:
            if "return" in obstacles or run.end != "continue":
                raise UnwritableError("continue")
            return False
        if run.end == "return" and not returns_value(self._function.body):
            return False
        if always_jumps(run.body):
            return True
        if "return" in obstacles and run.end != "return":
            raise UnwritableError("return")
        return "return" in obstacles and returns_value(run.body)

    def _has_documented(self, run: Run) -> bool:
        """Return whether comments or texts of a run are the documentation of attributes.

        Sphinx and mkdocstrings read it in ``__init__`` alone.
        """
        comments = self._snippet.layout.comments
        first = self._snippet.layout.find_comments_above(run.first)
        has_comment = any(comments.get(line, "").startswith("#:") for line in range(first, run.last + 1))
        return has_comment or any(map(is_docstring, iter_own(run.body)))

    @cached_property
    def _unrun(self) -> set[ast.stmt]:
        """The first statements of blocks that only type checkers read: they say what follows about types."""
        return {node.body[0] for node in iter_own(self._function.body) if _is_unrun(node)}

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """Ranks of local names: parameters first, then as they come up in the function."""
        others = sorted(self._bindings.local)
        names = dict.fromkeys([*self._bindings.parameters, *(node.id for node in self._names), *others])
        return {name: rank for rank, name in enumerate(names)}

    @cached_property
    def _names(self) -> Sequence[ast.Name]:
        """The names in the function, in order."""
        nodes = [node for node in ast.walk(self._function) if isinstance(node, ast.Name)]
        return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))

    @cached_property
    def _read(self) -> set[str]:
        return _find_read(self._names)

    @cached_property
    def _annotated(self) -> Sequence[tuple[int, Names]]:
        """The lines of annotations, with the local names and type parameters in them.

        Python does not evaluate these annotations, or only later, so that a helper gets no such name by them.
        Pydantic finds the names of a class's annotations among the variables of the function around it.
        """
        own = self._bindings.local.union(each.name for each in getattr(self._function, "type_params", ()))
        found = [node for statement in self._function.body for node in _iter_annotations(statement)]
        words = [own.intersection(_WORD.findall(self._snippet.layout.text(node))) for node in found]
        return [*zip((node.lineno for node in found), words, strict=True)]

    @cached_property
    def _released(self) -> Mapping[int, Names]:
        """The names that are set to ``None`` and not read again, by line."""
        return {
            node.lineno: self._bindings.find_written([node]) - after
            for node, after in self._liveness.after.items()
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and node.value.value is None
        }

    @cached_property
    def _imported(self) -> Names:
        """The names that imports in the function bind."""
        nodes = iter_own(self._function.body)
        return self._bindings.find_written(
            node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)
        )

    @cached_property
    def _bindings(self) -> Bindings:
        return Bindings(self._function)

    @cached_property
    def _liveness(self) -> Liveness:
        liveness = Liveness(self._bindings)
        liveness.visit(self._function.body, NONE, Exits())
        return liveness

    @cached_property
    def _first(self) -> str:
        """The name of the first parameter if a call on an object or a class passes it; else empty.

        Functions of a class that it calls in its body, or that its metaclass makes static, look like methods
        but for this name.
        """
        arguments = self._function.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        if not names or not self._snippet.classes or self._binding == "static":
            return ""
        is_passed = "self" in names[0] or names[0] == "cls" or self._binding == "class"
        return names[0] if is_passed else ""

    @cached_property
    def _receiver(self) -> str:
        """The name of the first parameter if it is an object or class whose methods can be called."""
        # Decorators of other packages make class methods, which only the name of the parameter shows.
        is_known = self._binding in ("object", "class")
        is_bound = self._first in self._bindings.find_written(self._function.body)
        return self._first if self._snippet.in_class and is_known and not is_bound else ""

    @cached_property
    def _binding(self) -> str:
        return find_binding(self._function)


def _iter_ranges(body: Sequence[ast.stmt], is_whole: bool) -> Iterator[tuple[int, int]]:
    """Yield the beginnings and ends of runs in a block; of the whole body, some must be left.

    None begins with a text, which a new function would have as its docstring, and Streamlit would not show.
    """
    begin = int(is_whole and is_docstring(body[0]))
    for start in (place for place in range(begin, len(body)) if not is_docstring(body[place])):
        for stop in range(start + 1, len(body) + 1):
            if not is_whole or len(body) - begin - (stop - start) >= _FEWEST_LEFT:
                yield start, stop


def _check_call(run: Run, obstacles: Obstacles, results: Names, *, leaves: bool) -> None:
    """Raise an error if the call of a new function would not show what it does."""
    if not leaves and isinstance(run.body[-1], ast.Raise):
        raise UnwritableError("it raises, which its call would not show")
    if "yield" in obstacles and (leaves or results):
        raise UnwritableError("it yields, and returns a value")


def _lacks_start(run: Run, needed: Names, results: Names) -> bool:
    """Return whether the statement before a run begins what the run goes on with.

    It declares a name that the run binds, or gives it a first value that the run adds to or replaces, such as
    an empty list.
    """
    place = run.block.body.index(run.body[0])
    match run.block.body[place - 1 : place]:
        case [ast.Assign([ast.Name(name)], value)] | [ast.AnnAssign(ast.Name(name), value=value)]:
            return name in results or (name in needed and _is_empty(value))
    return False


def _is_empty(value: ast.expr | None) -> bool:
    """Return whether a value is an empty list or dictionary, or that of a call like ``set()``."""
    match value:
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(ast.Name(), [], []):
            return True
    return False


def _find_resized(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names of what may be an array of numpy that is resized in place.

    That fails if anything else refers to the array, such as a variable of a caller.
    """
    found: set[str] = set()
    for node in (node for statement in body for node in ast.walk(statement)):
        match node:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "resize"), _, options)):
                if all(option.arg != "refcheck" for option in options):
                    found.add(name)
    return found


def _iter_annotations(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the annotations in a statement, those of functions and classes in it included."""
    for node in ast.walk(statement):
        found = (getattr(node, name, None) for name in ("annotation", "returns"))
        yield from (each for each in found if isinstance(each, ast.expr))


def _find_read(names: Iterable[ast.Name]) -> set[str]:
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def _is_for_types(body: Sequence[ast.stmt]) -> bool:
    """Return whether type checkers need statements, or the last of them, for what follows."""
    return isinstance(body[-1], ast.Assert) or _is_unrun(body[-1]) or _only_declares(body)


def _is_unrun(node: ast.AST) -> TypeGuard[ast.If]:
    """Return whether only type checkers read the body of a node."""
    return isinstance(node, ast.If) and take_last_name(node.test) == "TYPE_CHECKING"


def _only_declares(body: Sequence[ast.stmt]) -> bool:
    """Return whether statements declare a variable without a value, and bind it nowhere."""
    declared = [node.target for node in body if isinstance(node, ast.AnnAssign) and node.value is None]
    bound = _count_bound(body) if declared else {}
    return any(bound[ast.unparse(target)] == 1 for target in declared)


def _count_bound(body: Sequence[ast.stmt]) -> Mapping[str, int]:
    """Return how often each name is bound in statements."""
    nodes = (node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name))
    return Counter(node.id for node in nodes if isinstance(node.ctx, ast.Store))


def is_docstring(node: ast.AST) -> bool:
    """Return whether a statement is a constant alone, as a docstring is."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
