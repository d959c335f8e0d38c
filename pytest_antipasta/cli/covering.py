"""The option ``--coverage`` of the command line, which adds coverage data."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_antipasta.cli.parser import OptionGroup
from pytest_antipasta.engine import Run
from pytest_antipasta.model import UsageError


def add_coverage_option(parser: OptionGroup) -> None:
    """Add the option."""
    parser.add_argument(
        "--coverage",
        type=Path,
        metavar="PATH",
        help="coverage data: a .coverage file or coverage.json",
    )


def require_possible(args: argparse.Namespace) -> None:
    """Reject the option if it can't be used, before files are judged.

    Raises:
        UsageError: coverage.py is missing or too old, or the option can't be combined with others.
    """
    if args.list_suppressions:
        raise UsageError("argument --coverage: not allowed with argument --list-suppressions")
    from pytest_antipasta.engine import require_coverage

    require_coverage("--coverage")


def cover(run: Run, args: argparse.Namespace) -> None:
    """Add coverage data to the verdicts of a run.

    Raises:
        UsageError: the data can't be read.
    """
    from pytest_antipasta.engine import cover_run

    cover_run(run, args.coverage.absolute(), str(args.coverage))
