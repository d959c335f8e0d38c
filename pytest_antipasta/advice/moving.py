"""Write the function that a run of statements becomes, and the call in its place."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from pytest_antipasta.advice.breaking import Shape
from pytest_antipasta.advice.control_flow import returns_value
from pytest_antipasta.advice.edits import Line, LineChange
from pytest_antipasta.advice.extraction import Extraction, Run
from pytest_antipasta.advice.indentation import find_step, refit, shift_lines
from pytest_antipasta.advice.layout import DEFINITION, OPENING, Layout
from pytest_antipasta.advice.obstacles import iter_continues
from pytest_antipasta.advice.snippet import Snippet

_CONTINUE = "continue"
_WORD = re.compile(r"\w+")
_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)")


class Moved(NamedTuple):
    """A version of a function after a run of statements was moved to a helper.

    Attributes:
        snippet: the new version.
        call: the call in place of the run, and of a blank line after it that would set off its result.
        helper: the helper, with blank lines that separate it, after the function or before the statement of
            the module that it is in.
        helper_line: the line of the new version on which the helper begins.
        signature: its head on one line, without decorators.
    """

    snippet: Snippet
    call: LineChange
    helper: LineChange
    helper_line: int
    signature: str


def move_run(snippet: Snippet, extraction: Extraction, name: str) -> Moved:
    """Return the version of a function in which a run of statements is a function of its own.

    The helper follows the function. If it can't be a method, or if decorators may call the function at once,
    it stands before the class or the decorators, so that it exists as soon as the function does.

    Args:
        snippet: the function.
        extraction: the run, of this version.
        name: name of the helper.

    Raises:
        UnwritableError: the run can't be moved to another indentation.
    """
    layout, run, function = snippet.layout, extraction.run, snippet.function
    is_beside = bool(extraction.receiver) or (snippet.is_top and not function.decorator_list)
    place = _find_place(snippet, run, is_beside=is_beside)
    indent = layout.indent(snippet.start) if is_beside else ""
    step = find_step(layout.indent(function.lineno), layout.indent(function.body[0].lineno))
    shape = Shape(step, snippet.width)
    first = layout.find_comments_above(run.first)
    call_lines = _write_call(extraction, name, layout.indent(run.first), shape)
    call = LineChange(first, _find_end(layout, extraction), tuple(call_lines))
    head, signature = _write_head(snippet, extraction, name, indent, shape, is_beside=is_beside)
    body = _write_body(layout, extraction, first, indent, step)
    space = [Line("", run.first)] * (1 if indent else 2)
    lines = (*space, *head, *body) if is_beside else (*head, *body, *space)
    helper = LineChange(place, place - 1, lines)
    changed = snippet.with_changes(call, helper)
    return Moved(
        replace(
            changed,
            helpers=(*snippet.helpers, snippet.qualify(name) if extraction.receiver else name),
            moved_types=snippet.annotations.types,
        ),
        call,
        helper,
        place + call.growth + len(space) if is_beside else place,
        signature,
    )


def _find_place(snippet: Snippet, run: Run, *, is_beside: bool) -> int:
    """Return the line before which a helper stands, so that helpers are in the order of their calls."""
    place = snippet.end + 1 if is_beside else snippet.outside
    above, below = snippet.lines[snippet.start - 1 : run.first - 1], snippet.lines[run.last : snippet.end]
    for node in map(snippet.find, snippet.helpers):
        if is_beside and any(node.name in line.text for line in above):
            place = (node.end_lineno or 0) + 1
        if not is_beside and any(node.name in line.text for line in below):
            place = min(place, node.lineno)
    return place


def _find_end(layout: Layout, extraction: Extraction) -> int:
    """Return the last line that a call replaces.

    A blank line after a block goes with it if the next line has a result of the call, and defines nothing.
    """
    run = extraction.run
    line = run.last + 1
    while line <= len(layout.lines) and layout.is_blank(line):
        line += 1
    if line > len(layout.lines) or not hasattr(run.body[-1], "body") or layout.is_comment(line):
        return run.last
    text = layout.lines[line - 1]
    has_result = not DEFINITION.match(text) and extraction.result in _WORD.findall(text)
    is_next = layout.indent(line) == layout.indent(run.first)
    return line - 1 if is_next and has_result else run.last


def _write_head(
    snippet: Snippet, extraction: Extraction, name: str, indent: str, shape: Shape, *, is_beside: bool
) -> tuple[list[Line], str]:
    """Return the decorator and the head of the helper, and the head on one line, without its colon."""
    names, result = [*extraction.parameters], ""
    # Elsewhere in the module, names of annotations may have another meaning, or none yet.
    if is_beside or snippet.has_lazy_annotations:
        names, result = _annotate(snippet, extraction)
    if extraction.receiver and extraction.decorator != "staticmethod":
        names.insert(0, extraction.receiver)
    keyword = "async def" if extraction.is_async else "def"
    start, end = f"{keyword} {name}(", f") -> {result}" if result else ")"
    head = _wrap_names(f"{indent}{start}", names, f"{end}:", indent, shape)
    if extraction.decorator:
        head = [f"{indent}@{extraction.decorator}", *head]
    return [Line(text, extraction.run.first) for text in head], f"{start}{', '.join(names)}{end}"


def _annotate(snippet: Snippet, extraction: Extraction) -> tuple[list[str], str]:
    """Return the parameters with their annotations, and that of the result; empty if unknown."""
    known, run = snippet.annotations, extraction.run
    inside = known.narrow(snippet.function, range(run.first, run.last + 1))
    ends = extraction.leaves or (run.end == "return" and known.never_returns)
    result = known.result if ends else known.annotate_result(extraction.result)
    if extraction.yields:
        result = known.items
    return [*map(inside.annotate, extraction.parameters)], result


def _write_call(extraction: Extraction, name: str, indent: str, shape: Shape) -> list[Line]:
    start = "return " if extraction.leaves else ""
    if extraction.result:
        start = f"{extraction.result} = "
    if extraction.is_async:
        start += "await "
    if extraction.yields:
        start += "yield from "
    function = f"{extraction.receiver}.{name}" if extraction.receiver else name
    call = _wrap_names(f"{indent}{start}{function}(", list(extraction.parameters), ")", indent, shape)
    return [Line(text, extraction.run.first) for text in call]


def _wrap_names(start: str, names: Sequence[str], end: str, indent: str, shape: Shape) -> list[str]:
    """Return names between brackets, in lines as black would break them."""
    line = f"{start}{', '.join(names)}{end}"
    if shape.fits(line) or not names:
        return [line]
    inner = f"{indent}{shape.step}{', '.join(names)}"
    is_single = len(names) == 1 and end.endswith(":")  # a parameter, which gets a comma
    if shape.fits(inner) and not is_single:
        return [start, inner, f"{indent}{end}"]
    return [start, *(f"{indent}{shape.step}{name}," for name in names), f"{indent}{end}"]


def _write_body(layout: Layout, extraction: Extraction, first: int, outside: str, step: str) -> list[Line]:
    """Return the statements of the run, with what they return at their end."""
    indent = f"{outside}{step}"
    lines = _shift_body(layout, extraction, first, indent)
    value = _return_value(extraction, lines, indent) if extraction.result else []
    lines = refit(layout, [*lines[: len(lines) - len(value)], *value], step)
    if extraction.result and not value:
        lines.append(Line(f"{indent}return {extraction.result}", extraction.run.last))
    return lines


def _shift_body(layout: Layout, extraction: Extraction, first: int, indent: str) -> list[Line]:
    """Return the statements of the run with another indentation, and with the jumps that they need there."""
    run = extraction.run
    old = layout.indent(run.first)
    lines = shift_lines(layout, first, run.last, old, indent)
    if extraction.continues:
        text = f"return {extraction.result}".rstrip()
        jumps = [node for statement in run.body for node in iter_continues(statement)]
        lines = _replace_jumps(layout, lines, jumps, text, len(indent) - len(old))
    last = run.body[-1]
    if isinstance(last, ast.Return) and last.lineno not in layout.comments and not returns_value(run.body):
        lines = [line for line in lines if line.origin != last.lineno]
    return lines


def _return_value(extraction: Extraction, lines: Sequence[Line], indent: str) -> list[Line]:
    """Return the last lines with their value returned; empty if its name is to be returned after them.

    A last statement that assigns the result returns it, unless a comment says its type, or lines of the
    value may be aligned with its beginning.
    """
    last = extraction.run.body[-1]
    if not isinstance(last, ast.Assign) or [*map(ast.unparse, last.targets)] != [extraction.result]:
        return []
    place = next(place for place, line in enumerate(lines) if line.origin == last.lineno)
    text, start = lines[place].text, f"{indent}{extraction.result} = "
    is_whole = last.lineno == last.end_lineno or text.endswith(OPENING)
    if not text.startswith(start) or not is_whole or _TYPE_COMMENT.search(text):
        return []
    return [lines[place]._replace(text=f"{indent}return {text.removeprefix(start)}"), *lines[place + 1 :]]


def _replace_jumps(
    layout: Layout, lines: Sequence[Line], jumps: Sequence[ast.Continue], text: str, shift: int
) -> list[Line]:
    """Return moved lines in which each ``continue`` for the loop around them returns."""
    columns = {node.lineno: layout.start(node)[1] + shift for node in jumps}
    replaced: list[Line] = []
    for line in lines:
        column = columns.get(line.origin)
        if column is not None:
            end = column + len(_CONTINUE)
            line = line._replace(text=f"{line.text[:column]}{text}{line.text[end:]}")
        replaced.append(line)
    return replaced
