"""Which local names are bound at a statement, whatever way control took to it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from pytest_antipasta.advice.bindings import NONE, Bindings, Names


class Assignment:
    """The result of the pass.

    Attributes:
        before: names bound before each statement; ``None`` if it is never reached.
    """

    def __init__(self, bindings: Bindings) -> None:
        """Prepare for the function with these names."""
        self._bindings = bindings
        self._breaks: list[list[Names]] = []
        self.before: dict[ast.stmt, Names | None] = {}

    def visit(self, body: Sequence[ast.stmt], bound: Names | None) -> Names | None:
        """Return the names bound at the end of a block, given those at its beginning."""
        for statement in body:
            known = self.before.get(statement)
            self.before[statement] = _meet([known, bound])
            if bound is not None:
                bound = self._visit_statement(statement, bound)
        return bound

    def _visit_statement(self, node: ast.stmt, bound: Names) -> Names | None:
        written = self._bindings.find_written
        match node:
            case ast.If():
                bound |= self._find_always(node.test)
                return _meet([self.visit(node.body, bound), self.visit(node.orelse, bound)])
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._visit_loop(node, bound)
            case ast.With() | ast.AsyncWith():
                targets = [item.optional_vars for item in node.items if item.optional_vars]
                self.visit(node.body, bound | written(targets))
                # Leaving it may suppress an exception that came before anything was bound.
                return bound - self._find_deleted(node.body)
            case ast.Try() | ast.TryStar():
                return self._visit_try(node, bound)
            case ast.Match():
                cases = [self.visit(case.body, bound | written([case.pattern])) for case in node.cases]
                return _meet([bound, *cases])
        return self._visit_simple(node, bound)

    def _visit_simple(self, node: ast.stmt, bound: Names) -> Names | None:
        match node:
            case ast.Return() | ast.Raise() | ast.Continue():
                return None
            case ast.Break():
                self._breaks[-1].append(bound)
                return None
            case ast.Delete():
                return bound - self._bindings.find_written([node])
            case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Assert():
                return bound | self._find_always(node)
        return bound | self._bindings.find_written([node])

    def _visit_loop(self, node: ast.For | ast.AsyncFor | ast.While, bound: Names) -> Names | None:
        bound -= self._find_deleted(node.body)
        self._breaks.append([])
        if isinstance(node, ast.While):
            bound |= self._find_always(node.test)
            self.visit(node.body, bound)
        else:
            self.visit(node.body, bound | self._bindings.find_written([node.target]))
        breaks = self._breaks.pop()
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and node.test.value:
            return _meet(breaks)
        return _meet([self.visit(node.orelse, bound), *breaks])

    def _visit_try(self, node: ast.Try | ast.TryStar, bound: Names) -> Names | None:
        end = self.visit(node.body, bound)
        end = self.visit(node.orelse, end)
        at_error = bound - self._find_deleted(node.body)
        ends = [end]
        for handler in node.handlers:
            name = frozenset({handler.name} if handler.name else ())
            left = self.visit(handler.body, at_error | name)
            ends.append(None if left is None else left - name)
        met = _meet(ends)
        if not node.finalbody:
            return met
        final = self.visit(node.finalbody, at_error)
        return None if final is None or met is None else met | (final - at_error)

    def _find_deleted(self, body: Iterable[ast.stmt]) -> Names:
        deleted = (each for node in body for each in ast.walk(node) if isinstance(each, ast.Delete))
        return self._bindings.find_written(deleted)

    def _find_always(self, node: ast.AST) -> Names:
        """Return the names that a node binds whenever it is evaluated, by ``:=`` too."""
        found = NONE
        pending = [node]
        while pending:
            each = pending.pop()
            match each:
                case ast.BoolOp():
                    pending.append(each.values[0])
                case ast.IfExp():
                    pending.append(each.test)
                case ast.Compare():
                    pending += [each.left, each.comparators[0]]
                case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    pass
                case ast.Name():
                    found |= self._bindings.find_written([each])
                case ast.AnnAssign():
                    pending += [each.target, each.value] if each.value else []
                case ast.Assert():
                    pending.append(each.test)
                case _:
                    pending += ast.iter_child_nodes(each)
        return found


def _meet(states: Iterable[Names | None]) -> Names | None:
    """Return the names bound in all states that are reached; ``None`` if none is."""
    reached = [state for state in states if state is not None]
    return frozenset.intersection(*reached) if reached else None
