"""Which local names are still read after a statement, by a backward pass over a function."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from pytest_antipasta.advice.bindings import NONE, Bindings, Names


class Exits(NamedTuple):
    """The names that are read after control has left a block.

    Attributes:
        breaks: after ``break``.
        continues: after ``continue``.
        returns: after ``return``, by ``finally``.
        raises: after an exception, by handlers and ``finally``.
    """

    breaks: Names = NONE
    continues: Names = NONE
    returns: Names = NONE
    raises: Names = NONE

    def through(self, final: Names) -> Exits:
        """Return the exits of a block that a ``finally`` with these names follows."""
        return Exits(*(names | final for names in self))


class Liveness:
    """The result of the pass.

    Attributes:
        after: names read after each statement that was visited, if it ends normally.
        on_error: names read after an exception in it.
    """

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self.after: dict[ast.stmt, Names] = {}
        self.on_error: dict[ast.stmt, Names] = {}

    def visit(self, body: Sequence[ast.stmt], after: Names, exits: Exits) -> Names:
        """Return the names that are read from the beginning of a block on.

        Args:
            body: its statements.
            after: names read after its end.
            exits: names read after jumps out of it.
        """
        for statement in reversed(body):
            self.after[statement] = after
            self.on_error[statement] = exits.raises
            after = self._visit_statement(statement, after, exits) | exits.raises
        return after

    def _visit_statement(self, node: ast.stmt, after: Names, exits: Exits) -> Names:
        read = self._bindings.find_read
        match node:
            case ast.If():
                branches = self.visit(node.body, after, exits) | self.visit(node.orelse, after, exits)
                return read([node.test]) | branches
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._visit_loop(node, after, exits)
            case ast.With() | ast.AsyncWith():
                # Leaving it may suppress an exception.
                inside = exits._replace(raises=exits.raises | after)
                body = self.visit(node.body, after, inside)
                targets = [item.optional_vars for item in node.items if item.optional_vars]
                return read(node.items) | (body - self._bindings.find_written(targets))
            case ast.Try() | ast.TryStar():
                return self._visit_try(node, after, exits)
            case ast.Match():
                cases = [self._visit_case(case, after, exits) for case in node.cases]
                return read([node.subject]) | after.union(*cases)
        return self._visit_simple(node, after, exits)

    def _visit_simple(self, node: ast.stmt, after: Names, exits: Exits) -> Names:
        read = self._bindings.find_read
        match node:
            case ast.Return():
                return read([node]) | exits.returns
            case ast.Raise():
                return read([node]) | exits.raises
            case ast.Break():
                return exits.breaks
            case ast.Continue():
                return exits.continues
        # What `:=` binds may be skipped by `and` and `or`.
        kept = after - self._bindings.find_written([node]) | self._bindings.find_assigned_inside(node)
        return read([node]) | kept

    def _visit_loop(self, node: ast.For | ast.AsyncFor | ast.While, after: Names, exits: Exits) -> Names:
        read, written = self._bindings.find_read, NONE
        head = self.visit(node.orelse, after, exits)
        if isinstance(node, ast.While):
            head |= read([node.test])
            start = NONE
        else:
            start = read([node.iter])
            head |= read([node.target])
            written = self._bindings.find_written([node.target])
        while True:
            inside = exits._replace(breaks=after, continues=head)
            grown = head | (self.visit(node.body, head, inside) - written)
            if grown == head:
                return head | start
            head = grown

    def _visit_try(self, node: ast.Try | ast.TryStar, after: Names, exits: Exits) -> Names:
        if node.finalbody:
            final = self.visit(node.finalbody, after.union(*exits), exits)
            exits, after = exits.through(final), final
        handlers = NONE
        for handler in node.handlers:
            names = self.visit(handler.body, after, exits)
            names -= {handler.name}
            handlers |= names | (self._bindings.find_read([handler.type]) if handler.type else NONE)
        rest = self.visit(node.orelse, after, exits)
        return self.visit(node.body, rest, exits._replace(raises=exits.raises | handlers)) | handlers

    def _visit_case(self, case: ast.match_case, after: Names, exits: Exits) -> Names:
        bindings = self._bindings
        guard = bindings.find_read([case.guard]) if case.guard else NONE
        inside = self.visit(case.body, after, exits) | guard
        return (inside - bindings.find_written([case.pattern])) | bindings.find_read([case.pattern])
