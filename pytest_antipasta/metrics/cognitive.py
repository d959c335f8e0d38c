"""Cognitive complexity, measured by complexipy, which has its own parser."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.metrics.source import SourceError
from pytest_antipasta.model.measured import FileError

if TYPE_CHECKING:
    from complexipy import CodeComplexity, FunctionComplexity, RefactorPlan

# complexipy's mark of what `complexipy --fix` applies without a further option.
_SAFE = "MachineApplicable"
# complexipy's name for code outside of functions.
_MODULE = "<module>"
# Characters of a text that is not passed to complexipy if it contains a null character.
_LONG = 1_000_000
# Maximum length of a panic's message.
_LONGEST_PANIC = 200


class CognitiveComplexity(NamedTuple):
    """complexipy's results for a file.

    complexipy reports functions outside of functions, and methods of classes outside of functions. They are
    identified by their start line, which is the line of the first ``@``.

    Attributes:
        total: points of the file, including module-level code.
        by_line: points of each function.
        outside: points of lines outside of functions, if requested.
    """

    total: int
    by_line: Mapping[int, int]
    outside: Mapping[int, int] = MappingProxyType({})

    def at_def_lines(self, def_lines: Sequence[int]) -> dict[int, int]:
        """Return points by the lines of the ``def`` keywords, given in ascending order.

        The syntax tree does not contain the position of an ``@``. As nothing is defined between a function's
        first ``@`` and its ``def``, the next line with a definition belongs to this function.
        """
        places = {line: bisect_left(def_lines, line) for line in self.by_line}
        return {
            def_lines[place]: self.by_line[line] for line, place in places.items() if place < len(def_lines)
        }


class FunctionPoints(NamedTuple):
    """The points of a function by line.

    Attributes:
        name: complexipy's name, with ``::`` between a class and its method.
        line: its first line in complexipy, which is the line of its first ``@``.
        total: its points.
        by_line: points of each line that has any.
    """

    name: str
    line: int
    total: int
    by_line: Mapping[int, int]


def trace_cognitive(text: str) -> dict[int | None, FunctionPoints]:
    """Return the points of functions line by line; ``None`` if complexipy rejects the source.

    Returns:
        Functions by start line; code outside functions is under ``None``. The sum is the total of the file.

    Raises:
        SourceError: complexipy has panicked.
    """
    result = _ask_complexipy(text, check_script=True)
    traced: dict[int | None, FunctionPoints] = {}
    for function in result.functions if result else ():
        by_line = _sum_lines(function)
        name, line, total = function.name, function.line_start, function.complexity
        # No function can have this name, as identifiers do not contain these characters.
        key = None if name == _MODULE else line
        traced[key] = FunctionPoints(name, line, total, +by_line)
    return traced


def measure_cognitive(text: str, *, has_cells: bool = False) -> CognitiveComplexity | None:
    """Return complexipy's points, or ``None`` if it rejects the source.

    complexipy's own comments for ignoring a function have no effect here, as suppressions are applied when
    values are compared with limits.

    Args:
        text: text of the source.
        has_cells: whether it is a notebook, whose code outside of functions is needed by line.

    Raises:
        SourceError: complexipy has panicked.
    """
    if len(text) > _LONG and "\0" in text:
        # complexipy rejects it outside of comments, after allocating a hundred bytes for each.
        return None
    result = _ask_complexipy(text, check_script=has_cells)
    if result is None:
        return None
    functions, outside = _split_module(result) if has_cells else (result.functions, {})
    by_line = {function.line_start: function.complexity for function in functions}
    return CognitiveComplexity(result.complexity, by_line, outside)


class Rejection(NamedTuple):
    """Why complexipy rejects a source, and the line, if it names one."""

    reason: str
    line: int | None


def find_rejection(text: str) -> Rejection | None:
    """Return why complexipy rejects a source; ``None`` if it accepts it."""
    try:
        _load_complexipy()(text, no_ignore=True, with_plans=False)
    except ValueError as error:
        reason, _, place = str(error).removeprefix("Failed to parse code: ").partition(" at byte range ")
        start = place.partition("..")[0]
        line = text.encode()[: int(start)].count(b"\n") + 1 if start.isdecimal() else None
        return Rejection(reason, line)
    return None


def _split_module(result: CodeComplexity) -> tuple[list[FunctionComplexity], Mapping[int, int]]:
    """Return the functions, and the points by line of code outside of them."""
    functions = [function for function in result.functions if function.name != _MODULE]
    module = (_sum_lines(function) for function in result.functions if function.name == _MODULE)
    return functions, next(module, {})


def _sum_lines(function: FunctionComplexity) -> Counter[int]:
    """Return points by line; a line may be listed more than once."""
    by_line: Counter[int] = Counter()
    for each in function.line_complexities:
        by_line[each.line] += each.complexity
    return by_line


def _ask_complexipy(
    text: str, *, check_script: bool = False, has_plans: bool = False
) -> CodeComplexity | None:
    """Return complexipy's result, or ``None`` for NULs, lone surrogates, deep nesting and invalid Python.

    Args:
        text: text of the source.
        check_script: whether code outside of functions is needed by line.
        has_plans: whether plans are needed; there are none if complexipy fails to make them.

    Raises:
        SourceError: of kind ``internal``; complexipy has panicked.
    """
    panic = ""
    for with_plans in (True, False) if has_plans else (False,):  # plans fail for some source it can count
        try:
            return _load_complexipy()(text, check_script=check_script, no_ignore=True, with_plans=with_plans)
        except ValueError:
            pass
        except BaseException as error:
            # A panic in Rust derives from BaseException, and its class is in no module that can be imported.
            if type(error).__name__ != "PanicException":
                raise
            panic = f"complexipy panicked: {str(error)[:_LONGEST_PANIC]}; exclude the file and report a bug"
    if panic:
        raise SourceError(FileError("internal", panic))
    return None


@cache
def _load_complexipy() -> Callable[..., CodeComplexity]:
    """Return complexipy's function that measures a text, imported on first use."""
    from complexipy import code_complexity

    return code_complexity


class SafeChange(NamedTuple):
    """A change that makes a function simpler, and that complexipy marks as safe to apply automatically.

    Attributes:
        first_line: first line of the code to change.
        last_line: last line of the code to change.
        title: what to do.
        reduction: points that it saves; an estimate if complexipy could not measure it.
        is_measured: whether complexipy applied the change to a copy and measured it.
        rule: complexipy's name of the rule.
        help: how to do it.
    """

    first_line: int
    last_line: int
    title: str
    reduction: int
    is_measured: bool
    rule: str
    help: str


def find_plans(text: str, points: Mapping[int, int]) -> dict[int, tuple[SafeChange, ...]]:
    """Return the plans of some functions, best first, by the lines of their ``def`` keywords.

    Args:
        text: text of the source.
        points: the points of these functions, by the lines of their ``def`` keywords.

    Raises:
        SourceError: complexipy has panicked.
    """
    result = _ask_complexipy(text, has_plans=True) if points else None
    functions = {function.line_start: function for function in result.functions} if result else {}
    starts = [*functions]
    plans: dict[int, tuple[SafeChange, ...]] = {}
    for line, total in points.items():
        # Functions that complexipy reports are in order, and never overlap in lines.
        if place := bisect_right(starts, line):
            function = functions[starts[place - 1]]
            if line <= function.line_end and function.complexity == total:
                plans[line] = tuple(map(_make_plan, filter(_is_written, function.refactor_plans)))
    return plans


def _is_written(plan: RefactorPlan) -> bool:
    """Return whether ``complexipy --fix`` applies a plan."""
    suggestion = plan.suggestion
    return suggestion is not None and suggestion.spliceable and plan.applicability.value == _SAFE


def _make_plan(plan: RefactorPlan) -> SafeChange:
    return SafeChange(
        plan.line_start,
        plan.line_end,
        plan.title,
        plan.estimated_reduction,
        plan.reduction_is_measured,
        plan.rule_id,
        plan.help or plan.description,
    )
