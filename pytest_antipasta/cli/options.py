"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.log_options import add_log_options
from pytest_antipasta.cli.parser import FILES, LIMITS, REPORTS, RUN, OptionGroup, find_group
from pytest_antipasta.cli.profiling import add_profile_option

if TYPE_CHECKING:
    from pytest_antipasta.gate import PolicySource
    from pytest_antipasta.settings import Settings


def add_settings_options(
    parser: argparse.ArgumentParser, config_help: str = "read the settings from this file"
) -> None:
    """Add what every command has that reads settings."""
    parser.add_argument("-q", "--quiet", action="store_true", help="print only the result")
    find_group(parser, RUN).add_argument("--config", type=Path, metavar="FILE", help=config_help)


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that reads settings or the store."""
    add_settings_options(parser)
    group = find_group(parser, RUN)
    group.add_argument("--cache-dir", type=Path, metavar="DIR", help="folder of the measurement store")
    group.add_argument("--no-cache", action="store_true", help="do not read or write the store")
    group.add_argument("--debug", action="store_true", help="print decisions, their reasons and timings")
    add_log_options(group)


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to write reports."""
    find_group(parser, REPORTS).add_argument(
        "--report",
        dest="reports",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help="also write a report; - for stdout; repeatable",
    )


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that goes over files."""
    add_store_options(parser)
    find_group(parser, RUN).add_argument(
        "--jobs",
        type=_parse_jobs,
        metavar="N|auto",
        help="number of worker processes (also: PYTEST_ANTIPASTA_JOBS)",
    )
    add_profile_option(find_group(parser, RUN))


def add_shared_store_option(parser: OptionGroup) -> None:
    """Add the option of commands that have many files to measure."""
    parser.add_argument(
        "--shared-store",
        metavar="URL",
        help="Redis server with shared measurements (also: PYTEST_ANTIPASTA_SHARED_STORE)",
    )


def add_no_ignore(parser: OptionGroup) -> None:
    """Add the option to judge without comments."""
    parser.add_argument("--no-ignore", action="store_true", help="ignore suppression comments")


def add_exclude_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to leave out more files than the settings do."""
    find_group(parser, FILES).add_argument(
        "--exclude", action="append", metavar="PATTERN", help="also exclude these files; repeatable"
    )


def add_baseline_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that judges."""
    group = find_group(parser, LIMITS).add_mutually_exclusive_group()
    add_baseline_option(group)
    group.add_argument("--no-baseline", action="store_true", help="ignore the baseline")


def add_baseline_option(parser: OptionGroup) -> None:
    """Add the option to name a baseline."""
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="tolerate the violations recorded in this file"
    )


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that judges changes."""
    parser.add_argument(
        "--policy-from",
        metavar="REF",
        help="read `new_waivers` from the settings of this commit (default: settings before the change)",
    )
    parser.add_argument(
        "--limits-from",
        metavar="REF",
        help="use the settings and the baseline of this commit, not the current ones",
    )


def make_policy_source(args: argparse.Namespace) -> PolicySource:
    """Return where what counts for waivers is taken from."""
    from pytest_antipasta.gate import PolicySource  # brings git with it
    from pytest_antipasta.settings import with_exclude, with_limits

    limits, exclude = dict(getattr(args, "limits", None) or ()), getattr(args, "exclude", None)

    def adjust(settings: Settings) -> Settings:
        settings = with_limits(settings, limits) if limits else settings
        return with_exclude(settings, exclude) if exclude else settings

    return PolicySource(args.policy_from, args.config, adjust, args.limits_from is not None)


def _parse_jobs(text: str) -> int | str:
    from pytest_antipasta.engine.executor import parse_jobs  # brings the settings with it

    try:
        return parse_jobs(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
