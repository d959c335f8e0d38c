"""The arguments of ``check``, and which combinations are rejected."""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.command import FILES, LIMITS, Annotated, Option
from pytest_antipasta.cli.options import (
    FileOptions,
    JudgingOptions,
    LimitsFrom,
    LimitsOption,
    Metrics,
    PolicyFrom,
    Reports,
    Top,
    parse_metric,
    require_text,
)
from pytest_antipasta.files.shards import parse_shard
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.formats import CONCISE, OUR_NAMES, TEXT, TEXTS
from pytest_antipasta.model.run import Shard
from pytest_antipasta.report.formats.outputs import (
    choose_format,
    find_formats,
    parse_output_path,
)
from pytest_antipasta.report.inputs import require_no_input
from pytest_antipasta.report.rows import BY_EXCESS, BY_PATH


class _Formats:
    """The values of ``--format``; all except text are loaded on demand."""

    def __contains__(self, name: object) -> bool:
        return name in TEXTS or name in find_formats()

    def __iter__(self) -> Iterator[str]:
        return iter((*TEXTS, *find_formats()))


def _parse_ratio(text: str) -> float:
    from pytest_antipasta.policy.headroom import parse_ratio

    try:
        return parse_ratio(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class CheckOptions(FileOptions, frozen=True):
    """The options of ``check``; ``format`` is empty if none is given."""

    staged: Annotated[bool, Option("check staged changes against HEAD", exclusive="change")] = False
    diff: Annotated[
        str | None,
        Option("check changes since the merge base with REF, or in REF..REF", "REF", exclusive="change"),
    ] = None
    top: Top = None
    sort: Annotated[
        str | None,
        Option(
            "sort order of the list",
            "excess|path|METRIC",
            parse=partial(parse_metric, others=("excess", "path")),
        ),
    ] = None
    all: Annotated[bool, Option("show all violations, even on a terminal", exclusive="top")] = False
    near: Annotated[
        float | None,
        Option("also list functions at or above this ratio of a limit", "RATIO", parse=_parse_ratio),
    ] = None
    format: Annotated[
        str,
        Option(
            f"{TEXT} (default), {', '.join((*TEXTS[1:], *OUR_NAMES))}, or by the suffix of --output",
            "FORMAT",
            choices=_Formats(),
        ),
    ] = ""
    output: Annotated[
        Path | None, Option("write the output to this file; - for stdout", "PATH", parse=parse_output_path)
    ] = None
    policy_from: PolicyFrom = None
    limits_from: LimitsFrom = None
    metrics: Metrics = None
    limits: LimitsOption = None
    list_suppressions: Annotated[
        bool,
        Option("list suppression comments; check nothing", group=LIMITS, exclusive="suppressions"),
    ] = False
    warnings_fail: Annotated[bool, Option('treat every limit as level "error"', group=LIMITS)] = False
    exit_zero: Annotated[bool, Option("exit with 0 instead of 1", group=LIMITS)] = False
    judging: JudgingOptions = JudgingOptions()
    coverage: Annotated[
        Path | None, Option("coverage data: a .coverage file or coverage.json", "PATH", FILES)
    ] = None
    shard: Annotated[
        Shard | None, Option("check one of N parts (see `report merge`)", "I/N", FILES, parse=parse_shard)
    ] = None
    reports: Reports = ()


def complete(options: CheckOptions) -> CheckOptions:
    """Return the options with the format of the output.

    Raises:
        UsageError: options can't be combined.
    """
    _check_change(options)
    _check_metrics(options)
    form = options.format or choose_format(options.output, TEXT)
    if options.near is not None and form not in (TEXT, CONCISE):
        raise UsageError(f"--near needs --format {TEXT} or {CONCISE}; json has the headroom of all numbers")
    require_text(form, TEXTS, options.top, options.sort)
    if options.output is not None:
        require_no_input(options.output)
    return replace(options, format=form)


def _check_metrics(options: CheckOptions) -> None:
    """Check that ``--metric`` leaves out no metric that another option names."""
    if options.metrics is None:
        return
    named = [("--limit", metric) for metric, _ in options.limits or ()]
    if options.sort not in (None, BY_EXCESS, BY_PATH):
        named.append(("--sort", options.sort))
    for option, metric in named:
        if metric not in options.metrics:
            raise UsageError(f"{option} {metric} needs --metric {metric}, as others are left out")


def _check_change(options: CheckOptions) -> None:
    """Reject options that only a change has, and one that a change does not have."""
    if not options.staged and options.diff is None:
        if options.policy_from is not None:
            raise UsageError("--policy-from needs --diff or --staged")
    elif options.shared_store is not None:
        option = "--staged" if options.staged else "--diff"
        raise UsageError(f"argument --shared-store: not allowed with argument {option}")
