"""What radon and complexipy themselves say about a file, put in the terms of our model.

Nothing here is shared with the code under test: definitions are found by another walk, radon's
visitors run on each of them, and radon's and complexipy's own lists must agree with the result.
So a misreading of either tool on one side shows as a difference.
"""

from __future__ import annotations

import ast
import functools
import io
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias, TypeVar
from unittest import mock

import complexipy
import radon.metrics
import radon.raw
from radon.complexity import cc_visit_ast
from radon.metrics import h_visit_ast, halstead_visitor_report, mi_visit
from radon.visitors import ComplexityVisitor, HalsteadVisitor

from pytest_antipasta.model.measured import FILE_METRICS, BlockKind, ErrorKind, Measurement

T = TypeVar("T")
FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Silence(Enum):
    """Why an oracle gives no number."""

    NO_OPINION = "a number, which the oracle cannot give"
    ANYTHING = "a number or none"


Value: TypeAlias = int | float | str | Silence | None

RAW_FIELDS = {
    "lines_of_code": "loc",
    "logical_lines_of_code": "lloc",
    "source_lines_of_code": "sloc",
    "comment_lines": "comments",
    "single_comment_lines": "single_comments",
    "multi_line_string_lines": "multi",
    "blank_lines": "blank",
}
HALSTEAD_FIELDS = ("volume", "difficulty", "effort", "time", "bugs")


@dataclass(frozen=True)
class Expectation:
    """What a measurement must say.

    Attributes:
        errors: the kinds of error that fit; none means that the file must be measured.
        metrics: a value for each name in ``FILE_METRICS``.
        blocks: for each definition, in the order of lines, a value for each field of ``Block``.
    """

    errors: tuple[ErrorKind, ...]
    metrics: Mapping[str, Value]
    blocks: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True)
class Difference:
    """One value of ours that is not theirs."""

    path: str
    block: str | None
    metric: str
    ours: object
    theirs: object

    def __str__(self) -> str:
        """Say it in one line."""
        place = self.path if self.block is None else f"{self.path}::{self.block}"
        return f"{place} {self.metric}: ours {self.ours!r}, theirs {self.theirs!r}"


@dataclass(frozen=True)
class Definition:
    """A ``def`` or ``class`` and where it stands.

    Attributes:
        node: its AST node.
        qualified_name: as our model builds it.
        kind: as our model names it.
        owner: the definition right around it.
        inside_function: whether any definition around it is a function.
        inner: the definitions right inside it.
    """

    node: DefinitionNode
    qualified_name: str
    kind: BlockKind
    owner: Definition | None
    inside_function: bool
    inner: list[Definition] = field(default_factory=list)

    @functools.cached_property
    def cyclomatic(self) -> int | Silence:
        """Radon's number for this node alone, as it measures one at the top of a file."""
        return _opinion(lambda: _cyclomatic_of(self.node))

    @functools.cached_property
    def halstead(self) -> tuple[Value, ...]:
        """Radon's report for this node alone, in the order of ``HALSTEAD_FIELDS``; none for a class."""
        if isinstance(self.node, ast.ClassDef):
            return (None,) * len(HALSTEAD_FIELDS)
        return _halstead_of(self.node)

    @property
    def bare_path(self) -> tuple[str, ...]:
        """The names from the outermost definition inwards, without numbers for repetition."""
        outer = () if self.owner is None else self.owner.bare_path
        return (*outer, self.node.name)


def read_text(data: bytes) -> str:
    """Decode as ``tokenize.open`` does, which needs a file on disk."""
    # From 3.14 on a NUL is an error of this already, and has to be one of the source.
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data.replace(b"\0", b" ")).readline)
    return io.TextIOWrapper(io.BytesIO(data), encoding).read()


def consult(data: bytes) -> Expectation:
    """Ask radon and complexipy about the content of a file."""
    with warnings.catch_warnings():
        # The measured code's own: invalid escapes, `1if x`, decoders of odd encodings.
        warnings.simplefilter("ignore")
        try:
            text = read_text(data)
        except (SyntaxError, UnicodeError, LookupError):
            return Expectation(("encoding",), _all_metrics({}))
        return _consult_text(text)


def _consult_text(text: str) -> Expectation:
    cognitive = _ask_complexipy(text)
    total = None if cognitive is None else cognitive.complexity
    try:
        tree = ast.parse(text)
    except (RecursionError, MemoryError):
        # Radon's raw counts need no tree; it is only `mi_visit` that parses.
        known = {**_ask_for_raw_counts(text), "total_cognitive_complexity": total}
        return Expectation(("too_deep",), _all_metrics(known))
    except (SyntaxError, ValueError) as error:
        kinds: tuple[ErrorKind, ...] = ("syntax",)
        if isinstance(error, UnicodeEncodeError):
            kinds = ("syntax", "encoding")
        # What is not Python has no defined lines of code.
        undefined = dict.fromkeys(RAW_FIELDS, Silence.ANYTHING)
        return Expectation(kinds, _all_metrics({**undefined, "total_cognitive_complexity": total}))
    definitions = find_definitions(tree)
    _assert_radon_agrees_with_itself(tree, definitions)
    blocks = tuple(_expected_blocks(definitions, cognitive))
    metrics = {
        **(_ask_for_raw_counts(text) or dict.fromkeys(RAW_FIELDS, Silence.NO_OPINION)),
        "maintainability_index": _ask_for_index(text),
        **_ask_for_halstead(tree),
        "average_cyclomatic_complexity": _average(blocks),
        "total_cognitive_complexity": total,
    }
    return Expectation((), _all_metrics(metrics), blocks)


def _all_metrics(known: Mapping[str, Value]) -> dict[str, Value]:
    if unknown := set(known) - set(FILE_METRICS):
        raise AssertionError(f"the model knows no {unknown}")
    return {name: known.get(name) for name in FILE_METRICS}


def find_definitions(tree: ast.Module) -> list[Definition]:
    """Find every definition, in the order of lines; without recursion, for trees of any depth."""
    found: list[Definition] = []
    counts: Counter[str] = Counter()
    waiting: list[tuple[ast.AST, Definition | None]] = [(tree, None)]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, DefinitionNode):
            owner = _define(node, owner, counts)
            found.append(owner)
        waiting.extend((child, owner) for child in reversed(list(ast.iter_child_nodes(node))))
    lines = [definition.node.lineno for definition in found]
    if lines != sorted(set(lines)):
        raise AssertionError("definitions are not found line by line")
    return found


def _define(node: DefinitionNode, owner: Definition | None, counts: Counter[str]) -> Definition:
    plain = node.name if owner is None else f"{owner.qualified_name}.{node.name}"
    counts[plain] += 1
    name = plain if counts[plain] == 1 else f"{plain}#{counts[plain]}"
    inside = owner is not None and (owner.inside_function or not isinstance(owner.node, ast.ClassDef))
    definition = Definition(node, name, _kind(node, owner), owner, inside)
    if owner is not None:
        owner.inner.append(definition)
    return definition


def _kind(node: DefinitionNode, owner: Definition | None) -> BlockKind:
    if isinstance(node, ast.ClassDef):
        return "class"
    if owner is None:
        return "function"
    return "method" if isinstance(owner.node, ast.ClassDef) else "closure"


def _expected_blocks(
    definitions: Sequence[Definition], cognitive: complexipy.CodeComplexity | None
) -> Iterator[dict[str, Value]]:
    points = _cognitive_by_line(definitions, cognitive)
    for definition in definitions:
        node = definition.node
        volume, difficulty, effort, *_ = definition.halstead
        yield {
            "name": node.name,
            "qualified_name": definition.qualified_name,
            "kind": definition.kind,
            "line": node.lineno,
            "end_line": node.end_lineno,
            "cyclomatic_complexity": definition.cyclomatic,
            "cognitive_complexity": points.get(node.lineno),
            "halstead_volume": volume,
            "halstead_difficulty": difficulty,
            "halstead_effort": effort,
        }


def _opinion(ask: Callable[[], T]) -> T | Silence:
    """Radon's visitors recurse; where they can't, only our numbers exist."""
    try:
        return ask()
    except RecursionError:
        return Silence.NO_OPINION


def _cyclomatic_of(node: DefinitionNode) -> int:
    visitor = ComplexityVisitor.from_ast(node)
    (block,) = visitor.classes if isinstance(node, ast.ClassDef) else visitor.functions
    return int(block.complexity)


def _halstead_of(node: DefinitionNode) -> tuple[Value, ...]:
    report = _opinion(lambda: HalsteadVisitor.from_ast(node))
    if isinstance(report, Silence):
        return (report,) * len(HALSTEAD_FIELDS)
    (visitor,) = report.function_visitors
    return _halstead_values(halstead_visitor_report(visitor))


def _halstead_values(report: Any) -> tuple[Value, ...]:
    return tuple(getattr(report, name) for name in HALSTEAD_FIELDS)


def _ask_for_halstead(tree: ast.Module) -> dict[str, Value]:
    report = _opinion(lambda: h_visit_ast(tree).total)
    silent = isinstance(report, Silence)
    values = (report,) * len(HALSTEAD_FIELDS) if silent else _halstead_values(report)
    return {f"halstead_{name}": value for name, value in zip(HALSTEAD_FIELDS, values, strict=True)}


def _ask_for_raw_counts(text: str) -> dict[str, Value]:
    counts = _analyze(text)
    if counts is None:
        return {}
    return {ours: getattr(counts, theirs) for ours, theirs in RAW_FIELDS.items()}


@functools.lru_cache(maxsize=1)
def _analyze(text: str) -> Any:
    for written in (text, write_plainly(text)):
        with suppress(Exception):  # any failure of radon's means that there are no counts
            return radon.raw.analyze(written)
    return None


def write_plainly(text: str) -> str:
    """Write the same lines in characters that mean nothing to radon, which it counts if it fails otherwise.

    Spaces of all kinds are spaces and other characters of no meaning letters, so that Python's own lines are
    left; a backslash before a blank line, which joins nothing, is left out.
    """
    plain: list[str] = []
    for line in reversed(text.split("\n")):
        written = "".join(" " if one.isspace() else one if one.isascii() else "a" for one in line)
        joins_nothing = written.endswith("\\") and not (plain and plain[-1].strip())
        plain.append(written[:-1] if joins_nothing else written)
    return "\n".join(reversed(plain))


def _ask_for_index(text: str) -> Value:
    counts = _analyze(text)
    if counts is None:
        return Silence.NO_OPINION
    # `mi_visit` would count once more; that is half of the oracle's time over a corpus.
    with mock.patch.object(radon.metrics, "analyze", lambda _: counts):
        return _opinion(lambda: float(mi_visit(text, multi=True)))


def _average(blocks: Sequence[Mapping[str, Value]]) -> Value:
    numbers = [block["cyclomatic_complexity"] for block in blocks if block["kind"] in ("function", "method")]
    known = [number for number in numbers if isinstance(number, int)]
    if len(known) < len(numbers):
        return Silence.NO_OPINION
    return sum(known) / len(known) if known else None


def _ask_complexipy(text: str) -> complexipy.CodeComplexity | None:
    try:
        return complexipy.code_complexity(text, no_ignore=True, with_plans=False)
    except ValueError:  # UnicodeEncodeError is one
        return None


def _cognitive_by_line(
    definitions: Sequence[Definition], cognitive: complexipy.CodeComplexity | None
) -> dict[int, int]:
    """Give complexipy's points to the definition that each of its functions is.

    Its functions start at their first decorator, and no definition fits between that and the
    ``def``; so the first definition at or below the start is the one that is meant.
    """
    if cognitive is None:
        return {}
    outer = [one for one in definitions if not one.inside_function and one.kind != "class"]
    lines = [(function.line_start, function.name) for function in cognitive.functions]
    if [name for _, name in lines] != ["::".join(one.bare_path) for one in outer]:
        raise AssertionError(f"complexipy lists other functions: {lines}")
    points = {}
    for function, one in zip(cognitive.functions, outer, strict=True):
        first = next(other for other in definitions if other.node.lineno >= function.line_start)
        if first is not one or not one.node.lineno <= function.line_end:
            raise AssertionError(f"complexipy's {function.name} is not the one at {one.node.lineno}")
        points[one.node.lineno] = function.complexity
    return points


def _assert_radon_agrees_with_itself(tree: ast.Module, definitions: Sequence[Definition]) -> None:
    """Check that a definition measured alone has the numbers that radon gives it within the file."""
    try:
        visitor = ComplexityVisitor.from_ast(tree)
        blocks = cc_visit_ast(tree)
        halstead = h_visit_ast(tree).functions
    except RecursionError:
        return
    outermost = [one for one in definitions if one.owner is None]
    _assert_same("block", blocks, visitor.blocks)
    _assert_same_blocks(outermost, visitor.functions, visitor.classes)
    alone = [
        (one.node.name, *one.halstead)
        for one in definitions
        if not one.inside_function and one.kind != "class"
    ]
    _assert_same("Halstead", [(name, *_halstead_values(report)) for name, report in halstead], alone)


def _assert_same_blocks(
    inner: Sequence[Definition], functions: Sequence[Any], classes: Sequence[Any]
) -> None:
    nested_functions = [one for one in inner if one.kind != "class"]
    nested_classes = [one for one in inner if one.kind == "class"]
    _assert_same("functions", [_radon_row(it) for it in functions], [_row(it) for it in nested_functions])
    _assert_same("classes", [_radon_row(it) for it in classes], [_row(it) for it in nested_classes])
    for one, function in zip(nested_functions, functions, strict=True):
        closures = [other for other in one.inner if other.kind != "class"]
        _assert_same_blocks(closures, function.closures, ())
    for one, block in zip(nested_classes, classes, strict=True):
        _assert_same_blocks(one.inner, block.methods, block.inner_classes)


def _row(definition: Definition) -> tuple[object, ...]:
    node = definition.node
    return node.name, node.lineno, definition.cyclomatic


def _radon_row(block: Any) -> tuple[object, ...]:
    return block.name, block.lineno, block.complexity


def _assert_same(what: str, whole: object, alone: object) -> None:
    if whole != alone:
        raise AssertionError(f"radon's {what} in the file: {whole}, alone: {alone}")


def find_differences(path: str, ours: Measurement, theirs: Expectation) -> list[Difference]:
    """Compare every number; floats must be equal to the last bit."""
    found = list(_error_differences(path, ours, theirs))
    found += _row_differences(path, None, ours.metrics, _expect(ours, theirs))
    names = [block.qualified_name for block in ours.blocks]
    expected = [str(row["qualified_name"]) for row in theirs.blocks]
    if names != expected:
        return [*found, Difference(path, None, "blocks", names, expected)]
    for block, row in zip(ours.blocks, theirs.blocks, strict=True):
        found += _row_differences(path, block.qualified_name, block, row)
    return found


def _expect(ours: Measurement, theirs: Expectation) -> Mapping[str, Value]:
    """Return the oracles' numbers; of a source that radon can't count, lines are lines all the same."""
    if ours.error is None:
        return theirs.metrics
    counted = (name for name in ("lines_of_code", "blank_lines") if theirs.metrics[name] is None)
    return {**theirs.metrics, **dict.fromkeys(counted, Silence.ANYTHING)}


def _error_differences(path: str, ours: Measurement, theirs: Expectation) -> Iterator[Difference]:
    kind = None if ours.error is None else ours.error.kind
    if kind not in (theirs.errors or (None,)):
        yield Difference(path, None, "error", ours.error, theirs.errors)


def _row_differences(
    path: str, block: str | None, ours: object, theirs: Mapping[str, Value]
) -> Iterator[Difference]:
    for metric, expected in theirs.items():
        value = getattr(ours, metric)
        if not _agrees(value, expected):
            yield Difference(path, block, metric, value, expected)


def _agrees(ours: object, theirs: Value) -> bool:
    if theirs is Silence.ANYTHING:
        return True
    if theirs is Silence.NO_OPINION:
        return ours is not None
    return (ours is None) == (theirs is None) and ours == theirs
