"""Which local names of a function its statements read and bind, and which of them inner functions capture."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pytest_antipasta.metrics.nodes import INNER, FunctionNode, list_parameters

Names: TypeAlias = frozenset[str]
NONE: Names = frozenset()

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Bindings:
    """The local names of a function.

    Attributes:
        parameters: its parameters in order.
        local: all names that are local to it.
    """

    def __init__(self, function: FunctionNode) -> None:
        self.parameters = find_parameters(function.args)
        nodes = list(iter_scope(function.body))
        declared = {
            name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
        }
        bound = {name for node in nodes for name in iter_bound(node)}
        annotated = [node.target for node in nodes if isinstance(node, ast.AnnAssign)]
        bound |= {target.id for target in annotated if isinstance(target, ast.Name)}
        self.local: Names = frozenset({*self.parameters, *bound}) - declared
        self._written: dict[ast.AST, Names] = {}
        self._read: dict[ast.AST, Names] = {}
        self._assigned: dict[ast.AST, Names] = {}

    def find_written(self, nodes: Iterable[ast.AST]) -> Names:
        """Return the local names that some nodes bind; a declaration without a value binds none."""
        return NONE.union(*(self._find_written(node) for node in nodes))

    def find_assigned_inside(self, node: ast.AST) -> Names:
        """Return the local names that ``:=`` binds somewhere in a node."""
        known = self._assigned.get(node)
        if known is None:
            inside = (each for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
            known = self._assigned[node] = self.find_written(inside)
        return known

    def find_read(self, nodes: Iterable[ast.AST]) -> Names:
        """Return the local names that some nodes read, and those that functions in them capture."""
        return NONE.union(*(self._find_read(node) for node in nodes))

    def find_captured(self, node: ast.AST) -> Names:
        """Return the local names that an inner scope takes from the function around it."""
        match node:
            case ast.ClassDef():
                return self.find_read(node.body)
            case ast.Lambda():
                return self.find_read([node.body]).difference(find_parameters(node.args))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._find_captured_by_function(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._find_captured_by_comprehension(node)
        return NONE

    def _find_captured_by_function(self, node: FunctionNode) -> Names:
        inside = list(iter_scope(node.body))
        declared = {name for each in inside if isinstance(each, ast.Nonlocal) for name in each.names}
        bound = {name for each in inside for name in iter_bound(each)} - declared
        free = self.find_read(node.body) - bound.union(find_parameters(node.args))
        return free | (self.local & declared)

    def _find_captured_by_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> Names:
        inside = (each for generator in node.generators for each in ast.walk(generator.target))
        targets = {name for each in inside for name in iter_bound(each)}
        parts: list[ast.AST] = [each.iter for each in node.generators[1:]]
        parts += [test for each in node.generators for test in each.ifs]
        parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return (self.find_read(parts) - targets) | self.find_read([node.generators[0].iter])

    def _find_written(self, node: ast.AST) -> Names:
        known = self._written.get(node)
        if known is None:
            known = self._written[node] = self.local.intersection(
                name for each in iter_scope([node]) for name in iter_bound(each)
            )
        return known

    def _find_read(self, node: ast.AST) -> Names:
        known = self._read.get(node)
        if known is None:
            known = self._read[node] = self.local.intersection(self._iter_read(node))
        return known

    def _iter_read(self, node: ast.AST) -> Iterator[str]:
        for each in iter_scope([node]):
            if isinstance(each, ast.Name):
                if not isinstance(each.ctx, ast.Store):
                    yield each.id
            elif isinstance(each, ast.AugAssign):
                if isinstance(each.target, ast.Name):
                    yield each.target.id
            elif isinstance(each, (*INNER, *_COMPREHENSIONS)):
                yield from self.find_captured(each)


def find_parameters(arguments: ast.arguments) -> tuple[str, ...]:
    """Return the names of parameters in order, those with stars last."""
    return tuple(each.arg for each in list_parameters(arguments))


def iter_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield nodes and what is in them in the same scope.

    Of inner functions, classes and comprehensions, these are the parts that are evaluated outside of them. A
    name that ``:=`` binds in a comprehension is bound outside of it.
    """
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        pending += _find_parts(node)


def _find_parts(node: ast.AST) -> Iterable[ast.AST]:
    """Return the nodes in a node that are evaluated in the same scope."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            defaults = filter(None, [*node.args.defaults, *node.args.kw_defaults])
            return [*defaults, *getattr(node, "decorator_list", ())]
        case ast.ClassDef():
            return [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            assigned = (each for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
            return [node.generators[0].iter, *assigned]
        case ast.AnnAssign(simple=1):
            # The annotation of a local name is never evaluated, and without a value nothing is bound.
            return [node.target, node.value] if node.value else []
    return ast.iter_child_nodes(node)


def iter_bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node itself binds or deletes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
