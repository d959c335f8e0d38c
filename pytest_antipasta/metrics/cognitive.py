"""Cognitive complexity, measured by complexipy, which has its own parser."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.metrics.source import SourceError
from pytest_antipasta.model import BriefPlan, FileError
from pytest_antipasta.runtime import trusted_first

if TYPE_CHECKING:
    from complexipy import CodeComplexity, FunctionComplexity, RefactorPlan

# complexipy ranks its proposals; more than a few do not help.
_PLANS = 3
# Each access to proposals copies them, and of functions with that many points hardly one in a hundred has
# any. Rules that `complexipy --fix` applies without a further option.
_SAFE = "MachineApplicable"
_MOST_FIXES = 50
_FEW_POINTS = 4

_MODULE = "<module>"

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
        plans: proposals for each function with five or more points, best first; their ``line`` is this line
            too.
        outside: points of lines outside of functions, if requested.
    """

    total: int
    by_line: Mapping[int, int]
    plans: Mapping[int, tuple[BriefPlan, ...]]
    outside: Mapping[int, int] = MappingProxyType({})

    def at_def_lines(self, def_lines: Sequence[int]) -> tuple[dict[int, int], tuple[BriefPlan, ...]]:
        """Return points and sorted proposals by the lines of the ``def`` keywords, given in ascending order.

        The syntax tree does not contain the position of an ``@``. As nothing is defined between a function's
        first ``@`` and its ``def``, the next line with a definition belongs to this function.
        """
        places = {line: bisect_left(def_lines, line) for line in self.by_line}
        lines = {line: def_lines[place] for line, place in places.items() if place < len(def_lines)}
        points = {def_line: self.by_line[line] for line, def_line in lines.items()}
        known = ((lines[line], self.plans[line]) for line in sorted(self.plans) if line in lines)
        return points, tuple(replace(plan, line=def_line) for def_line, plans in known for plan in plans)


class Plan(NamedTuple):
    """complexipy's proposal to make a function simpler.

    Attributes:
        first_line: first line of the code to change.
        last_line: last line of the code to change.
        title: what to do.
        reduction: points that it saves; an estimate if complexipy could not test it.
        is_measured: whether complexipy tested it.
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


class FunctionPoints(NamedTuple):
    """The points of a function by line, and proposals to lower them.

    Attributes:
        name: complexipy's name, with ``::`` between a class and its method.
        line: its first line in complexipy, which is the line of its first ``@``.
        last_line: its last line.
        total: its points.
        by_line: points of each line that has any.
        plans: proposals, best first.
    """

    name: str
    line: int
    last_line: int
    total: int
    by_line: Mapping[int, int]
    plans: tuple[Plan, ...]


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
        plans = tuple(map(_make_plan, function.refactor_plans)) if total else ()
        # No function can have this name, as identifiers do not contain these characters.
        key = None if name == _MODULE else line
        traced[key] = FunctionPoints(name, line, function.line_end, total, +by_line, plans)
    return traced


def measure_cognitive(
    text: str, *, has_cells: bool = False, has_plans: bool = True
) -> CognitiveComplexity | None:
    """Return complexipy's points and proposals, or ``None`` if it rejects the source.

    complexipy's own comments for ignoring a function have no effect here, as suppressions are applied when
    values are compared with limits.

    Args:
        text: text of the source.
        has_cells: whether it is a notebook, whose code outside of functions is needed by line.
        has_plans: whether proposals are needed.

    Raises:
        SourceError: complexipy has panicked.
    """
    if len(text) > _LONG and "\0" in text:
        # complexipy rejects it outside of comments, after allocating a hundred bytes for each.
        return None
    result = _ask_complexipy(text, check_script=has_cells)
    if result is None:
        return None
    by_line: dict[int, int] = {}
    plans: dict[int, tuple[BriefPlan, ...]] = {}
    functions, outside = _split_module(result) if has_cells else (result.functions, {})
    for function in functions:
        line, points = function.line_start, function.complexity
        by_line[line] = points
        if has_plans and points > _FEW_POINTS and (found := function.refactor_plans):
            plans[line] = tuple(_make_brief(line, plan) for plan in found[:_PLANS])
    return CognitiveComplexity(result.complexity, by_line, plans, outside)


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


def _ask_complexipy(text: str, *, check_script: bool = False) -> CodeComplexity | None:
    """Return complexipy's result, or ``None`` for NULs, lone surrogates, deep nesting and invalid Python.

    Raises:
        SourceError: of kind ``internal``; complexipy has panicked.
    """
    panic = ""
    for with_plans in (True, False):  # making proposals fails for some source that it can count
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
    with trusted_first():
        from complexipy import code_complexity

    return code_complexity


def apply_fixes(text: str, first_line: int, last_line: int) -> tuple[str, tuple[str, ...]]:
    """Return a source with the fixes of ``complexipy --fix`` applied in some lines, and their rules.

    complexipy replaces the lines of each safe proposal, and repeats until none is left. Lines must end in
    line feeds.

    Args:
        text: the source.
        first_line: first line where proposals are applied.
        last_line: last line where proposals are applied.
    """
    rules: list[str] = []
    for _ in range(_MOST_FIXES):
        fixes = _find_fixes(text, first_line, last_line)
        if not fixes:
            break
        lines = text.split("\n")
        for start, end, replacement, rule in fixes:  # from the end, so that line numbers above stay valid
            lines[start - 1 : end] = replacement
            last_line += len(replacement) - (end - start + 1)
            rules.append(rule)
        text = "\n".join(lines)
    return text, tuple(dict.fromkeys(sorted(rules)))


def _find_fixes(text: str, first_line: int, last_line: int) -> list[tuple[int, int, list[str], str]]:
    """Return the proposals in some lines that complexipy can apply, last first; none within another."""
    result = _ask_complexipy(text)
    plans = [plan for function in (result.functions if result else ()) for plan in function.refactor_plans]
    found: list[tuple[int, int, list[str], str]] = []
    for plan in sorted(filter(_is_written, plans), key=lambda plan: (plan.line_start, -plan.line_end)):
        reach = found[-1][1] if found else first_line - 1
        if plan.suggestion is not None and reach < plan.line_start and plan.line_end <= last_line:
            lines = plan.suggestion.replacement.split("\n")
            found.append((plan.line_start, plan.line_end, lines, plan.rule_id))
    return found[::-1]


def _is_written(plan: RefactorPlan) -> bool:
    """Return whether ``complexipy --fix`` applies a proposal."""
    suggestion = plan.suggestion
    return suggestion is not None and suggestion.spliceable and plan.applicability.value == _SAFE


def _make_brief(line: int, plan: RefactorPlan) -> BriefPlan:
    return BriefPlan(line, plan.line_start, plan.line_end, plan.title, plan.estimated_reduction)


def _make_plan(plan: RefactorPlan) -> Plan:
    return Plan(
        plan.line_start,
        plan.line_end,
        plan.title,
        plan.estimated_reduction,
        plan.reduction_is_measured,
        plan.rule_id,
        plan.help or plan.description,
    )
