"""``pytest-antipasta check``: measure files and compare their values with the limits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.metric_options import (
    add_metric_options,
    add_near_option,
    add_ranking_options,
    narrow_to_metrics,
    require_limits,
    require_text,
)
from pytest_antipasta.cli.operands import locate_all
from pytest_antipasta.cli.options import (
    add_baseline_options,
    add_exclude_option,
    add_no_ignore,
    add_policy_options,
    add_report_option,
    add_run_options,
    add_shared_store_option,
    make_policy_source,
)
from pytest_antipasta.cli.parser import FILES, LIMITS, RUN, SubParsers, add_command, find_group
from pytest_antipasta.cli.running import (
    begin_run,
    choose_cache_dir,
    follow,
    judge_all,
    load_rules,
    print_warnings,
    write_output,
)
from pytest_antipasta.cli.stdin import add_stdin_options, begin_stdin_run, is_stdin
from pytest_antipasta.cli.stdout import (
    ERRORS,
    WRONG_USAGE,
    choose_exit_code,
    choose_lenient_exit_code,
    print_to_stderr,
    write_bytes,
)
from pytest_antipasta.engine import Ending, ReportProgress, Rules, Run
from pytest_antipasta.engine.executor import find_jobs
from pytest_antipasta.engine.stats import describe_run, find_changes
from pytest_antipasta.files import parse_shard
from pytest_antipasta.model import UsageError, Verdict
from pytest_antipasta.report import format_unfailed_errors
from pytest_antipasta.report.formats import (
    Output,
    choose_format,
    find_format,
    find_formats,
    parse_outputs,
    parse_path,
    require_apart,
    require_no_source,
    write_reports,
)

_TEXT, _CONCISE, _AGENT = "text", "concise", "agent"
# Formats for people, editors and coding agents, which can be ranked.
_TEXTS = (_TEXT, _CONCISE, _AGENT)


class _Formats:
    """The values of ``--format``; all except text are loaded on demand."""

    def __contains__(self, name: object) -> bool:
        return name in _TEXTS or name in find_formats()

    def __iter__(self) -> Iterator[str]:
        return iter((*_TEXTS, *find_formats()))


def add_parser(subparsers: SubParsers) -> None:
    """Add ``check`` to the command line."""
    text = "check source files; exit code 1 for violations, 3 if a file could not be measured"
    parser = add_command(subparsers, "check", text, _run_check)
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders, or - for stdin (default: all)"
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--staged", action="store_true", help="check staged changes against HEAD")
    change.add_argument("--diff", metavar="REF", help="check changes since REF, or in REF..REF")
    group = add_ranking_options(parser, ("excess", "path"), "sort order of the list")
    group.add_argument("--all", action="store_true", help="show all violations, even on a terminal")
    add_near_option(parser)
    parser.add_argument(
        "--format",
        choices=_Formats(),
        metavar="FORMAT",
        help="text (default), concise, agent, json, sarif, sarif-all, github, gitlab, junit, junit-blocks, "
        "markdown, html, csv, prometheus, run-csv, or taken from the suffix of --output",
    )
    parser.add_argument(
        "--output", type=parse_path, metavar="PATH", help="write the output to this file; - for stdout"
    )
    add_metric_options(parser)
    comments = find_group(parser, LIMITS).add_mutually_exclusive_group()
    add_no_ignore(comments)
    comments.add_argument(
        "--list-suppressions", action="store_true", help="list suppression comments; check nothing"
    )
    limits = find_group(parser, LIMITS)
    limits.add_argument("--warnings-fail", action="store_true", help='treat every limit as level "error"')
    limits.add_argument("--exit-zero", action="store_true", help="exit with 0 instead of 1")
    add_baseline_options(parser)
    add_policy_options(parser)
    find_group(parser, FILES).add_argument(
        "--coverage", type=Path, metavar="PATH", help="coverage data: a .coverage file or coverage.json"
    )
    add_exclude_option(parser)
    find_group(parser, FILES).add_argument(
        "--shard", type=parse_shard, metavar="I/N", help="check one of N parts (see `report merge`)"
    )
    add_stdin_options(parser)
    add_report_option(parser)
    add_run_options(parser)
    add_shared_store_option(find_group(parser, RUN))


def _run_check(args: argparse.Namespace) -> int:
    _require_no_shared_store(args)
    args.format = args.format or choose_format(args.output, _TEXT)
    require_text(args, _TEXTS)
    if args.output is not None:
        require_no_source(args.output)
    args.outputs = _find_outputs(args)
    if args.coverage is not None:
        _require_possible(args)
    args.is_aside = args.output is None and any(output.path is None for output in args.outputs)
    run = _begin(args)
    try:
        require_limits(run.rules.settings, args.metrics)  # including nearer settings
        judge_all(run, args)
        if args.coverage is not None:
            _cover(run, args)
    except KeyboardInterrupt:
        run.ending = Ending(stopped="interrupted")
        args.outputs = []  # a reader could take a partial report for a complete one
        if args.format in _TEXTS:
            _write(run, args)
        raise
    except UsageError:
        run.close()
        raise
    return _write(run, args)


def _require_no_shared_store(args: argparse.Namespace) -> None:
    """Reject a shared store for a change, which does not use one."""
    if args.shared_store is not None and (args.staged or args.diff is not None):
        option = "--staged" if args.staged else "--diff"
        raise UsageError(f"argument --shared-store: not allowed with argument {option}")


def _write(run: Run, args: argparse.Namespace) -> int:
    """Write the results and return the exit code."""
    verdicts = narrow_to_metrics(run.sorted_verdicts(), args.metrics)
    if args.list_suppressions:
        return _write_list(run, verdicts, args)
    if args.format not in (_TEXT, _AGENT) or args.quiet:  # their summaries contain the warnings
        print_warnings(run, args)
        print_to_stderr(format_unfailed_errors(verdicts))
    errors: list[Exception] = []
    if args.outputs:
        errors = _write_reports(run, verdicts, args)
        print_to_stderr(f"error: {error}" for error in errors)
    if args.format in _TEXTS:
        _write_text(run, verdicts, args)
    if any(isinstance(error, UsageError) for error in errors):
        return WRONG_USAGE
    return _choose_exit_code(run, verdicts, args, is_complete=not errors and not run.rules.find_faults())


def _choose_exit_code(
    run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace, *, is_complete: bool
) -> int:
    if args.exit_zero:
        return choose_lenient_exit_code(verdicts, is_complete=is_complete)
    return choose_exit_code(verdicts, is_complete=is_complete, has_failing=run.waivers.fails)


def _write_reports(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> list[Exception]:
    """Write all reports, and return errors."""
    from pytest_antipasta.report import make_report

    outputs, facts = args.outputs, describe_run(run, args.metrics)
    changes, files = find_changes(run, args.metrics), run.read_numbers(verdicts)
    report = make_report(verdicts, facts, changes, run.waivers, files, run.coverage)
    # A report on standard output would be written into the progress line.
    quiet = args.quiet or any(output.path is None for output in outputs)
    with follow(quiet, "report", waited=run.phases.total()) as step:
        each = _count_each(outputs, step)
        return [*write_reports(each, report, write_bytes)]


def _count_each(outputs: Sequence[Output], step: ReportProgress) -> Iterator[Output]:
    for number, output in enumerate(outputs):
        step(number, len(outputs))
        yield output


def _write_list(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> int:
    """Write the list and return the exit code: 0, or 3 if a file could not be read."""
    from pytest_antipasta.report import (
        find_width,
        fold_line,
        format_list,
        make_list,
        place_verdicts,
        show_verdicts,
    )

    if args.format == "text":
        is_file = args.output is not None
        verdicts = show_verdicts(verdicts) if is_file else place_verdicts(verdicts, run.rules.settings.root)
        width = None if is_file else find_width(sys.stdout)
        lines = (part for line in format_list(verdicts) for part in fold_line(line, width))
        content = "".join(f"{line}\n" for line in lines).encode()
    elif args.format == "json":
        from pytest_antipasta.report import SCHEMA_VERSION, encode

        content = encode({"schema_version": SCHEMA_VERSION, "suppressions": make_list(verdicts)})
    else:
        raise UsageError("--list-suppressions supports only text and json")
    print_warnings(run, args)
    write_output(content, args.output)
    return ERRORS if any(verdict.error for verdict in verdicts) else 0


def _find_outputs(args: argparse.Namespace) -> list[Output]:
    """Return the reports to write, without text.

    Raises:
        UsageError: reports are invalid, or can't be combined.
    """
    outputs = parse_outputs(args.reports)
    if outputs and args.list_suppressions:
        raise UsageError("--list-suppressions checks nothing; remove --report")
    if args.format not in _TEXTS and not args.list_suppressions:
        outputs.append(Output(find_format(args.format), args.output))
        require_apart(outputs)
    return outputs


def _write_text(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> None:
    """Write the result as text; to standard error if a report uses standard output."""
    from pytest_antipasta.cli.check_text import iter_text

    lines = iter_text(run, verdicts, args)
    if args.is_aside:
        print_to_stderr(lines)
    else:
        write_output("".join(f"{line}\n" for line in lines).encode(), args.output)


def _begin(args: argparse.Namespace) -> Run:
    has_stdin = is_stdin(args)
    rules = _adjust(_load_staged_rules(args) if args.staged else load_rules(args), args)
    if has_stdin:
        if args.staged or args.diff is not None or args.shard is not None:
            raise UsageError("`-` (standard input) can't be used with --staged, --diff or --shard")
        return begin_stdin_run(args, rules)
    if not args.staged and args.diff is None:
        return begin_run(args, rules, args.paths)
    return _begin_change(args, rules)


def _begin_change(args: argparse.Namespace, rules: Rules) -> Run:
    from pytest_antipasta.gate import AskedChange, open_change_run

    locations, cache_dir = locate_all(rules.settings, args.paths), choose_cache_dir(args, rules.settings)
    asked = AskedChange(Path.cwd(), args.diff, locations, shard=args.shard)
    is_listed = bool(args.outputs) or args.coverage is not None or not (args.quiet or args.list_suppressions)
    jobs = find_jobs(args.jobs, rules.settings)
    with follow(args.quiet) as step:
        return open_change_run(
            rules, asked, cache_dir, jobs, step, is_listed=is_listed, policy=make_policy_source(args)
        )


def _load_staged_rules(args: argparse.Namespace) -> Rules:
    """Return the rules of the next commit, from git's index."""
    from pytest_antipasta.gate import load_staged

    return load_staged(Path.cwd(), lambda find: load_rules(args, find))


def _adjust(rules: Rules, args: argparse.Namespace) -> Rules:
    """Return the rules with options of this run applied."""
    if not args.limits:
        return rules
    from pytest_antipasta.settings import with_limits

    return replace(rules, settings=with_limits(rules.settings, dict(args.limits)))


def _require_possible(args: argparse.Namespace) -> None:
    """Reject the option if it can't be used, before files are judged.

    Raises:
        UsageError: coverage.py is missing or too old, or the option can't be combined with others.
    """
    if args.list_suppressions:
        raise UsageError("argument --coverage: not allowed with argument --list-suppressions")
    from pytest_antipasta.engine import require_coverage

    require_coverage("--coverage")


def _cover(run: Run, args: argparse.Namespace) -> None:
    """Add coverage data to the verdicts of a run.

    Raises:
        UsageError: the data can't be read.
    """
    from pytest_antipasta.engine import cover_run

    cover_run(run, args.coverage.absolute(), str(args.coverage))
