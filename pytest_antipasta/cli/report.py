"""``pytest-antipasta report``: merge the reports of several shards."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.cli.command import Annotated, Operand, Option, add_actions, add_command
from pytest_antipasta.cli.options import Reports
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import require_existing
from pytest_antipasta.cli.stdout import (
    WRONG_USAGE,
    choose_exit_code,
    print_to_stderr,
    write_bytes,
    write_lines,
)
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.report.failure import format_failures, iter_ranked
from pytest_antipasta.report.formats.outputs import Output, find_needs, parse_outputs, write_reports
from pytest_antipasta.report.formats.shard import read_shard
from pytest_antipasta.report.merging import Merged, merge_reports
from pytest_antipasta.report.next_step import Invocation, suggest_next
from pytest_antipasta.report.passing import find_loud, format_quiet, format_warned
from pytest_antipasta.report.rows import PLAIN_LOOK
from pytest_antipasta.report.summary import format_summary, format_unfailed_errors
from pytest_antipasta.results.report import complete_report
from pytest_antipasta.settings.values import Settings


class _MergeOptions(Struct, frozen=True):
    paths: Annotated[Sequence[Path], Operand("report of a shard", "REPORT", "+")]
    reports: Reports = ()
    quiet: Annotated[bool, Option("print only failures", name="-q --quiet")] = False


def add_parser(subparsers: SubParsers) -> None:
    """Add ``report`` with its action to the command line."""
    actions = add_actions(subparsers, "report", "combine several reports into one")
    text = "merge the reports of all shards into the report of a single run"
    add_command(actions, "merge", text, _MergeOptions, _run_merge)


def _run_merge(options: _MergeOptions) -> int:
    require_existing(map(os.fspath, options.paths))
    outputs = _parse_outputs(options)
    merged = merge_reports(map(read_shard, options.paths))
    settings = Settings(Path(merged.report.facts.root), None)
    report = complete_report(merged.report, find_needs(outputs), settings, None, merged.commit)
    errors = [*write_reports(outputs, report, write_bytes)]
    print_to_stderr(f"error: {error}" for error in errors)
    verdicts = merged.report.files
    if options.quiet:  # important parts of a summary when there is none
        if not merged.is_whole:
            print_to_stderr([next(format_summary(verdicts, merged.stats))])
        print_to_stderr(f"warning: {warning}" for warning in merged.stats.warnings)
        print_to_stderr(format_unfailed_errors(verdicts))
    lines = [*_iter_text(merged, is_brief=options.quiet)]
    if any(output.path is None for output in outputs):
        print_to_stderr(lines)
    else:
        write_lines(*lines)
    if any(isinstance(error, UsageError) for error in errors):
        return WRONG_USAGE
    is_complete, has_failing = not errors and merged.is_complete, merged.report.waivers.fails
    return choose_exit_code(verdicts, is_complete=is_complete, has_failing=has_failing)


def _parse_outputs(options: _MergeOptions) -> list[Output]:
    outputs, shards = parse_outputs(options.reports), set(map(os.path.realpath, options.paths))
    paths = (output.path for output in outputs if output.path is not None)
    if taken := [path for path in paths if os.path.realpath(path) in shards]:
        raise UsageError(f"the report would overwrite the shard {taken[0]}; name another file")
    return outputs


def _iter_text(merged: Merged, *, is_brief: bool) -> Iterator[str]:
    verdicts, facts = merged.report.files, merged.report.facts
    if facts.change is None:
        yield from format_failures(verdicts)
    else:
        yield from iter_ranked(verdicts, merged.report.rows, None, None, PLAIN_LOOK)
    if is_brief and merged.report.waivers.fails:
        from pytest_antipasta.report.waivers import format_waivers

        yield from format_waivers(merged.report.waivers)
    if not is_brief:
        yield from format_warned(verdicts, find_numbers=find_loud)
        yield from format_quiet(verdicts)
        yield from format_summary(verdicts, merged.stats)
        # Settings and options of the shards may not be those of this folder.
        stand = Invocation(Path.cwd(), Path(facts.root), None, has_other_limits=True)
        if step := suggest_next(verdicts, stand):
            yield f"next: {step}"
        yield f"{facts.strategy}, the slowest of which took {facts.seconds:.2f} s"
