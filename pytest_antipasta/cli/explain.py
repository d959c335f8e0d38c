"""``pytest-antipasta explain``: show where the points of a file or a block come from."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from operator import attrgetter
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.command import Annotated, Operand, Option, add_command
from pytest_antipasta.cli.named import ITEM, LineTarget, find_named, find_stand, open_named, require_cell
from pytest_antipasta.cli.options import JudgingOptions, RunOptions, TextOrJson
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import choose_cache_dir, judge_content
from pytest_antipasta.cli.stdout import ERRORS, print_to_stderr, write_bytes
from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.planning import Planner
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.extension.installed import find_distributions
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.notebooks import find_source
from pytest_antipasta.files.reading import UnreadableError, read_file
from pytest_antipasta.files.selection import iter_outside_notes
from pytest_antipasta.messages import count, list_names, make_printable
from pytest_antipasta.metrics.cognitive import SafeChange, find_plans
from pytest_antipasta.metrics.explanation import ExplainedBlock, Explanation, explain
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import Measured
from pytest_antipasta.report.explain.explanation import Explained, find_namesakes, is_folded, iter_explanation
from pytest_antipasta.report.explain.limits import find_limits
from pytest_antipasta.report.hints import Advice, can_be_tried, find_hints
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.rows import find_rows
from pytest_antipasta.report.terminal import Paint, find_width, fold_lines, has_color
from pytest_antipasta.report.wording import name_line
from pytest_antipasta.settings.origins import trace_places


class _ExplainOptions(RunOptions, frozen=True, kw_only=True):
    target: Annotated[str, Operand("file, function (FILE::NAME) or line (FILE:LINE)", "FILE[::BLOCK]")]
    all: Annotated[bool, Option("explain all blocks, lines and values, not only those over a limit")] = False
    format: TextOrJson = "text"
    judging: JudgingOptions = JudgingOptions()


def add_parser(subparsers: SubParsers) -> None:
    """Add ``explain`` to the command line."""
    text = "show which lines add points, the formulas and the limits"
    add_command(subparsers, "explain", text, _ExplainOptions, _run_explain)


def _run_explain(options: _ExplainOptions) -> int:
    """Explain a file or a block; return 3 if the file has no values."""
    path, block, location, rules = open_named(options.target, "explain", options.config, options.judging)
    if os.path.isdir(location):
        raise UsageError(f"{path}: is a folder; name a file")
    explained = _explain_file(rules, location, block, options)
    if options.format == "json":
        from pytest_antipasta.report.explain.record import make_explanation
        from pytest_antipasta.report.records import encode

        content = encode(make_explanation(explained))
    else:
        verdict = explained.verdict
        verdict = replace(verdict, path=show_from(rules.settings.root)(verdict.path))
        lines = _iter_text(replace(explained, verdict=verdict), options)
        content = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
    write_bytes(content)
    return ERRORS if explained.verdict.error else 0


def _iter_text(explained: Explained, options: _ExplainOptions) -> Iterator[str]:
    width = find_width(sys.stdout)
    yield from iter_explanation(explained, Paint(has_color(sys.stdout)), width)
    if not options.quiet:
        lines = _iter_next(explained, options, is_terminal=width is not None)
        yield from fold_lines(lines, width)


def _iter_next(explained: Explained, options: _ExplainOptions, *, is_terminal: bool) -> Iterator[str]:
    """Yield what else can be explained."""
    stand = find_stand(Path.cwd(), options.config, options.judging)
    target = make_printable(options.target.removesuffix(ITEM))
    whole, block = (stand.format_function("explain", target, name) for name in (None, "BLOCK"))
    blocks = explained.parts.blocks
    if explained.has_file and len(explained.chosen) < len(blocks):
        yield f"next: `{whole} --all` explains {count(len(blocks), 'block')}, `{block}` one of them"
    elif is_terminal and any(is_folded(explained, item) for item in explained.chosen):
        yield f"next: `{whole} --all` shows all lines"
    if not explained.has_file:
        yield from _iter_namesakes(explained)


def _iter_namesakes(explained: Explained) -> Iterator[str]:
    """Yield the other blocks with the name of an explained one."""
    chosen = {item.block.qualified_name for item in explained.chosen}
    measurement = explained.verdict.measurement
    for group in find_namesakes(explained.parts):
        first = f"{group[0].qualified_name}#1"  # the name alone may stand for another one
        named = {block.qualified_name if number else first: block for number, block in enumerate(group)}
        others = {name: block for name, block in named.items() if block.qualified_name not in chosen}
        if len(others) < len(group):
            found = (f"{name} in {name_line(measurement, block.line)}" for name, block in others.items())
            places = ", ".join(found)
            yield f"several blocks have that name; select one of these: {places}"


def _explain_file(
    rules: Rules, location: str, wanted: str | LineTarget | None, options: _ExplainOptions
) -> Explained:
    """Return the facts about a file; ``wanted`` is the name of the block to explain, or a line in it."""
    settings = rules.settings
    print_to_stderr(f"warning: {note}" for note in iter_outside_notes(settings, [location]))
    data, verdict = _judge_file(rules, location, options)
    error = verdict.error
    if error is not None:
        # A file that exceeded limits is not read again.
        is_readable = error.kind in ("syntax", "unmerged", "too_deep")
        parts = explain(data, verdict.measurement) if is_readable else Explanation(verdict.measurement)
        return Explained(verdict, parts, {}, (), True)
    parts = explain(data, verdict.measurement)
    chosen = _choose_blocks(verdict, parts, wanted, options.all)
    return Explained(
        verdict,
        parts,
        find_limits(
            verdict,
            trace_places(settings, verdict.path, is_generated=verdict.measurement.generated),
            [item.block for item in chosen],
        ),
        chosen,
        has_file=wanted is None,
        has_all=options.all,
        of_extensions=_explain_extensions(data, verdict, chosen, has_file=wanted is None),
        # Trying takes as long as explaining, or longer, so only the requested block is tried.
        advice={} if wanted is None else _find_advice(data, verdict, chosen, rules, options),
        plans=_find_plans(data, verdict, chosen) if options.format == "json" else {},
    )


def _find_plans(
    data: bytes, verdict: Verdict, chosen: Sequence[ExplainedBlock]
) -> Mapping[str, Sequence[SafeChange]]:
    """Return complexipy's plans for functions of a file, which exist only for Python, by qualified name."""
    if verdict.measurement.foreign is not None:
        return {}
    blocks = [item.block for item in chosen if item.block.is_function]
    points = {
        block.line: block.cognitive_complexity for block in blocks if block.cognitive_complexity is not None
    }
    plans = find_plans(decode_source(data), points) if points else {}
    return {block.qualified_name: plans[block.line] for block in blocks if block.line in plans}


def _find_advice(
    data: bytes,
    verdict: Verdict,
    chosen: Sequence[ExplainedBlock],
    rules: Rules,
    options: _ExplainOptions,
) -> Mapping[str, Advice | None]:
    """Return the proven steps for functions of a file over a limit, by qualified name; ``None`` for none."""
    names = {item.block.qualified_name for item in chosen}
    rows = [row for row in find_rows([verdict], attrgetter("over_limits")) if row.name in names]
    tryable = [row.name for row in filter(can_be_tried, rows) if row.name]
    if not tryable:
        return {}
    settings = rules.settings
    planner = Planner(lambda _: data, settings, choose_cache_dir(options, settings), is_thorough=True)
    plans, text = find_hints(rows, planner, rules.thresholds.find), decode_source(data)
    stand = find_stand(settings.root, options.config, options.judging)

    def advise(name: str) -> Advice | None:
        plan = plans.get((verdict.path, name))
        return Advice(plan, text, stand.format_function("fix", verdict.path, name)) if plan else None

    return {name: advise(name) for name in tryable}


def _judge_file(rules: Rules, location: str, options: RunOptions) -> tuple[bytes, Verdict]:
    """Judge a file and return its content, so that the explained content is the measured one."""
    try:
        data = read_file(location, rules.settings.max_file_bytes).data
        source = find_source(location, data)
    except UnreadableError as failure:
        path = display_path(rules.settings.root, location)
        with closing(open_measurer(rules.settings, None)) as measurer:
            measurement = measurer.give_up(path, failure.error)
        return b"", LimitJudge(rules).judge(path, Measured(measurement))
    return source, judge_content(rules, data, location, options, is_brief=options.quiet)


def _choose_blocks(
    verdict: Verdict, parts: Explanation, wanted: str | LineTarget | None, wants_all: bool
) -> tuple[ExplainedBlock, ...]:
    if isinstance(wanted, LineTarget):
        return (_find_block_at(verdict.path, parts, wanted),)
    over = {limit.qualified_name for limit in verdict.over_limits}
    if wanted is not None:
        name = find_named(verdict.path, wanted, parts.by_name, over, "function or class")
        return (parts.by_name[name],)
    if wants_all:
        return parts.blocks
    return tuple(block for block in parts.blocks if block.block.qualified_name in over)


def _explain_extensions(
    data: bytes, verdict: Verdict, chosen: Sequence[ExplainedBlock], *, has_file: bool
) -> Mapping[str | None, Mapping[str, Sequence[str]]]:
    """Return explanations of extensions, which exist only for Python."""
    if not find_distributions() or verdict.measurement.foreign is not None:
        return {}
    from pytest_antipasta.extension.explaining import explain_metrics

    names = [item.block.qualified_name for item in chosen if item.block.kind != "class"]
    wanted = (None, *names) if has_file else names
    return explain_metrics(decode_source(data), verdict.measurement.blocks, wanted)


def _find_block_at(path: str, parts: Explanation, wanted: LineTarget) -> ExplainedBlock:
    """Return the innermost block that contains a line; its decorators belong to it.

    Raises:
        UsageError: the line is in no block.
    """
    require_cell(path, wanted)
    cell, line = wanted
    start = 1 if cell is None else _find_start(parts, cell)
    line += start - 1
    around = [item for item in parts.blocks if item.contains(line)]
    if around and parts.measurement.locate(line)[0] == cell:
        return max(around, key=lambda item: (item.block.line, item.block.kind != "cell"))
    names = [block.block.qualified_name for block in parts.blocks]
    place = f"{path}:{wanted.line}" if cell is None else f"{path}:cell {cell}:{wanted.line}"
    raise UsageError(f"{place}: this line is outside any function or class; the file has {list_names(names)}")


def _find_start(parts: Explanation, cell: int) -> int:
    """Return the first line of a cell; a line in no block if the cell has no code."""
    cells = (block.block.line for block in parts.blocks if block.block.kind == "cell")
    return next((line for line in cells if parts.measurement.locate(line)[0] == cell), len(parts.lines) + 1)
