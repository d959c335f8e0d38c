"""Measured values: blocks, files, their metrics, comments and errors.

All values are frozen. Stored values are encoded by position (``array_like``), which halves the size of a
record. The order of fields is therefore part of the store's schema.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Literal, TypeAlias, TypeGuard, overload

from msgspec import Meta, Struct

# Increased for changes of the meaning or order of a record's fields, of any value, or of the digest of
# bodies.
RECORD_SCHEMA = 13
_LARGEST = 1e300
"""Largest allowed value in a record, from an extension, or as a limit."""
# The range of msgpack's integers.
_TOO_LARGE = 2**63
Finite: TypeAlias = Annotated[float, Meta(ge=-_LARGEST, le=_LARGEST)]
"""A finite number, small enough to be summed. Decoding rejects all others."""
Number: TypeAlias = int | Finite
LineNumber: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""Line of a file, 1-based. Decoding rejects impossible lines."""
BlockKind: TypeAlias = Literal["function", "method", "closure", "class", "cell"]
Origin: TypeAlias = Literal["measured", "copy", "store"]
"""Origin of values. ``copy``: of an equal content that was measured in the same run."""
DECIMALS = 4
"""Decimals of values in baselines and reports: enough for every metric, and equal on every machine."""
NOTEBOOK = ".ipynb"
"""Suffix of notebooks."""
JOINED = b"\0notebook "
"""First bytes of the joined code of a notebook; no Python source starts with them."""
CELL = "code-cell"
"""Prefix of the names of cells; no function or class has such a name."""
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
    "not_fetched",
    "not_a_file",
    "no_value",
    "extension",
    "internal",
]
"""Kind of an error. ``timeout`` and ``memory``: the file needs more than the settings allow.
``out_of_memory``: it needs more than is free. ``not_fetched``: it is a pointer of Git LFS. ``no_value``: a
metric that has a limit has no value, and all others are judged. ``extension``: an installed extension
failed."""
RESOURCE_ERRORS = frozenset[ErrorKind]({"timeout", "memory", "out_of_memory"})
"""Errors of files that take too much time or memory to measure."""
INVALID_SOURCE = frozenset[ErrorKind]({"syntax", "encoding", "unmerged"})
"""Errors of content that is not valid source code, such as conflict markers (``unmerged``)."""
LASTING_ERRORS = INVALID_SOURCE | {"not_fetched"}
"""Kinds that depend on the content alone: measuring it again with the same versions gives the same error."""
NULL_BYTES = "source code can't contain null bytes"
"""The message of a syntax error that no version of Python is without."""
CommentPlace: TypeAlias = Literal["signature", "decorator", "above", "own line", "elsewhere", "range"]


Signature: TypeAlias = tuple[int, int, int, int]
"""Size, mtime and ctime in nanoseconds, and inode of a file. If they are unchanged, the content is."""


class Block(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One ``def`` or ``class`` with its values, or the code of a notebook's cell outside of them.

    Lines of a notebook are counted through the code of all of its cells.

    Attributes:
        name: the bare name.
        qualified_name: the names of all enclosing blocks and its own, joined by dots; a second
            block of the same qualified name is told apart by ``#2``.
        kind: ``closure`` is a function inside a function, ``method`` one directly in a class. A ``cell``
            spans a whole cell of a notebook, with the values of its code outside of functions and classes.
        line: the line of the ``def`` or ``class`` keyword, 1-based.
        end_line: the last line of the block, 1-based.
        cyclomatic_complexity: radon's value; for a class its average; ``None`` if a language does not measure
            it.
        cognitive_complexity: complexipy's points; ``None`` for classes, and for functions inside
            functions, whose points complexipy counts in the outermost one.
        halstead_volume: bits; ``None`` for classes.
        halstead_difficulty: a ratio; ``None`` for classes.
        halstead_effort: volume times difficulty; ``None`` for classes.
        parameters: the count of ruff's PLR0913. This field and the next six are counts of ruff's rules for
            functions in Python; ``None`` for all other blocks. 0 if ruff does not count, as for an
            ``@override``.
        positional_parameters: PLR0917.
        branches: PLR0912.
        returns: PLR0911.
        statements: PLR0915.
        mccabe_complexity: C901.
        boolean_expressions: the highest count of PLR0916 in an ``if`` or ``elif`` of the function itself.
        nesting_depth: the deepest nesting of ``if``, ``for``, ``while``, ``with``, ``try`` and ``match`` in
            the function itself; ``None`` unless it is a function in Python.
        length: number of lines from the ``def`` to the last line; ``None`` unless it is a function in Python.
        extra: values of extensions' metrics, by ``distribution:metric``; ``None`` without any.
        decorators: dotted names of the decorators in Python as they are written, in order, without arguments;
            an expression that is no such name is left out.
    """

    name: str
    qualified_name: str
    kind: BlockKind
    line: LineNumber
    end_line: LineNumber
    cyclomatic_complexity: int | None = None
    cognitive_complexity: int | None = None
    halstead_volume: Number | None = None
    halstead_difficulty: Number | None = None
    halstead_effort: Number | None = None
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
    decorators: tuple[str, ...] = ()

    @property
    def is_function(self) -> bool:
        """Whether it is a function, method or closure."""
        return self.kind not in ("class", "cell")


class FileMetrics(Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The values of a whole file; ``None`` for a missing value.

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
        comment_lines: ``#`` comments, including those after code.
        single_comment_lines: lines with only a comment or a one-line docstring.
        multi_line_string_lines: lines of multi-line strings that are statements of their own.
        blank_lines: empty lines.
        average_cyclomatic_complexity: mean over functions and methods; ``None`` without any.
        total_cognitive_complexity: complexipy's points of the file, module-level code included.
        extra: values of extensions' metrics, by ``distribution:metric``; ``None`` without any.
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


class FileError(Struct, frozen=True, array_like=True):
    """Why a file could not be measured.

    Attributes:
        kind: the documented kind of problem.
        message: what is wrong and what to do, without the path.
        line: line of the error, 1-based, if known.
        size: size in bytes of a file that exceeds a limit; only some of its metrics are measured.
        cell: cell of a notebook, 1-based; the line is counted within this cell.
    """

    kind: ErrorKind
    message: str
    line: int | None = None
    size: int | None = None
    cell: int | None = None


NO_CONTENT = FileError("unreadable", "content not found in git or the working tree")
"""A change has the file, and its content is nowhere."""


class Comment(Struct, frozen=True, array_like=True, gc=False):
    """A comment that may suppress values.

    Attributes:
        line: line of the comment, 1-based.
        column: column of its ``#``, 0-based.
        text: from that ``#`` to the end of the line.
        place: where the comment is. With a block: in the logical line of its ``def`` or ``class``, at its
            decorators, directly above it, or elsewhere with an effect on it.
            Without a block: on a separate line, or after other code.
        block: qualified name of the block.
    """

    line: LineNumber
    column: int
    text: str
    place: CommentPlace
    block: str | None = None


class LanguageSource(Struct, frozen=True, array_like=True, gc=False):
    """Facts about a content that is not Python.

    Attributes:
        language: the language that measures it, as ``distribution:language``; for an unmeasured notebook, the
            language name of its kernel.
        bodies: digests of the bodies of all blocks, by qualified name; the empty name has that of the whole
            content.
        comment: the start of a comment; empty if comments suppress nothing.
    """

    language: str
    bodies: dict[str, str] = {}
    comment: str = ""


class Measurement(Struct, frozen=True, array_like=True, gc=False):
    """The measurement of one content; the store keeps it if there is no error.

    Attributes:
        metrics: the values of the file; with an error, those that could still be measured.
        blocks: blocks sorted by line.
        error: set when the file could not be measured as a whole.
        comments: comments that may suppress values, sorted by line.
        missing: one error for each extension without values; the built-in values exist.
        foreign: set if a language of an extension measured the content, or failed to.
        bodies: digests of bodies, by qualified name, of blocks that were followed through a history; others
            are computed when needed. A suffix of a name tells bodies without docstrings and annotations.
        generated: whether the first lines of a source in Python say that a program has generated it; false
            with an error.
    """

    metrics: FileMetrics
    blocks: tuple[Block, ...] = ()
    error: FileError | None = None
    comments: tuple[Comment, ...] = ()
    missing: tuple[FileError, ...] = ()
    foreign: LanguageSource | None = None
    bodies: dict[str, str] = {}
    generated: bool = False

    @classmethod
    def of(cls, error: FileError, foreign: LanguageSource | None = None) -> Measurement:
        """Return the measurement of a content that could not be measured."""
        return cls(FileMetrics(), (), error, foreign=foreign)

    @property
    def errors(self) -> tuple[FileError, ...]:
        """All errors of the measurement."""
        return self.missing if self.error is None else (self.error, *self.missing)

    @property
    def functions(self) -> int:
        """The number of functions, methods and closures."""
        return sum(block.is_function for block in self.blocks)

    def spell_comment(self, text: str) -> str:
        """Return the text of a comment as it stands in the source: `#` is the start in any language."""
        return text if self.foreign is None else self.foreign.comment + text[1:]

    @property
    def has_cells(self) -> bool:
        """Whether it belongs to a notebook: then the first block is a cell, as all code is in cells."""
        return bool(self.blocks) and self.blocks[0].kind == "cell"

    @overload
    def locate(self, line: int) -> tuple[int | None, int]: ...
    @overload
    def locate(self, line: int | None) -> tuple[int | None, int | None]: ...
    def locate(self, line: int | None) -> tuple[int | None, int | None]:
        """Return the cell of a notebook that contains a line, and the line within the cell, both 1-based.

        The cell is ``None`` for a line of another file, and for a line outside all cells.
        """
        if line is None or not self.has_cells:
            return None, line
        cells = _list_cells(self.blocks)
        index = bisect_right(cells, line, key=_first_line) - 1
        if index < 0 or line > cells[index].end_line:
            return None, line
        cell = cells[index]
        return int(cell.qualified_name.rpartition("#")[2]), line - cell.line + 1


def is_finite(value: object) -> TypeGuard[Number]:
    """Return whether a value is a finite number that records can contain; ``bool`` does not count."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < _TOO_LARGE
    return isinstance(value, float) and abs(value) <= _LARGEST


def find_other_kernel(path: str, measurement: Measurement) -> str | None:
    """Return the language of a notebook that is skipped, as it is not Python; ``None`` for other files."""
    foreign = measurement.foreign
    return None if foreign is None or not path.endswith(NOTEBOOK) else foreign.language


class Measured(Struct, frozen=True):
    """The measurement of one content with its origin, not compared with limits.

    Attributes:
        measurement: the values, or the error.
        digest: digest of the content; ``None`` if it could not be read.
        signature: status of the file, if digest and status belong together.
        record: record for the store; ``None`` if it is stored already, or must not be stored.
        origin: where the values came from.
    """

    measurement: Measurement
    digest: bytes | None = None
    signature: Signature | None = None
    record: bytes | None = None
    origin: Origin = "measured"


# The last blocks, and the cells among them: reports ask for one line after the other.
_last: tuple[Sequence[Block], list[Block]] = ((), [])
_first_line = attrgetter("line")


def _list_cells(blocks: Sequence[Block]) -> list[Block]:
    global _last
    last = _last
    if last[0] is not blocks:
        _last = last = blocks, [block for block in blocks if block.kind == "cell"]
    return last[1]


class MeasuredFile(Struct, frozen=True):
    """A measurement under the name of its source.

    Attributes:
        path: path as the caller gave it.
        metrics: as in :class:`Measurement`.
        blocks: as in :class:`Measurement`.
        error: as in :class:`Measurement`.
    """

    path: str
    metrics: FileMetrics
    blocks: tuple[Block, ...]
    error: FileError | None


FILE_METRICS: tuple[str, ...] = FileMetrics.__struct_fields__[:-1]
BLOCK_METRICS: tuple[str, ...] = Block.__struct_fields__[5:-2]
FUNCTION_METRICS: tuple[str, ...] = BLOCK_METRICS[BLOCK_METRICS.index("parameters") :]
"""Metrics of functions only. Tables have a column for one if it has a limit."""
FOREIGN = ":"
"""Separator of distribution and metric in the name of an extension's metric."""


def number_getter(metric: str) -> Callable[[Block | FileMetrics], Number | None]:
    """Return a function that returns the value of a metric; ``None`` for a missing value.

    That function raises AttributeError if blocks or files have no metric of that name.
    """
    if FOREIGN not in metric:
        return attrgetter(metric)
    return lambda numbers: numbers.extra.get(metric) if numbers.extra else None


def find_number(numbers: Block | FileMetrics, metric: str) -> Number | None:
    """Return the value of a metric of a block or file; ``None`` for a missing value."""
    return number_getter(metric)(numbers)
