"""``pytest-antipasta check``: measure files and compare their values with the limits."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from msgspec.structs import replace

from pytest_antipasta.cli.check_options import CheckOptions, complete
from pytest_antipasta.cli.command import add_command
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.running import (
    adjust,
    begin_run,
    begin_stdin_run,
    choose_cache_dir,
    follow,
    is_stdin,
    judge_all,
    load_rules,
    locate_all,
    print_warnings,
)
from pytest_antipasta.cli.stdout import (
    ERRORS,
    WRONG_USAGE,
    choose_exit_code,
    choose_lenient_exit_code,
    print_to_stderr,
    write_bytes,
    write_output,
)
from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.engine.executor.worker_count import find_jobs
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.opening import Passing
from pytest_antipasta.engine.result import Ending, Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.messages import show_name
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.formats import AGENT, TEXT, TEXTS
from pytest_antipasta.model.judged import Suppression, Verdict, Violation
from pytest_antipasta.report.formats.outputs import (
    Output,
    find_needs,
    look_up_format,
    parse_outputs,
    require_apart,
    write_reports,
)
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.rows import BY_EXCESS, BY_PATH
from pytest_antipasta.report.summary import format_unfailed_errors
from pytest_antipasta.report.terminal import find_width, fold_lines
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.unmeasured import find_judged
from pytest_antipasta.settings.values import Settings

_Judged = TypeVar("_Judged", bound=Violation)


def add_parser(subparsers: SubParsers) -> None:
    """Add ``check`` to the command line."""
    text = "check source files; exit code 1 for violations, 3 if a file could not be measured"
    add_command(subparsers, "check", text, CheckOptions, _run_check)


def _run_check(options: CheckOptions) -> int:
    options = complete(options)
    outputs = _find_outputs(options)
    if options.coverage is not None:
        if options.list_suppressions:
            raise UsageError("argument --coverage: not allowed with argument --list-suppressions")
        from pytest_antipasta.engine.covering import require_coverage

        require_coverage("--coverage")
    # A report on standard output leaves standard error to the text.
    is_aside = options.output is None and any(output.path is None for output in outputs)
    ledger = _begin(options, outputs)
    try:
        _require_limits(ledger.plan.rules.settings, options)  # including nearer settings
        run = judge_all(ledger, options)
        if options.coverage is not None:
            from pytest_antipasta.engine.covering import cover_run

            run = cover_run(run, options.coverage.absolute(), str(options.coverage))
    except KeyboardInterrupt:
        run = replace(ledger.make_result(), ending=Ending(stopped="interrupted"))
        if options.format in TEXTS:  # without reports: a reader could take a partial one for a complete one
            _write(run, options, [], is_aside=is_aside)
        raise
    except UsageError:
        ledger.close()
        raise
    return _write(run, options, outputs, is_aside=is_aside)


def _find_outputs(options: CheckOptions) -> list[Output]:
    """Return the reports to write, without text.

    Raises:
        UsageError: reports are invalid, or can't be combined.
    """
    outputs = parse_outputs(options.reports)
    if outputs and options.list_suppressions:
        raise UsageError("--list-suppressions checks nothing; remove --report")
    if options.format not in TEXTS and not options.list_suppressions:
        outputs.append(Output(look_up_format(options.format), options.output))
        require_apart(outputs)
    return outputs


def _begin(options: CheckOptions, outputs: Sequence[Output]) -> Ledger:
    """Return the ledger of the run; standard input and a change are judged already."""
    is_change = options.staged or options.diff is not None
    if is_stdin(options):
        if is_change or options.shard is not None:
            raise UsageError("`-` (standard input) can't be used with --staged, --diff or --shard")
        return begin_stdin_run(options, _load_rules(options))
    if is_change:
        return _begin_change(options, has_outputs=bool(outputs))
    return begin_run(options, _load_rules(options), options.shard, _choose_passing(options, outputs))


def _choose_passing(options: CheckOptions, outputs: Sequence[Output]) -> Passing:
    """Return what must be known of the files that pass."""
    if options.coverage is not None:  # it adds a value to each function
        return "measured"
    is_asked = options.top is not None or options.near is not None
    return "stored" if is_asked or any(output.format.needs_all for output in outputs) else "counted"


def _load_rules(options: CheckOptions, files: RuleFiles = DISK) -> Rules:
    rules = load_rules(
        options.config,
        options.judging,
        files,
        limits_from=options.limits_from,
        warnings_fail=options.warnings_fail,
    )
    rules = rules.with_limits(dict(options.limits)) if options.limits else rules
    return replace(rules, settings=adjust(rules.settings, exclude=options.exclude))


def _begin_change(options: CheckOptions, *, has_outputs: bool) -> Ledger:
    """Return the run over a change, by the settings of the tree that it leads to."""
    from pytest_antipasta.gate.opening import AskedChange, open_change_run
    from pytest_antipasta.gate.sides import open_after

    side = open_after(Path.cwd(), options.diff, partial(_load_rules, options))
    settings = side.rules.settings
    locations, cache_dir = locate_all(settings, options.paths), choose_cache_dir(options, settings)
    is_listed = (
        has_outputs or options.coverage is not None or not (options.quiet or options.list_suppressions)
    )
    jobs = find_jobs(options.jobs, settings)
    lists: Literal["all", "none"] = "all" if is_listed else "none"
    asked = AskedChange(
        policy_from=options.policy_from, lists=lists, locations=locations, shard=options.shard
    )
    with follow(options.quiet) as step:
        return open_change_run(side, options.diff, asked, cache_dir, jobs, step)


def _write(run: Result, options: CheckOptions, outputs: Sequence[Output], *, is_aside: bool) -> int:
    """Write the results and return the exit code."""
    verdicts = _narrow_to_metrics(run.sorted_verdicts(), options.metrics)
    if options.list_suppressions:
        return _write_list(run, verdicts, options)
    if options.format not in (TEXT, AGENT) or options.quiet:  # their summaries contain the warnings
        print_warnings(run, is_brief=options.quiet)
        print_to_stderr(format_unfailed_errors(verdicts))
    errors = _write_reports(run, verdicts, options, outputs) if outputs else []
    if options.format in TEXTS:
        _write_text(run, verdicts, options, is_aside=is_aside)
    if any(isinstance(error, UsageError) for error in errors):
        return WRONG_USAGE
    is_complete = not (errors or run.rules.faults)
    if options.exit_zero:
        return choose_lenient_exit_code(verdicts, is_complete=is_complete)
    return choose_exit_code(verdicts, is_complete=is_complete, has_failing=run.waivers.fails)


def _write_text(run: Result, verdicts: Sequence[Verdict], options: CheckOptions, *, is_aside: bool) -> None:
    from pytest_antipasta.cli.check_text import iter_text

    lines = iter_text(run, verdicts, options, is_aside=is_aside)
    if is_aside:
        print_to_stderr(lines)
    else:
        write_output("\n".join([*lines, ""]).encode(), options.output)


def _write_reports(
    run: Result, verdicts: Sequence[Verdict], options: CheckOptions, outputs: Sequence[Output]
) -> Sequence[Exception]:
    """Write all reports; print and return errors."""
    from pytest_antipasta.results.report import report_run  # most runs write text alone

    report = report_run(run, find_needs(outputs), options.metrics, verdicts=verdicts)
    # A report on standard output would be written into the progress line.
    quiet = options.quiet or any(output.path is None for output in outputs)
    with follow(quiet, "report", waited=run.phases.total()) as step:
        errors = [*write_reports(_count_each(outputs, step), report, write_bytes)]
    print_to_stderr(f"error: {error}" for error in errors)
    return errors


def _count_each(outputs: Sequence[Output], step: ReportProgress) -> Iterator[Output]:
    for number, output in enumerate(outputs):
        step(number, len(outputs))
        yield output


def _write_list(run: Result, verdicts: Sequence[Verdict], options: CheckOptions) -> int:
    """Write the list and return the exit code: 0, or 3 if a file could not be read."""
    from pytest_antipasta.report.suppressions import format_list, make_list

    if options.format == TEXT:
        is_file = options.output is not None
        show_path = show_name if is_file else show_from(run.rules.settings.root)
        lines = fold_lines(format_list(verdicts, show_path), None if is_file else find_width(sys.stdout))
        content = "".join(f"{line}\n" for line in lines).encode()
    elif options.format == "json":
        from pytest_antipasta.report.records import SCHEMA_VERSION, encode

        content = encode({"schema_version": SCHEMA_VERSION, "suppressions": make_list(verdicts)})
    else:
        raise UsageError("--list-suppressions supports only text and json")
    print_warnings(run, is_brief=options.quiet)
    write_output(content, options.output)
    return ERRORS if any(verdict.error for verdict in verdicts) else 0


def _require_limits(settings: Settings, options: CheckOptions) -> None:
    """Check that the named metrics have a limit for some file; otherwise they could have no violations."""
    named = [("--metric", metric) for metric in options.metrics or ()]
    if options.sort not in (None, BY_EXCESS, BY_PATH) and not options.list_suppressions:
        named.append(("--sort", options.sort))
    for option, metric in named:
        if metric not in find_judged(settings):
            raise UsageError(
                f"{option} {metric}: has no limit; set one by --limit {metric}=N or in `thresholds`"
            )


def _narrow_to_metrics(verdicts: Sequence[Verdict], metrics: Sequence[str] | None) -> Sequence[Verdict]:
    """Return the verdicts restricted to some metrics.

    All metrics were judged, so that suppressions and entries for other metrics do not count as unused.
    """
    return [_narrow(verdict, metrics) for verdict in verdicts] if metrics else verdicts


def _narrow(verdict: Verdict, metrics: Container[str]) -> Verdict:
    """Return a verdict restricted to some metrics.

    The file fails for these metrics, for comments about them, and for measuring errors that count.
    """

    def keep(judged: Iterable[_Judged]) -> tuple[_Judged, ...]:
        return tuple(item for item in judged if item.metric in metrics)

    return replace(
        verdict,
        violations=keep(verdict.violations),
        warnings=keep(verdict.warnings),
        tolerated=keep(verdict.tolerated),
        unjudged=tuple(metric for metric in verdict.unjudged if metric in metrics),
        suppressions=tuple(_iter_suppressions(verdict.suppressions, metrics)),
        lacking=tuple(metric for metric in verdict.lacking if metric in metrics),
    )


def _iter_suppressions(suppressions: Iterable[Suppression], metrics: Container[str]) -> Iterator[Suppression]:
    """Yield the comments about the metrics, about all, or invalid ones; restricted to the metrics."""
    from pytest_antipasta.policy.suppressions.apply import restate

    for suppression in suppressions:
        named = suppression.metrics
        kept = tuple(item for item in named if item.metric is None or item.metric in metrics)
        if kept or not named:
            yield restate(suppression, kept, may_fail=suppression.fails)
