"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.log_options import add_log_options
from pytest_antipasta.cli.parser import OptionGroup
from pytest_antipasta.cli.profiling import add_profile_option

if TYPE_CHECKING:
    from pytest_antipasta.gate import PolicySource
    from pytest_antipasta.settings import Settings


def add_settings_options(
    parser: argparse.ArgumentParser, config_help: str = "take the settings from this file"
) -> None:
    """Add what every command has that reads settings."""
    parser.add_argument("--config", type=Path, metavar="FILE", help=config_help)
    parser.add_argument("-q", "--quiet", action="store_true", help="leave out everything but the answer")


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that reads settings or the store."""
    add_settings_options(parser)
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="keep the store of measurements here")
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the store")
    parser.add_argument(
        "--debug", action="store_true", help="tell on stderr what was decided and why, and how long it took"
    )
    add_log_options(parser)


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to write reports."""
    parser.add_argument(
        "--report",
        dest="reports",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help="write a report besides, with - as PATH to standard output; repeatable",
    )


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that goes over files."""
    add_store_options(parser)
    parser.add_argument(
        "--jobs",
        type=_parse_jobs,
        metavar="N|auto",
        help="worker processes; auto is the default; also: PYTEST_ANTIPASTA_JOBS",
    )
    add_profile_option(parser)


def add_shared_store_option(parser: OptionGroup) -> None:
    """Add the option of commands that have many files to measure."""
    parser.add_argument(
        "--shared-store",
        metavar="URL",
        help="look up in this Redis, too, and write there; also: PYTEST_ANTIPASTA_SHARED_STORE",
    )


def add_no_ignore(parser: OptionGroup) -> None:
    """Add the option to judge without comments."""
    parser.add_argument("--no-ignore", action="store_true", help="judge as if no comment suppressed anything")


def add_exclude_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to leave out more files than the settings do."""
    parser.add_argument(
        "--exclude", action="append", metavar="PATTERN", help="leave out such files, too; repeatable"
    )


def add_baseline_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that judges."""
    group = parser.add_mutually_exclusive_group()
    add_baseline_option(group)
    group.add_argument("--no-baseline", action="store_true", help="judge as if nothing was recorded")


def add_baseline_option(parser: OptionGroup) -> None:
    """Add the option to name a baseline."""
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="tolerate what is recorded in this file"
    )


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command has that judges changes."""
    parser.add_argument(
        "--policy-from",
        metavar="REF",
        help="take `new_waivers` from the settings of this commit; without, from those before the change",
    )
    parser.add_argument(
        "--limits-from",
        metavar="REF",
        help="judge by the settings and the baseline of this commit in place of those that are there",
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
