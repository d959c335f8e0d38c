"""``pytest-antipasta fix``: write the proven steps that make functions simpler."""

import argparse
import re
import sys
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, takewhile
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.cli.command import Annotated, Operand, Option, add_command
from pytest_antipasta.cli.edited_file import (
    EditedFile,
    encode_source,
    read_source,
    require_clean,
    suggest_staging,
    write_source,
)
from pytest_antipasta.cli.named import LineTarget, find_named, find_stand, open_named, require_cell
from pytest_antipasta.cli.options import JudgingOptions, RunOptions, parse_number
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import follow, iter_stale, judge_content
from pytest_antipasta.cli.stdout import ERRORS, VIOLATIONS, print_lines, print_to_stderr
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.files.words import find_use
from pytest_antipasta.messages import make_printable
from pytest_antipasta.metrics.nodes import find_first_line
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import Block
from pytest_antipasta.report.failure import iter_unmeasured
from pytest_antipasta.report.hints import (
    DIFF_COLORS,
    LOWERED,
    PLACEHOLDER,
    count_steps,
    describe_no_plan,
    describe_standing,
    format_command,
    format_lowered,
    join_values,
    select_aims,
)
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.terminal import Paint, find_width, fold_lines, has_color
from pytest_antipasta.settings.line_length import find_line_length

if TYPE_CHECKING:
    from pytest_antipasta.advice.aims import Aims
    from pytest_antipasta.advice.edits import LineEdit
    from pytest_antipasta.advice.module import Module
    from pytest_antipasta.advice.plan import Helper, Plan, Step

_NAME = re.compile(r"(?P<line>[0-9]+)=(?P<name>.+)", re.DOTALL)


def _parse_name(text: str) -> tuple[int, str]:
    match = _NAME.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected LINE=NAME, such as 12=read_header, got {text!r}")
    name = unicodedata.normalize("NFKC", match["name"])  # as Python reads it
    if not name.isidentifier() or iskeyword(name):
        raise argparse.ArgumentTypeError(f"{name!r} is not a valid name of a function")
    if name.startswith("__"):
        raise argparse.ArgumentTypeError(f"{name!r}: names that begin with two underscores are special")
    return int(match["line"]), name


class _FixOptions(RunOptions, frozen=True, kw_only=True):
    target: Annotated[
        str,
        Operand(
            "file, for all functions over a limit; or one function (FILE::NAME or FILE:LINE)",
            "FILE[::FUNCTION]",
        ),
    ]
    dry_run: Annotated[bool, Option("print the diff, and do not write it")] = False
    steps: Annotated[int | None, Option("write only the first N steps", "N", parse=parse_number)] = None
    names: Annotated[
        Sequence[tuple[int, str]],
        Option(
            "name of the new function that the step in this line adds; repeatable",
            "LINE=NAME",
            parse=_parse_name,
            name="--name",
        ),
    ] = ()
    check_clean: Annotated[bool, Option("write nothing if the file has unstaged changes")] = False
    judging: JudgingOptions = JudgingOptions()


def add_parser(subparsers: SubParsers) -> None:
    """Add ``fix`` to the command line."""
    text = "make functions simpler that are over a limit; each step is measured, and proven to change nothing"
    add_command(subparsers, "fix", text, _FixOptions, _run_fix)


def _run_fix(options: _FixOptions) -> int:
    """Write the steps; return 0 if the functions are within their limits, and 1 if something is left."""
    from pytest_antipasta.advice.edits import apply_edits

    path, name, location, rules = open_named(options.target, "fix", options.config, options.judging)
    file = read_source(path, location, rules)
    if options.check_clean:
        require_clean(path, location)
    before = judge_content(rules, file.data, location, options, is_brief=True)
    if unmeasured := [*_iter_unmeasured(path, before, rules)]:
        print_to_stderr(unmeasured)
        return ERRORS
    module = _parse(path, before, file.text, find_line_length(Path(location).parent, rules.settings.root))
    names = _choose_functions(path, before, module, name)
    thresholds = rules.thresholds.find(before.path)
    aims = {name: select_aims(before, name, thresholds) for name in names}
    given = _check_names(path, module, options)
    changes, edits = _find_changes(module, before, aims, options, given)
    if unknown := given.keys() - set(_list_offered(changes)):
        line = min(unknown)
        raise _refuse_name(line, given[line], changes, _iter_not_chosen(path, before, options))
    _require_free(rules, before.path, changes, given)
    data = encode_source(path, file, apply_edits(file.text, edits))
    after = judge_content(rules, data, location, options, is_brief=None)  # the same warnings
    on_disk = before
    if data != file.data and not options.dry_run:
        write_source(path, location, file, data)
        on_disk = after
    print_lines(_iter_text(path, file, edits, changes, (before, after), options))
    if not options.quiet:
        print_to_stderr(_iter_needless(rules, on_disk, options))
        print_to_stderr(suggest_staging(path, location) if on_disk is after else ())
    return VIOLATIONS if _find_over(after.over_limits, of_any=True).intersection(names) else 0


def _iter_unmeasured(path: str, verdict: Verdict, rules: Rules) -> Iterator[str]:
    """Yield why a file has no values that steps could lower; nothing if it has."""
    if verdict.error is not None:
        yield from iter_unmeasured([verdict], show_from(rules.settings.root))
    elif (
        verdict.measurement.foreign is None and verdict.measurement.metrics.total_cognitive_complexity is None
    ):
        yield f"error: {make_printable(path)}: no steps, because complexipy can't parse the file"


def _parse(path: str, verdict: Verdict, text: str, line_length: int | None) -> "Module":
    """Return the parsed file of a verdict; ``path`` is that of the user.

    Raises:
        UsageError: it is not a file of Python.
    """
    if verdict.measurement.foreign is not None:
        raise UsageError(f"{make_printable(path)} is not a Python file")
    from pytest_antipasta.advice.module import Module

    return Module.parse(text, line_length)


def _find_over(numbers: Iterable[Violation], *, of_any: bool = False) -> set[str | None]:
    """Return the functions with a value over its limit that steps can lower, or of any metric."""
    return {number.qualified_name for number in numbers if of_any or number.metric in LOWERED}


def _choose_functions(
    path: str, verdict: Verdict, module: "Module", name: str | LineTarget | None
) -> list[str]:
    """Return the function of a name or around a line, or all functions over a limit that steps can lower.

    Raises:
        UsageError: there is no such function.
    """
    blocks = [block for block in verdict.measurement.blocks if block.kind != "class"]
    if name is None:
        over = _find_over((*verdict.violations, *verdict.warnings))
        return [block.qualified_name for block in filter(_is_whole, blocks) if block.qualified_name in over]
    if isinstance(name, LineTarget):
        require_cell(make_printable(path), name)
        return [_find_at(path, blocks, module, name.line)]
    return [_find_function(path, blocks, name, _find_over(verdict.over_limits))]


def _find_at(path: str, blocks: Iterable[Block], module: "Module", line: int) -> str:
    """Return the qualified name of the function around a line; its decorators belong to it.

    Raises:
        UsageError: there is none.
    """
    for block in filter(_is_whole, blocks):
        if find_first_line(module.functions[block.qualified_name]) <= line <= block.end_line:
            return block.qualified_name
    raise UsageError(f"{make_printable(path)}:{line}: this line is outside any function")


def _find_function(path: str, blocks: Sequence[Block], name: str, over: Container[str | None]) -> str:
    """Return the qualified name of a function; of several definitions, that of the first over a limit.

    Raises:
        UsageError: there is none of this name, or it is inside another one.
    """
    by_name = {block.qualified_name: block for block in blocks}
    found = by_name[find_named(path, name, by_name, over, "function")]
    if not _is_whole(found):
        place = f"{make_printable(path)}:{found.line}: {make_printable(name)}"
        raise UsageError(f"{place}: is inside another function, whose points its points are part of")
    return found.qualified_name


def _is_whole(block: Block) -> bool:
    """Return whether a function is in no other one."""
    return block.cognitive_complexity is not None


def _check_names(path: str, module: "Module", options: _FixOptions) -> dict[int, str]:
    """Return the names of new functions by line.

    Raises:
        UsageError: the file has such a name already or may import it, or there are two for a line, or for a
            name two lines.
    """
    from pytest_antipasta.advice.proof.helper import has_star_import

    found: dict[int, str] = {}
    for line, name in options.names:
        if name == PLACEHOLDER and options.dry_run:
            continue  # it shows unnamed steps, too
        start = f"--name {line}={name}"
        if line in found:
            raise UsageError(f"{start}: line {line} has two names, {found[line]} and {name}")
        if name == PLACEHOLDER:
            raise UsageError(f"{start}: {name} stands for your choice; --dry-run shows what to name")
        if name in found.values():
            raise UsageError(f"{start}: {name} is the name for another line; choose another")
        if name in module.words:
            raise UsageError(f"{start}: {make_printable(path)} already has this word; choose another")
        if not name.startswith("_") and has_star_import(module.tree):
            raise UsageError(
                f"{start}: {make_printable(path)} may import this name by `import *`; begin it with `_`"
            )
        found[line] = name
    return found


class _Change(Struct, frozen=True):
    """What is done to one function.

    Attributes:
        name: its qualified name.
        written: the steps that are written.
        left: the steps that are not, up to the requested number, for the file as it will be.
        offered: lines of the steps that add functions, for the file as it is.
        proposed: the diff of the steps that are not written, if nothing is.
    """

    name: str
    written: "Sequence[Step]"
    left: "Sequence[Step]"
    offered: Sequence[int]
    proposed: Sequence[str] = ()


def _find_plan(
    module: "Module", block: Block, aims: "Aims", given: Mapping[int, str], options: _FixOptions
) -> "Plan | None":
    """Return the plan for a function.

    Without names, it is that of hints, which try no new functions for a large one. A dry run also has those
    that are offered once its steps are written, where the plan with them begins with the same steps.
    """
    from pytest_antipasta.advice.aims import TASTE, choose_taste
    from pytest_antipasta.advice.search import find_plan

    name, taste = block.qualified_name, choose_taste(block.cognitive_complexity)
    small = None if options.names or taste == TASTE else find_plan(module, name, aims, taste)
    if small is not None and not options.dry_run:
        return small
    plan = find_plan(module, name, aims, given=given)
    is_longer = small is None or (plan is not None and plan.steps[: len(small.steps)] == small.steps)
    return plan if is_longer else small


def _find_changes(
    as_it_is: "Module",
    before: Verdict,
    aims: "Mapping[str, Aims]",
    options: _FixOptions,
    names: Mapping[int, str],
) -> "tuple[list[_Change], list[LineEdit]]":
    """Return what is done to each function, and the edits that do it.

    The last function comes first. New functions outside of its class move those above it down.
    """
    from pytest_antipasta.advice.edits import apply_edits

    changes: list[_Change] = []
    edits: list[LineEdit] = []
    module = as_it_is
    with follow(options.quiet, "function") as report_progress:
        for name in reversed([*aims]):
            report_progress(len(changes), len(aims))
            shift = module.functions[name].lineno - as_it_is.functions[name].lineno
            given = {line + shift: new for line, new in names.items()}
            plan = _find_plan(module, before.by_name[name], aims[name], given, options)
            change = _choose_steps(name, plan, shift, names, options.steps)
            if plan and change.written:
                edits += chain.from_iterable(step.edits for step in plan.steps[: len(change.written)])
                module = as_it_is.parse(apply_edits(as_it_is.text, edits), as_it_is.line_length)
            changes.insert(0, _with_diff(change, plan, module, options))
    if module is not as_it_is and not options.dry_run:
        changes = [_look_again(change, module, aims[change.name], options.steps) for change in changes]
    return changes, edits


def _with_diff(change: _Change, plan: "Plan | None", module: "Module", options: _FixOptions) -> _Change:
    """Return a change with the diff of the steps that need names, if it is shown."""
    if plan is None or not change.left or options.quiet or not options.dry_run:
        return change
    from pytest_antipasta.advice.edits import diff_edits

    first, number = len(change.written), len(change.left)
    edits = [edit for step in plan.steps[first : first + number] for edit in step.edits]
    return replace(change, proposed=[*diff_edits(module.text, edits, "")][2:])


def _look_again(change: _Change, module: "Module", aims: "Aims", most: int | None) -> _Change:
    """Return a change with the steps that are left for the file as it is written."""
    from pytest_antipasta.advice.search import find_plan

    plan, number = find_plan(module, change.name, aims), most and most - len(change.written)
    return replace(change, left=plan.steps[:number] if plan else ())


def _choose_steps(
    name: str, plan: "Plan | None", shift: int, names: Mapping[int, str], most: int | None
) -> _Change:
    """Write the first steps, up to one that adds a function without a name."""
    steps = [replace(step, line=step.line - shift) for step in plan.steps] if plan else []
    written = list(islice(takewhile(lambda step: not step.helper or step.line in names, steps), most))
    return _Change(name, written, steps[len(written) : most], [step.line for step in steps if step.helper])


def _list_offered(changes: Iterable[_Change]) -> list[int]:
    """Return the lines of the steps that add functions, for the file as it is."""
    return [line for change in changes for line in change.offered]


def _refuse_name(line: int, name: str, changes: Sequence[_Change], why_none: Iterable[str]) -> UsageError:
    """Return the error for a line in which no step adds a function of a name, with lines in which some do.

    ``why_none`` says why no function is made simpler, which counts if there are no changes.
    """
    text = f"--name {line}={name}: no step in line {line} of the file on disk adds a function of this name"
    known = ", ".join(map(str, _list_offered(changes)))
    text += f"; choose another name, or one of these lines: {known}" if known else ""
    return UsageError("\n".join([text, *(() if changes else why_none)]))


def _require_free(rules: Rules, path: str, changes: Iterable[_Change], names: Mapping[int, str]) -> None:
    """Refuse the name of a new method that another source file uses: a base or a subclass may have it.

    Raises:
        UsageError: it is used, with the place.
    """
    steps = chain.from_iterable(change.written for change in changes)
    methods = [names[step.line] for step in steps if step.helper and step.helper.is_method]
    if use := find_use(rules.settings, methods, path):
        place = f"{make_printable(use.path)}:{use.line}"
        raise UsageError(f"--name: {use.word} is used in {place}, maybe by a base or a subclass")


def _iter_text(
    path: str,
    file: EditedFile,
    edits: "Sequence[LineEdit]",
    changes: Sequence[_Change],
    verdicts: tuple[Verdict, Verdict],
    options: _FixOptions,
) -> Iterator[str]:
    """Yield the diff, and a line for each function with its values before and after."""
    from pytest_antipasta.advice.edits import diff_edits

    paint, width = Paint(has_color(sys.stdout)), find_width(sys.stdout)
    if not options.quiet:
        yield from _paint_diff(diff_edits(file.text, edits, path), paint)
    is_written = not options.dry_run and any(change.written for change in changes)
    later = replace(options, names=()) if is_written else options  # in the written file, lines are others
    for change in changes:
        text = [_format_change(path, change, verdicts, options)]
        text += _iter_left(path, change, later) if change.left else ()
        yield from fold_lines(text, width)
        yield from (f"  {line}".rstrip() for line in _paint_diff(change.proposed, paint))
    rest = _iter_together(path, changes, later) if changes else _iter_not_chosen(path, verdicts[0], options)
    yield from fold_lines(rest, width)


def _iter_not_chosen(path: str, verdict: Verdict, options: _FixOptions) -> Iterator[str]:
    """Yield why no function of a file is made simpler, and the command that simplifies one all the same."""
    shown, over = make_printable(path), _find_over(verdict.over_limits)
    blocks = [block for block in verdict.measurement.blocks if block.qualified_name in over]
    inner = [block for block in blocks if not _is_whole(block)]
    for block in inner:
        place = f"{shown}:{block.line}: {make_printable(block.qualified_name)}"
        yield f"{place}: over a limit, but inside another function; `fix` doesn't change inner functions"
    if tolerated := next(filter(_is_whole, blocks), None):
        each = "every other function" if inner else "every function"
        command = _format_command(path, tolerated.qualified_name, (), options)
        yield f"{shown}: {each} over a limit is tolerated; to simplify one, name it: `{command}`"
    if not blocks:
        yield f"{shown}: no function is over a limit of cyclomatic or cognitive complexity"


def _paint_diff(lines: Iterable[str], paint: Paint) -> Iterator[str]:
    """Yield the lines of a diff, which keep their tabs and their ends, so that `git apply` takes it."""
    for line in lines:
        text = line.removesuffix("\r")
        shown = paint("\t".join(map(make_printable, text.split("\t"))), DIFF_COLORS.get(line[:1], ""))
        yield shown + line[len(text) :]


def _format_change(
    path: str, change: _Change, verdicts: tuple[Verdict, Verdict], options: _FixOptions
) -> str:
    """Return the values of a function before and after, and what is written."""
    names = dict(options.names)
    before, after = (verdict.by_name[change.name] for verdict in verdicts)
    line = before.line if options.dry_run else after.line
    place = f"{make_printable(path)}:{line}: {make_printable(change.name)}"
    helpers = {names[step.line]: step.helper for step in change.written if step.helper}
    values = _format_values(before, after, helpers)
    result = f"{place}: {values}; {describe_standing(verdicts[1], change.name)}"
    if change.written:
        return f"{result}; {count_steps(change.written)}, {'would be ' if options.dry_run else ''}written"
    is_over = change.name in _find_over(verdicts[1].over_limits)
    return result if change.left or not is_over else f"{result}; {describe_no_plan()}"


def _iter_left(path: str, change: _Change, options: _FixOptions) -> Iterator[str]:
    """Yield how to write the steps that are left."""
    command = _format_command(path, change.name, change.written, options)
    helpers = [(step, step.helper) for step in change.left if step.helper]
    if not change.left[0].helper:
        yield f"  more steps are possible; run `{command}` again"
        return
    for step, helper in helpers:
        yield f"  needs a name: {step.kind}, line {step.line}: {make_printable(helper.signature)}"
    them = "it" if len(helpers) == 1 else "them"
    values = format_lowered(change.left[0].before, change.left[-1].after)
    command = format_command(change.left, command, options.names)
    yield f"  to write {them} ({values}), name {them}: `{command}`"


def _iter_together(path: str, changes: Sequence[_Change], options: _FixOptions) -> Iterator[str]:
    """Yield the command for all functions that need names, as each of theirs moves the lines of others."""
    unnamed = [change for change in changes if change.left and change.left[0].helper]
    if len(unnamed) > 1:
        written = chain.from_iterable(change.written for change in changes)
        command = _format_command(path, None, written, options)
        left = chain.from_iterable(change.left for change in unnamed)
        command = format_command(left, command, options.names)
        yield f"each of these commands moves other lines; to write all, run `{command}`"


def _format_command(path: str, name: str | None, written: "Iterable[Step]", options: _FixOptions) -> str:
    """Return the command for a function or a file, with the names of steps that a dry run would write."""
    stand = find_stand(Path.cwd(), options.config, options.judging)
    lines = {step.line for step in written} if options.dry_run else set()
    given = "".join(f" --name {line}={new}" for line, new in options.names if line in lines)
    return stand.format_function("fix", make_printable(path), name and make_printable(name)) + given


def _format_values(before: Block, after: Block, helpers: "Mapping[str, Helper]") -> str:
    """Return the values of a function before and after, with the sums if it has got new functions."""
    shown: list[tuple[str, str]] = []
    for metric, *added in zip(LOWERED, *(helper.numbers for helper in helpers.values()), strict=True):
        old, new = (getattr(block, metric) for block in (before, after))
        change = f"{old} \N{RIGHTWARDS ARROW} {new}" if old != new else f"{old}"
        shown.append((f"{look_up_metric(metric).label} {change}", str(sum(added, new))))
    return join_values(shown, [*map(make_printable, helpers)])


def _iter_needless(rules: Rules, verdict: Verdict, options: _FixOptions) -> Iterator[str]:
    """Yield comments and baseline entries that the file on disk needs no longer."""
    from pytest_antipasta.report.suppressions import format_remarks

    yield from format_remarks(verdict, show_from(rules.settings.root), of_failure=False)
    stand = find_stand(rules.settings.root, options.config, options.judging)
    yield from iter_stale(rules, [verdict], stand)
