"""``pytest-antipasta check``: measuring files and comparing their numbers with the limits."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.cli.metric_option import (
    add_limit_option,
    add_metric_option,
    narrow_to_metrics,
    require_limits,
)
from pytest_antipasta.cli.options import (
    add_baseline_options,
    add_run_options,
    begin_run,
    choose_cache_dir,
    judge_all,
    load_rules,
    locate_all,
    tell_warnings,
    write_output,
)
from pytest_antipasta.cli.ranking import add_ranking_options, require_text
from pytest_antipasta.cli.stdin import add_stdin_options, begin_stdin_run, is_stdin
from pytest_antipasta.cli.stdout import ERRORS, VIOLATIONS, tell
from pytest_antipasta.cli.suppressions import add_suppression_options, write_list
from pytest_antipasta.engine import Ending, Rules, Run, describe_run
from pytest_antipasta.errors import ExtensionError, UsageError
from pytest_antipasta.model import Verdict
from pytest_antipasta.report import (
    choose_format,
    find_format,
    find_formats,
    format_unfailed_errors,
    parse_path,
    require_no_source,
    write_format,
)

if TYPE_CHECKING:
    from pytest_antipasta.cli.parser import SubParsers

_TEXT = "text"


class _Formats:
    """The values of ``--format``; those but text are looked for when they are needed."""

    def __contains__(self, name: object) -> bool:
        return name == _TEXT or name in find_formats()

    def __iter__(self) -> Iterator[str]:
        return iter((_TEXT, *find_formats()))


def add_parser(subparsers: SubParsers) -> None:
    """Add ``check`` to the command line."""
    text = "judge source files by the limits; exit code 1 for violations, 3 for files without numbers"
    parser = subparsers.add_parser("check", help=text, description=text.capitalize() + ".")
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files and folders, or - for standard input; without any, all",
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--staged", action="store_true", help="judge what is staged, beside HEAD")
    change.add_argument(
        "--diff", metavar="REF", help="judge what changed since the common ancestor with REF, or REF..REF"
    )
    parser.add_argument(
        "--format",
        choices=_Formats(),
        metavar="text|FORMAT",
        help="how to write the verdict; without it as the ending of the output says, else text",
    )
    parser.add_argument(
        "--output",
        type=parse_path,
        metavar="PATH",
        help="write it there instead of to the terminal; - for standard output",
    )
    add_suppression_options(parser)
    group = add_ranking_options(parser, ("excess", "path"), "order of the violations; METRIC's own first")
    group.add_argument("--all", action="store_true", help="show all violations on a terminal, too")
    add_metric_option(parser)
    add_limit_option(parser)
    parser.add_argument(
        "--exclude", action="append", metavar="PATTERN", help="leave out such files, too; repeatable"
    )
    add_stdin_options(parser)
    add_baseline_options(parser)
    add_run_options(parser)
    parser.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    """Judge the files and write the verdict.

    Raises:
        UsageError: settings, paths or the output are wrong.
    """
    args.format = args.format or choose_format(args.output, _TEXT)
    require_text(args, (_TEXT,))
    if args.output is not None:
        require_no_source(args.output)
    run = _begin(args)
    try:
        judge_all(run, args)
    except KeyboardInterrupt:
        run.ending = Ending(stopped="interrupted")
        if args.format == _TEXT:  # what reads the others would take half a report for a whole one
            _write(run, args)
        raise
    return _write(run, args)


def _write(run: Run, args: argparse.Namespace) -> int:
    """Write what is known and return the exit code that it means."""
    verdicts = narrow_to_metrics(run.tally.sorted_verdicts(), args.metrics)
    if args.list_suppressions:
        return write_list(run, verdicts, args)
    faults = [*run.rules.find_faults()]
    content = None
    try:
        content = _make_content(run, verdicts, args)
    except ExtensionError as error:
        faults.append(str(error))
        tell([f"error: {error}"])
    if args.format != _TEXT or args.quiet:
        tell_warnings(run)
        tell(format_unfailed_errors(verdicts))
    if content is not None:
        write_output(content, args.output)
    return exit_code(verdicts, faults)


def _make_content(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> bytes:
    if args.format == _TEXT:
        # Here, because only one of them is needed.
        from pytest_antipasta.cli.check_text import iter_text

        return "".join(f"{line}\n" for line in iter_text(run, verdicts, args)).encode()
    return write_format(find_format(args.format), verdicts, describe_run(run))


def _begin(args: argparse.Namespace) -> Run:
    has_stdin = is_stdin(args)
    rules = _adjust(_load_staged_rules(args) if args.staged else load_rules(args), args)
    require_limits(rules.settings, args.metrics)
    if has_stdin:
        if args.staged or args.diff is not None:
            raise UsageError("`-` stands for standard input and can't be mixed with --staged or --diff")
        return begin_stdin_run(args, rules)
    if not args.staged and args.diff is None:
        return begin_run(args, rules, args.paths)
    # Here, because it brings git with it.
    from pytest_antipasta.gate import open_change_run

    locations, cache_dir = locate_all(rules.settings, args.paths), choose_cache_dir(args, rules.settings)
    return open_change_run(rules, args.diff, locations, cache_dir, Path.cwd())


def _load_staged_rules(args: argparse.Namespace) -> Rules:
    """Return the rules that the next commit will have, where git has them."""
    from pytest_antipasta.gate import load_staged

    return load_staged(Path.cwd(), lambda find: load_rules(args, find))


def _adjust(rules: Rules, args: argparse.Namespace) -> Rules:
    """Return the rules with what is asked for in this run alone."""
    if not args.limits and not args.exclude:
        return rules
    # Here, because most runs have no need of it.
    from pytest_antipasta.settings import with_exclude, with_limits

    settings = with_limits(rules.settings, dict(args.limits or ()))
    return replace(rules, settings=with_exclude(settings, args.exclude or ()))


def exit_code(verdicts: Sequence[Verdict], faults: Sequence[str]) -> int:
    """Return 1 where a file fails that has numbers, else 3 where there are none for some limit, else 0."""
    failed = [verdict for verdict in verdicts if verdict.failed]
    if not all(verdict.is_unmeasured for verdict in failed):
        return VIOLATIONS
    return ERRORS if failed or faults else 0
