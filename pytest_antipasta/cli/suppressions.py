"""``check --list-suppressions`` and ``--no-ignore``: showing what comments suppress."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pytest_antipasta.cli.options import add_no_ignore, tell_warnings, write_output
from pytest_antipasta.cli.stdout import ERRORS
from pytest_antipasta.engine import Run
from pytest_antipasta.errors import UsageError
from pytest_antipasta.model import Verdict


def add_suppression_options(parser: argparse.ArgumentParser) -> None:
    """Add both options, which exclude each other."""
    group = parser.add_mutually_exclusive_group()
    add_no_ignore(group)
    group.add_argument(
        "--list-suppressions",
        action="store_true",
        help="list all comments that suppress, with the effect of each, instead of judging",
    )


def write_list(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> int:
    """Write the list and return the exit code: 0, or 3 where it lacks a file that could not be read.

    Raises:
        UsageError: there is no such list in that format, or it can't be written.
    """
    from pytest_antipasta.report import format_list, make_list, place_verdicts, show_verdicts

    if args.format == "text":
        is_file = args.output is not None
        verdicts = show_verdicts(verdicts) if is_file else place_verdicts(verdicts, run.rules.settings.root)
        content = "".join(f"{line}\n" for line in format_list(verdicts)).encode()
    elif args.format == "json":
        from pytest_antipasta.report import SCHEMA_VERSION, encode

        content = encode({"schema_version": SCHEMA_VERSION, "suppressions": make_list(verdicts)})
    else:
        raise UsageError("--list-suppressions writes text or json")
    tell_warnings(run)
    write_output(content, args.output)
    return ERRORS if any(verdict.measurement.error for verdict in verdicts) else 0
