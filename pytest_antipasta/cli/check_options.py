"""The arguments of ``check``, and which combinations are rejected."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.cli.options import (
    BASELINE_OPTIONS,
    COMMIT_OPTIONS,
    FILES,
    LIMITS,
    REPORTS,
    RUN,
    RUN_OPTIONS,
    STDIN_OPTIONS,
    FileOptions,
    JudgingOptions,
    OptionTable,
    add_options,
    make_sort,
    require_text,
)
from pytest_antipasta.files.shards import parse_shard
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.formats import OUR_NAMES, TEXT, TEXTS
from pytest_antipasta.model.run import Shard
from pytest_antipasta.report.formats.outputs import (
    choose_format,
    find_formats,
    parse_path,
    require_no_source,
)


class CheckOptions(FileOptions, frozen=True):
    """The options of ``check``; ``format`` is empty if none is given."""

    staged: bool
    diff: str | None
    top: int | None
    sort: str | None
    all: bool
    near: float | None
    format: str
    output: Path | None
    metrics: Sequence[str] | None
    limits: Sequence[tuple[str, object]] | None
    list_suppressions: bool
    warnings_fail: bool
    exit_zero: bool
    judging: JudgingOptions
    policy_from: str | None
    limits_from: str | None
    coverage: Path | None
    shard: Shard | None
    reports: Sequence[str]


class _Formats:
    """The values of ``--format``; all except text are loaded on demand."""

    def __contains__(self, name: object) -> bool:
        return name in TEXTS or name in find_formats()

    def __iter__(self) -> Iterator[str]:
        return iter((*TEXTS, *find_formats()))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``check``."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders, or - for stdin (default: all)"
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--staged", action="store_true", help="check staged changes against HEAD")
    change.add_argument(
        "--diff", metavar="REF", help="check changes since the merge base with REF, or in REF..REF"
    )
    _, *others = (*TEXTS, *OUR_NAMES)
    formats = f"{TEXT} (default), {', '.join(others)}, or by the suffix of --output"
    own: OptionTable = {
        "": {
            "--top": None,
            "--sort": make_sort(("excess", "path"), "sort order of the list"),
            "--all": dict(action="store_true", help="show all violations, even on a terminal"),
            "--near": dict(
                type=_parse_ratio,
                metavar="RATIO",
                help="also list functions at or above this ratio of a limit",
            ),
            "--format": dict(default="", choices=_Formats(), metavar="FORMAT", help=formats),
            "--output": dict(
                type=parse_path, metavar="PATH", help="write the output to this file; - for stdout"
            ),
            **COMMIT_OPTIONS,
        },
        LIMITS: {
            "--metric": None,
            "--limit": None,
            "--no-ignore": None,
            "--list-suppressions": dict(action="store_true", help="list suppression comments; check nothing"),
            "--warnings-fail": dict(action="store_true", help='treat every limit as level "error"'),
            "--exit-zero": dict(action="store_true", help="exit with 0 instead of 1"),
            **BASELINE_OPTIONS,
        },
        FILES: {
            "--coverage": dict(
                type=Path, metavar="PATH", help="coverage data: a .coverage file or coverage.json"
            ),
            "--exclude": None,
            "--shard": dict(
                type=parse_shard, metavar="I/N", help="check one of N parts (see `report merge`)"
            ),
            **STDIN_OPTIONS,
        },
        REPORTS: {"--report": None},
    }
    exclusive = ("--top", "--all"), ("--no-ignore", "--list-suppressions")
    add_options(parser, own, RUN_OPTIONS, {RUN: {"--shared-store": None}}, exclusive=exclusive)


def _parse_ratio(text: str) -> float:
    from pytest_antipasta.policy.headroom import parse_ratio

    try:
        return parse_ratio(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def complete(options: CheckOptions) -> CheckOptions:
    """Return the options with the format of the output.

    Raises:
        UsageError: options can't be combined.
    """
    if options.shared_store is not None and (options.staged or options.diff is not None):
        # A change does not use a shared store.
        option = "--staged" if options.staged else "--diff"
        raise UsageError(f"argument --shared-store: not allowed with argument {option}")
    form = options.format or choose_format(options.output, TEXT)
    if options.near is not None and form not in TEXTS:
        raise UsageError(f"--near needs --format {' or '.join(TEXTS)}; json has the headroom of all numbers")
    require_text(form, TEXTS, options.top, options.sort)
    if options.output is not None:
        require_no_source(options.output)
    return replace(options, format=form)
