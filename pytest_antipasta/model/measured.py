"""Measured values: blocks, files, their metrics, comments and errors.

All values are frozen. Those that the store keeps are encoded by position (``array_like``), which
halves a record; the field order is therefore part of the store's schema.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Literal, Protocol, TypeAlias

from msgspec import Meta, Struct

from pytest_antipasta.model.cells import are_of_notebook, find_cell

LARGEST = 1e300
"""The largest number of a record, an extension or a limit."""
Finite: TypeAlias = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
"""Neither infinite nor NaN, and some of them can be added up; decoding refuses all others."""
Number: TypeAlias = int | Finite
Line: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""A line of a file, 1-based: what no file can have, decoding refuses."""
BlockKind: TypeAlias = Literal["function", "method", "closure", "class", "cell"]
NOTEBOOK = ".ipynb"
"""How the names of notebooks end."""
JOINED = b"\0notebook "
"""What the code of a notebook begins with, once its cells are joined, and no Python source does."""
CELL = "code-cell"
"""What the names of the blocks of cells begin with; no function or class has such a name."""
ErrorKind: TypeAlias = Literal[
    "syntax",
    "encoding",
    "too_deep",
    "too_large",
    "timeout",
    "memory",
    "out_of_memory",
    "missing",
    "unreadable",
    "unmerged",
    "not_a_file",
    "extension",
    "internal",
]
"""``timeout`` and ``memory`` are of a file that takes more than the settings allow, ``out_of_memory`` of one
that takes more than the machine has left, ``extension`` is of numbers that an installed extension should have
given."""
LASTING_ERRORS = frozenset[ErrorKind]({"syntax", "encoding", "unmerged"})
"""Kinds of a content itself: whoever measures it again with the same versions is told the same."""
CommentPlace: TypeAlias = Literal["signature", "decorator", "above", "own line", "elsewhere", "body", "range"]


Signature: TypeAlias = tuple[int, int, int, int]
"""Size, mtime and ctime in nanoseconds, and inode of a file: while they stay, its content does."""


class Block(Struct, frozen=True, array_like=True, gc=False):
    """One ``def`` or ``class`` with its numbers, or what a cell of a notebook has outside of them.

    Lines of a notebook are counted through the code of all of its cells.

    Attributes:
        name: the bare name.
        qualified_name: the names of all enclosing blocks and its own, joined by dots; a second
            block of the same qualified name is told apart by ``#2``.
        kind: ``closure`` is a function inside a function, ``method`` one directly in a class; a ``cell`` is
            all of a notebook's cell, and has the numbers of what stands outside of functions and classes.
        line: the line of the ``def`` or ``class`` keyword, 1-based.
        end_line: the last line of the block, 1-based.
        cyclomatic_complexity: radon's number; for a class its average; ``None`` where a language gives none.
        cognitive_complexity: complexipy's points; ``None`` for classes, and for functions inside
            functions, whose points complexipy counts in the outermost one.
        halstead_volume: bits; ``None`` for classes.
        halstead_difficulty: a ratio; ``None`` for classes.
        halstead_effort: volume times difficulty; ``None`` for classes.
        parameters: ruff's PLR0913, and so are the next six what rules of ruff count, of functions in Python;
            ``None`` for all others. 0 where ruff does not count, as in an ``@override``.
        positional_parameters: PLR0917.
        branches: PLR0912.
        returns: PLR0911.
        statements: PLR0915.
        mccabe_complexity: C901.
        boolean_expressions: the most that PLR0916 has in an ``if`` or ``elif`` of the function itself.
        nesting_depth: how many blocks (``if``, ``for``, ``while``, ``with``, ``try``, ``match``) are in one
            another, at most, in the function itself; ``None`` as above.
        length: in lines, from that of the ``def`` to the last one; likewise.
        extra: the numbers of metrics of extensions, by ``distribution:metric``; ``None`` without any.
    """

    name: str
    qualified_name: str
    kind: BlockKind
    line: Line
    end_line: Line
    cyclomatic_complexity: int | None
    cognitive_complexity: int | None
    halstead_volume: Number | None
    halstead_difficulty: Number | None
    halstead_effort: Number | None
    parameters: int | None = None
    positional_parameters: int | None = None
    branches: int | None = None
    returns: int | None = None
    statements: int | None = None
    mccabe_complexity: int | None = None
    boolean_expressions: int | None = None
    nesting_depth: int | None = None
    length: int | None = None
    extra: dict[str, Number] | None = None


class FileMetrics(Struct, frozen=True, array_like=True, gc=False):
    """The numbers of a whole file; ``None`` where a number could not be had.

    Attributes:
        maintainability_index: 0 to 100, radon's ``mi_visit(code, multi=True)``.
        halstead_volume: bits.
        halstead_difficulty: a ratio.
        halstead_effort: volume times difficulty.
        halstead_time: seconds.
        halstead_bugs: estimated errors.
        lines_of_code: all lines.
        logical_lines_of_code: statements, by radon's count of colons and semicolons.
        source_lines_of_code: lines that hold code.
        comment_lines: ``#`` comments, those behind code included.
        single_comment_lines: lines with nothing but a comment or a one-line docstring.
        multi_line_string_lines: lines of strings that stand alone and span lines.
        blank_lines: empty lines.
        average_cyclomatic_complexity: mean over functions and methods; ``None`` without any.
        total_cognitive_complexity: complexipy's points of the file, module-level code included.
        extra: the numbers of metrics of extensions, by ``distribution:metric``; ``None`` without any.
    """

    maintainability_index: Number | None = None
    halstead_volume: Number | None = None
    halstead_difficulty: Number | None = None
    halstead_effort: Number | None = None
    halstead_time: Number | None = None
    halstead_bugs: Number | None = None
    lines_of_code: int | None = None
    logical_lines_of_code: int | None = None
    source_lines_of_code: int | None = None
    comment_lines: int | None = None
    single_comment_lines: int | None = None
    multi_line_string_lines: int | None = None
    blank_lines: int | None = None
    average_cyclomatic_complexity: Finite | None = None
    total_cognitive_complexity: int | None = None
    extra: dict[str, Number] | None = None


class BriefPlan(Struct, frozen=True, array_like=True, gc=False):
    """One way to make a function simpler, as complexipy proposes it: what a failure shows of it.

    Attributes:
        line: of the function's ``def`` keyword.
        first_line: of the code to change.
        last_line: likewise.
        title: what to do.
        reduction: points of cognitive complexity that it saves; an estimate where complexipy could not try
            it out.
    """

    line: int
    first_line: int
    last_line: int
    title: str
    reduction: int


class FileError(Struct, frozen=True, array_like=True):
    """Why a file could not be measured.

    Attributes:
        kind: the documented kind of problem.
        message: what is wrong and what to do, without the path.
        line: where, 1-based, when that is known.
        size: of a file that takes too much, in bytes; the file's metrics are a part of all then.
        cell: of a notebook, 1-based; the line is one of this cell then.
    """

    kind: ErrorKind
    message: str
    line: int | None = None
    size: int | None = None
    cell: int | None = None


class Comment(Struct, frozen=True, array_like=True, gc=False):
    """A comment that tells a checker to pass over numbers, as it stands in the source.

    Attributes:
        line: where it stands, 1-based.
        column: where its ``#`` is, 0-based.
        text: from that ``#`` to the end of the line.
        place: how it stands to the block: in the logical line of its ``def`` or ``class``, at its
            decorators, directly above it all, or before the first statement of its body; around it, as one of
            several blocks; without a block on a line of its own, or behind other code.
        block: the block's qualified name.
    """

    line: Line
    column: int
    text: str
    place: CommentPlace
    block: str | None = None


class ForeignSource(Struct, frozen=True, array_like=True, gc=False):
    """What there is to know of a content that is not Python.

    Attributes:
        language: that measures it, as ``distribution:language``; of a notebook that is not Python, which
            nothing measures, what its kernel calls it.
        bodies: what stands for the body of each block, by qualified name, and for all of it under the empty
            name.
        comment: what a comment begins with; empty where comments suppress nothing.
    """

    language: str
    bodies: dict[str, str] = {}
    comment: str = ""


class Measurement(Struct, frozen=True, array_like=True, gc=False):
    """All that one content says; what the store keeps, as long as there is no error.

    Attributes:
        metrics: the file's numbers; with an error, those that could still be had.
        blocks: in the order of their lines.
        error: set when the file could not be measured as a whole.
        plans: the best of each function that complexipy has plans for, by line.
        comments: those that may suppress something, in the order of their lines.
        missing: why extensions gave no numbers, an error for each; our own are there.
        foreign: set where a language of an extension measured it, or was to.
        bodies: what stands for the bodies of blocks that were followed through a history, by qualified name;
            of others nobody knows it yet.
    """

    metrics: FileMetrics
    blocks: tuple[Block, ...] = ()
    error: FileError | None = None
    plans: tuple[BriefPlan, ...] = ()
    comments: tuple[Comment, ...] = ()
    missing: tuple[FileError, ...] = ()
    foreign: ForeignSource | None = None
    bodies: dict[str, str] = {}

    @property
    def errors(self) -> tuple[FileError, ...]:
        """All that is wrong with it."""
        return self.missing if self.error is None else (self.error, *self.missing)

    @property
    def has_cells(self) -> bool:
        """Whether it is that of a notebook, of which no code is before the first cell."""
        return are_of_notebook(self.blocks)

    def find_cell(self, line: int) -> tuple[int, int] | None:
        """Return the cell of a notebook that a line is in, and the line in the cell, both 1-based."""
        return find_cell(self.blocks, line)


class Celled(Protocol):
    """A measurement, or a verdict on it."""

    def find_cell(self, line: int) -> tuple[int, int] | None:
        """Return the cell of a notebook that a line is in, and the line in the cell, both 1-based."""


class Known(Protocol):
    """A measurement and where it comes from: something measured or looked up, or a verdict on it."""

    @property
    def measurement(self) -> Measurement:
        """The numbers, or why there are none."""

    @property
    def digest(self) -> bytes | None:
        """That of the content; ``None`` where it could not be read."""

    @property
    def from_store(self) -> bool:
        """Whether the numbers were looked up."""

    @property
    def is_coalesced(self) -> bool:
        """Whether they are of an equal content that was measured just now."""


class MeasuredFile(Struct, frozen=True):
    """A measurement under the name of its source.

    Attributes:
        path: as it was given.
        metrics: as in :class:`Measurement`.
        blocks: likewise.
        error: likewise.
    """

    path: str
    metrics: FileMetrics
    blocks: tuple[Block, ...]
    error: FileError | None


FILE_METRICS: tuple[str, ...] = FileMetrics.__struct_fields__[:-1]
BLOCK_METRICS: tuple[str, ...] = Block.__struct_fields__[5:-1]
FUNCTION_METRICS: tuple[str, ...] = BLOCK_METRICS[BLOCK_METRICS.index("parameters") :]
"""Those that only functions have, and that tables have columns of only where they have limits."""
FOREIGN = ":"
"""What stands in the name of a metric of an extension, behind the name of its distribution."""


def number_getter(metric: str) -> Callable[[Block | FileMetrics], Number | None]:
    """Return what gives the number of a metric; ``None`` where there is none.

    It raises AttributeError where blocks, or files, have no metric of that name.
    """
    if FOREIGN not in metric:
        return attrgetter(metric)
    return lambda numbers: numbers.extra.get(metric) if numbers.extra else None


def find_number(numbers: Block | FileMetrics, metric: str) -> Number | None:
    """Return the number of a metric, likewise."""
    return number_getter(metric)(numbers)
