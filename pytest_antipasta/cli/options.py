"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.parser import FILES, LIMITS, REPORTS, RUN, OptionGroup, find_group
from pytest_antipasta.cli.recording import add_log_options, add_profile_option

if TYPE_CHECKING:
    from pytest_antipasta.gate import PolicySource
    from pytest_antipasta.settings import Settings


def add_settings_options(
    parser: argparse.ArgumentParser, config_help: str = "read the settings from this file"
) -> None:
    """Add the options of commands that read settings."""
    parser.add_argument("-q", "--quiet", action="store_true", help="print only the result")
    find_group(parser, RUN).add_argument("--config", type=Path, metavar="FILE", help=config_help)


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that read settings or the store."""
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
    """Add the options of commands that go over files."""
    add_store_options(parser)
    find_group(parser, RUN).add_argument(
        "--jobs",
        type=_parse_jobs,
        metavar="N|auto",
        help="worker processes (also: PYTEST_ANTIPASTA_JOBS)",
    )
    add_profile_option(find_group(parser, RUN))


def add_shared_store_option(parser: OptionGroup) -> None:
    """Add the option for a shared store, for commands that measure many files."""
    parser.add_argument(
        "--shared-store",
        metavar="URL",
        help="Redis server (also: PYTEST_ANTIPASTA_SHARED_STORE)",
    )


def add_no_ignore(parser: OptionGroup) -> None:
    """Add the option to judge without suppression comments."""
    parser.add_argument("--no-ignore", action="store_true", help="ignore suppression comments")


def add_exclude_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to exclude more files."""
    find_group(parser, FILES).add_argument(
        "--exclude", action="append", metavar="PATTERN", help="also exclude these files; repeatable"
    )


def add_baseline_options(parser: argparse.ArgumentParser) -> None:
    """Add the baseline options of commands that judge."""
    group = find_group(parser, LIMITS).add_mutually_exclusive_group()
    add_baseline_option(group)
    group.add_argument("--no-baseline", action="store_true", help="ignore the baseline")


def add_baseline_option(
    parser: OptionGroup, text: str = "tolerate the violations recorded in this file"
) -> None:
    """Add the option to name a baseline."""
    parser.add_argument("--baseline", type=Path, metavar="FILE", help=text)


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that judge changes."""
    parser.add_argument(
        "--policy-from",
        metavar="REF",
        help="read `new_waivers` from this commit's settings",
    )
    parser.add_argument(
        "--limits-from",
        metavar="REF",
        help="use the settings and the baseline of this commit",
    )


def make_policy_source(args: argparse.Namespace) -> PolicySource:
    """Return the sources of limits and policy for a change."""
    from pytest_antipasta.gate import PolicySource
    from pytest_antipasta.settings import with_exclude, with_limits

    limits, exclude = dict(getattr(args, "limits", None) or ()), getattr(args, "exclude", None)

    def adjust(settings: Settings) -> Settings:
        settings = with_limits(settings, limits) if limits else settings
        return with_exclude(settings, exclude) if exclude else settings

    return PolicySource(args.policy_from, args.config, adjust, args.limits_from is not None)


def _parse_jobs(text: str) -> int | str:
    from pytest_antipasta.engine.executor import parse_jobs

    try:
        return parse_jobs(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
