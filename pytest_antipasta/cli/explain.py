"""``pytest-antipasta explain``: where the points of a file or a block come from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from msgspec.structs import replace

from pytest_antipasta.cli.explain_target import ITEM, SEPARATOR, Line, find_block, find_block_at, parse_target
from pytest_antipasta.cli.operands import locate
from pytest_antipasta.cli.options import add_baseline_options, add_no_ignore, add_run_options
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.running import choose_cache_dir, judge_all, load_rules, tell_warnings, write_output
from pytest_antipasta.cli.stdout import ERRORS, tell
from pytest_antipasta.engine import LimitJudge, Rules, open_content_run
from pytest_antipasta.engine.measuring import measure, open_measurer
from pytest_antipasta.extension import find_distributions
from pytest_antipasta.files import (
    UnreadableError,
    display_path,
    find_source,
    iter_outside_notes,
    read_file,
    rebase,
)
from pytest_antipasta.messages import format_argument
from pytest_antipasta.metrics import ExplainedBlock, Explanation, apply_fixes, decode_source, explain
from pytest_antipasta.model import BLOCK_METRICS, CELL, Block, Number, UsageError, Verdict
from pytest_antipasta.report import place_verdicts
from pytest_antipasta.report.explain import Explained, Fixed, find_limits, find_plans
from pytest_antipasta.settings import trace_places, with_projects

# A line of source behind its number, and behind its points.
_SOURCE = re.compile(r"(?:\x1b\[[\d;]*m|[ +\d])*\d(?:\x1b\[[\d;]*m)?  ")


def add_parser(subparsers: SubParsers) -> None:
    """Add ``explain`` to the command line."""
    text = "show which lines add points, the formulas with values, and how to lower them"
    parser = add_command(subparsers, "explain", text, _run_explain)
    parser.add_argument(
        "target",
        metavar="FILE[::BLOCK]",
        help="file; or one function or class as FILE::NAME, or by line as FILE:LINE",
    )
    parser.add_argument(
        "--all", action="store_true", help="explain every block in the file, not only those over a limit"
    )
    parser.add_argument("--format", default="text", choices=("text", "json"), help="output format")
    add_baseline_options(parser)
    add_no_ignore(parser)
    add_run_options(parser)


def _run_explain(args: argparse.Namespace) -> int:
    """Explain a file or a block; exit code 3 where the file has no numbers."""
    rules = load_rules(args)
    path, block = parse_target(args.target)
    location = locate(path)
    if os.path.isdir(location):
        raise UsageError(f"{path}: is a folder; name a file")
    explained = _explain_file(rules, location, block, args)
    if args.format == "text":
        (verdict,) = place_verdicts([explained.verdict], rules.settings.root)
        explained = replace(explained, verdict=verdict)
    write_output(_format(explained, args), None)
    return ERRORS if explained.verdict.error else 0


def _format(explained: Explained, args: argparse.Namespace) -> bytes:
    if args.format == "json":
        from pytest_antipasta.report import encode
        from pytest_antipasta.report.explain import make_explanation

        return encode(make_explanation(explained))
    from pytest_antipasta.report import Paint, find_width, fold_line, has_color
    from pytest_antipasta.report.explain import iter_explanation

    lines = [*iter_explanation(explained, Paint(has_color(sys.stdout)))]
    if not args.quiet:
        lines.extend(_iter_next(explained, args.target.removesuffix(f"{SEPARATOR}{ITEM}")))
    width = find_width(sys.stdout)
    folded = (part for line in lines for part in ([line] if _SOURCE.match(line) else fold_line(line, width)))
    return "".join(f"{line}\n" for line in folded).encode("utf-8", "backslashreplace")


def _iter_next(explained: Explained, target: str) -> Iterator[str]:
    """Yield what else can be explained."""
    if explained.left_out:
        command = f"pytest-antipasta explain {target}"
        yield f"next: `{command} --all` explains all {explained.left_out} blocks, `{command}::BLOCK` one"
    if not explained.has_file:
        for one in explained.chosen:
            yield from _iter_namesakes(explained, one.block.qualified_name)


def _iter_namesakes(explained: Explained, name: str) -> Iterator[str]:
    """Yield which other blocks have the same name."""
    from pytest_antipasta.report.explain import find_namesakes

    if name.startswith(CELL):
        return
    others = [one for one in find_namesakes(explained.parts, name) if one.qualified_name != name]
    if others:
        places = ", ".join(f"{one.qualified_name} in line {one.line}" for one in others)
        yield f"several blocks have that name; select one of these: {places}"


def _explain_file(
    rules: Rules, location: str, wanted: str | Line | None, args: argparse.Namespace
) -> Explained:
    """Return what is known about a file; ``wanted`` is the name of the block to explain, or a line of it."""
    location = rebase(rules.settings.root, location)
    rules = rules.with_nearer(with_projects(rules.settings, [location]))
    settings = rules.settings
    tell(f"warning: {note}" for note in iter_outside_notes(settings, [location]))
    data, verdict = _judge_file(rules, location, args)
    error = verdict.error
    if error is not None:
        # What takes too long or too much is not looked at again.
        is_readable = error.kind in ("syntax", "unmerged", "too_deep")
        parts = explain(data, verdict.measurement) if is_readable else Explanation(verdict.measurement)
        return Explained(verdict, parts, {}, {}, (), True)
    parts = explain(data, verdict.measurement)
    chosen = _choose_blocks(verdict, parts, wanted, args.all)
    return Explained(
        verdict,
        parts,
        find_limits(verdict, trace_places(settings, verdict.path), [one.block for one in chosen]),
        find_plans(parts, chosen),
        chosen,
        has_file=wanted is None,
        foreign=_find_foreign(data, verdict, chosen, has_file=wanted is None),
        # Each takes the whole file to measure again, so only of the one that is asked for.
        fixed={} if wanted is None else _find_fixed(data, location, parts, chosen),
        left_out=len(parts.blocks) if wanted is None and len(chosen) < len(parts.blocks) else 0,
    )


def _find_fixed(
    data: bytes, location: str, parts: Explanation, chosen: Sequence[ExplainedBlock]
) -> dict[str, Fixed]:
    """Return the blocks of a file that complexipy can change itself, with what their numbers would be."""
    if not location.endswith(".py") or b"\r" in data:  # complexipy's fixes end lines by line feeds
        return {}
    text = decode_source(data)
    found = ((one.block, _fix(text, one.block)) for one in chosen if _is_planned(one.block, parts))
    return {
        block.qualified_name: Fixed(rules, _compare(block, after), _name_command(block, location))
        for block, (after, rules) in found
        if after is not None
    }


def _is_planned(block: Block, parts: Explanation) -> bool:
    """Whether complexipy has a plan for lines of a block."""
    plans = (plan for function in parts.functions.values() for plan in function.plans)
    return any(block.line <= plan.first_line <= block.end_line for plan in plans)


def _fix(text: str, block: Block) -> tuple[Block | None, tuple[str, ...]]:
    """Return a block as complexipy would leave it, and by which rules; none where that has no numbers."""
    after, rules = apply_fixes(text, block.line, block.end_line)
    blocks = measure(after.encode()).blocks if rules else ()
    known = ((one.qualified_name, one.line) for one in blocks)
    by_name = dict(zip(known, blocks, strict=True))
    return by_name.get((block.qualified_name, block.line)), rules


def _name_command(block: Block, location: str) -> str:
    """Return what has complexipy write its fixes into the functions that have as many points, or more."""
    path = format_argument(os.path.relpath(location))
    most = (block.cognitive_complexity or 1) - 1
    return f"complexipy --isolated --no-ignore --max-complexity-allowed {most} --fix {path}"


def _compare(before: Block, after: Block) -> dict[str, tuple[Number | None, Number | None]]:
    return {name: (getattr(before, name), getattr(after, name)) for name in BLOCK_METRICS}


def _judge_file(rules: Rules, location: str, args: argparse.Namespace) -> tuple[bytes, Verdict]:
    """Read a file once, so that what is explained is what was measured."""
    try:
        data = read_file(location, rules.settings.max_file_bytes).data
        source = find_source(location, data)
    except UnreadableError as failure:
        path = display_path(rules.settings.root, location)
        with closing(open_measurer(rules.settings, None)) as measurer:
            measurement = measurer.give_up(path, failure.error)
        return b"", LimitJudge(rules).judge(path, measurement)
    run = open_content_run(rules, data, location, choose_cache_dir(args, rules.settings), anew=source)
    judge_all(run, args)
    tell_warnings(run, args)
    return source, run.sorted_verdicts()[0]


def _choose_blocks(
    verdict: Verdict, parts: Explanation, wanted: str | Line | None, wants_all: bool
) -> tuple[ExplainedBlock, ...]:
    if isinstance(wanted, Line):
        return (find_block_at(verdict.path, parts, wanted),)
    if wanted is not None:
        return (find_block(verdict.path, parts, wanted),)
    if wants_all:
        return parts.blocks
    over = {one.qualified_name for one in verdict.over_limits}
    return tuple(one for one in parts.blocks if one.block.qualified_name in over)


def _find_foreign(
    data: bytes, verdict: Verdict, chosen: Sequence[ExplainedBlock], *, has_file: bool
) -> Mapping[str | None, Mapping[str, Sequence[str]]]:
    """Return what extensions say of their numbers, which they can of Python."""
    if not find_distributions() or verdict.measurement.foreign is not None:
        return {}
    # Here, because hardly anybody has an extension.
    from pytest_antipasta.extension import explain_metrics

    names = [one.block.qualified_name for one in chosen if one.block.kind != "class"]
    wanted = (None, *names) if has_file else names
    return explain_metrics(decode_source(data), verdict.measurement.blocks, wanted)
