"""The cells of a notebook as blocks, with the values of code outside of functions and classes."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from msgspec.structs import replace

from pytest_antipasta.metrics.nodes import DEFINITIONS, find_first_line
from pytest_antipasta.metrics.source import Cell, SourceError, parse_source
from pytest_antipasta.metrics.walk import Scope
from pytest_antipasta.model.measured import CELL, Block, Comment, FileError


def name_cell(number: int) -> str:
    """Return the qualified name of the block of a cell, which can't be that of a function or class."""
    return f"{CELL}#{number}"


def make_scopes(tree: ast.Module, cells: Sequence[Cell | Block]) -> list[Scope]:
    """Return a scope for the code of each cell, for a walk to count.

    Raises:
        SourceError: a statement continues in the next cell.
    """
    return [Scope(ast.Module(body, []), None) for body in split_cells(tree, cells)]


def make_blocks(cells: Sequence[Cell], scopes: Iterable[Scope], points: Mapping[int, int]) -> Iterator[Block]:
    """Yield a block for each cell.

    Its cyclomatic complexity is radon's value for a module with the code of the cell, without functions and
    classes.

    Args:
        cells: cells of a notebook.
        scopes: counted scopes of the cells.
        points: complexipy's points of code outside functions, by line.
    """
    cognitive = [0] * len(cells)
    ends = [cell.end_line for cell in cells]
    for line, number in points.items():
        cognitive[bisect_left(ends, line)] += number
    for cell, scope, number in zip(cells, scopes, cognitive, strict=True):
        yield _make_block(cell, scope, number)


def split_cells(tree: ast.Module, cells: Sequence[Cell | Block]) -> list[list[ast.stmt]]:
    """Return the statements of each cell.

    Raises:
        SourceError: a statement continues in the next cell, or is behind all cells, which are of another
            content.
    """
    bodies: list[list[ast.stmt]] = [[] for _ in cells]
    place = 0
    for statement in tree.body:
        first = find_first_line(statement)
        while place < len(cells) and first > cells[place].end_line:
            place += 1
        if place == len(cells):
            raise SourceError(FileError("syntax", "a statement is in no cell", first))
        if (statement.end_lineno or first) > cells[place].end_line:
            message = "a statement in this cell continues in the next one"
            raise SourceError(FileError("syntax", message, first))
        bodies[place].append(statement)
    return bodies


def _make_block(cell: Cell, scope: Scope, cognitive: int) -> Block:
    halstead = scope.halstead
    return Block(
        name=CELL,
        qualified_name=name_cell(cell.number),
        kind="cell",
        line=cell.line,
        end_line=cell.end_line,
        cyclomatic_complexity=scope.complexity,
        cognitive_complexity=cognitive,
        halstead_volume=halstead.volume,
        halstead_difficulty=halstead.difficulty,
        halstead_effort=halstead.effort,
    )


def find_cell_bodies(tree: ast.Module, cells: Sequence[Cell]) -> dict[str, ast.Module]:
    """Return the code outside of functions and classes in each cell, by block name."""
    try:
        bodies = split_cells(tree, cells)
    except SourceError:
        return {}
    return {
        name_cell(cell.number): ast.Module([item for item in body if not isinstance(item, DEFINITIONS)], [])
        for cell, body in zip(cells, bodies, strict=True)
    }


def place_error(error: FileError, text: str, cells: Sequence[Cell]) -> FileError:
    """Return an error of a notebook with its cell and the line in that cell; other errors are unchanged."""
    lines = text.split("\n")
    for cell in cells:
        try:
            parse_source("\n".join(lines[cell.line - 1 : cell.end_line]))
        except SourceError as failure:
            return _place(failure.error, cell.number, failure.error.line)
    if error.line is None or not cells:
        return error
    cell = cells[min(bisect_left([item.end_line for item in cells], error.line), len(cells) - 1)]
    return _place(error, cell.number, error.line - cell.line + 1)


def _place(error: FileError, number: int, line: int | None) -> FileError:
    return replace(error, line=line, cell=number)


def place_comments(comments: Iterable[Comment], blocks: Sequence[Block], text: str) -> Iterator[Comment]:
    """Yield comments; one before all code of a cell becomes a comment of the cell.

    No comment applies to a block in another cell.
    """
    cells = [block for block in blocks if block.kind == "cell"]
    ends = [cell.end_line for cell in cells]
    lines = text.split("\n")
    starts = {block.qualified_name: block.line for block in blocks}
    find_code = cache(lambda number: _find_code(lines, cells[number]))
    for comment in comments:
        number = bisect_left(ends, comment.line)
        cell = cells[number]
        block, place = comment.block, comment.place
        if block is not None and starts[block] > cell.end_line:
            block, place = None, "own line"
        if block is None and comment.line < find_code(number):
            block, place = cell.qualified_name, "above"
        yield replace(comment, place=place, block=block)


def _find_code(lines: Sequence[str], cell: Block) -> int:
    """Return the first line of a cell with code, or the line after the cell."""
    rows = range(cell.line, cell.end_line + 1)
    return next((row for row in rows if lines[row - 1].lstrip()[:1] not in ("", "#")), rows.stop)
