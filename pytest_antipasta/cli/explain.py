"""``pytest-antipasta explain``: show where the points of a file or a block come from."""

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
from pytest_antipasta.cli.running import choose_cache_dir, judge_all, load_rules, print_warnings, write_output
from pytest_antipasta.cli.stdout import ERRORS, print_to_stderr
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

# A line of source after its number and its points.
_SOURCE = re.compile(r"(?:\x1b\[[\d;]*m|[ +\d])*\d(?:\x1b\[[\d;]*m)?  ")


def add_parser(subparsers: SubParsers) -> None:
    """Add ``explain`` to the command line."""
    text = "show how values are calculated; which lines add points, the formulas, and how to lower them"
    parser = add_command(subparsers, "explain", text, _run_explain)
    parser.add_argument(
        "target",
        metavar="FILE[::BLOCK]",
        help="file, function (FILE::NAME) or line (FILE:LINE)",
    )
    parser.add_argument("--all", action="store_true", help="explain all blocks, not only those over a limit")
    parser.add_argument("--format", default="text", choices=("text", "json"), help="output format")
    add_baseline_options(parser)
    add_no_ignore(parser)
    add_run_options(parser)


def _run_explain(args: argparse.Namespace) -> int:
    """Explain a file or a block; return 3 if the file has no values."""
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
        for item in explained.chosen:
            yield from _iter_namesakes(explained, item.block.qualified_name)


def _iter_namesakes(explained: Explained, name: str) -> Iterator[str]:
    """Yield the other blocks with the same name."""
    from pytest_antipasta.report.explain import find_namesakes

    if name.startswith(CELL):
        return
    others = [
        namesake for namesake in find_namesakes(explained.parts, name) if namesake.qualified_name != name
    ]
    if others:
        places = ", ".join(f"{other.qualified_name} in line {other.line}" for other in others)
        yield f"several blocks have that name; select one of these: {places}"


def _explain_file(
    rules: Rules, location: str, wanted: str | Line | None, args: argparse.Namespace
) -> Explained:
    """Return the facts about a file; ``wanted`` is the name of the block to explain, or a line in it."""
    location = rebase(rules.settings.root, location)
    rules = rules.with_nearer(with_projects(rules.settings, [location]))
    settings = rules.settings
    print_to_stderr(f"warning: {note}" for note in iter_outside_notes(settings, [location]))
    data, verdict = _judge_file(rules, location, args)
    error = verdict.error
    if error is not None:
        # A file that exceeded limits is not read again.
        is_readable = error.kind in ("syntax", "unmerged", "too_deep")
        parts = explain(data, verdict.measurement) if is_readable else Explanation(verdict.measurement)
        return Explained(verdict, parts, {}, {}, (), True)
    parts = explain(data, verdict.measurement)
    chosen = _choose_blocks(verdict, parts, wanted, args.all)
    return Explained(
        verdict,
        parts,
        find_limits(verdict, trace_places(settings, verdict.path), [item.block for item in chosen]),
        find_plans(parts, chosen),
        chosen,
        has_file=wanted is None,
        of_extensions=_explain_extensions(data, verdict, chosen, has_file=wanted is None),
        # Each fix measures the whole file again, so only the requested block is included.
        fixed={} if wanted is None else _find_fixed(data, location, parts, chosen),
        left_out=len(parts.blocks) if wanted is None and len(chosen) < len(parts.blocks) else 0,
    )


def _find_fixed(
    data: bytes, location: str, parts: Explanation, chosen: Sequence[ExplainedBlock]
) -> dict[str, Fixed]:
    """Return the blocks of a file that complexipy can fix automatically, with their new values."""
    if not location.endswith(".py") or b"\r" in data:  # complexipy's fixes use line feeds
        return {}
    text = decode_source(data)
    found = ((item.block, _fix(text, item.block)) for item in chosen if _is_planned(item.block, parts))
    return {
        block.qualified_name: Fixed(rules, _compare(block, after), _name_command(block, location))
        for block, (after, rules) in found
        if after is not None
    }


def _is_planned(block: Block, parts: Explanation) -> bool:
    """Return whether complexipy has a proposal for lines of a block."""
    plans = (plan for function in parts.functions.values() for plan in function.plans)
    return any(block.line <= plan.first_line <= block.end_line for plan in plans)


def _fix(text: str, block: Block) -> tuple[Block | None, tuple[str, ...]]:
    """Return a block after complexipy's fixes, and their rules; ``None`` if it has no values then."""
    after, rules = apply_fixes(text, block.line, block.end_line)
    blocks = measure(after.encode()).blocks if rules else ()
    known = ((item.qualified_name, item.line) for item in blocks)
    by_name = dict(zip(known, blocks, strict=True))
    return by_name.get((block.qualified_name, block.line)), rules


def _name_command(block: Block, location: str) -> str:
    """Return the command that applies complexipy's fixes to functions with at least as many points."""
    path = format_argument(os.path.relpath(location))
    most = (block.cognitive_complexity or 1) - 1
    return f"complexipy --isolated --no-ignore --max-complexity-allowed {most} --fix {path}"


def _compare(before: Block, after: Block) -> dict[str, tuple[Number | None, Number | None]]:
    return {name: (getattr(before, name), getattr(after, name)) for name in BLOCK_METRICS}


def _judge_file(rules: Rules, location: str, args: argparse.Namespace) -> tuple[bytes, Verdict]:
    """Judge a file and return its content, so that the explained content is the measured one."""
    try:
        data = read_file(location, rules.settings.max_file_bytes).data
        source = find_source(location, data)
    except UnreadableError as failure:
        path = display_path(rules.settings.root, location)
        with closing(open_measurer(rules.settings, None)) as measurer:
            measurement = measurer.give_up(path, failure.error)
        return b"", LimitJudge(rules).judge(path, measurement)
    run = open_content_run(rules, data, location, choose_cache_dir(args, rules.settings), code=source)
    judge_all(run, args)
    print_warnings(run, args)
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
    over = {limit.qualified_name for limit in verdict.over_limits}
    return tuple(block for block in parts.blocks if block.block.qualified_name in over)


def _explain_extensions(
    data: bytes, verdict: Verdict, chosen: Sequence[ExplainedBlock], *, has_file: bool
) -> Mapping[str | None, Mapping[str, Sequence[str]]]:
    """Return explanations of extensions, which exist only for Python."""
    if not find_distributions() or verdict.measurement.foreign is not None:
        return {}
    from pytest_antipasta.extension import explain_metrics

    names = [item.block.qualified_name for item in chosen if item.block.kind != "class"]
    wanted = (None, *names) if has_file else names
    return explain_metrics(decode_source(data), verdict.measurement.blocks, wanted)
