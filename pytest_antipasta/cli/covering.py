"""``--coverage``: what ran of each function, in the command line."""

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
        help="read coverage data: a .coverage file or a coverage.json",
    )


def require_possible(args: argparse.Namespace) -> None:
    """Refuse the option where it can't be followed, before anything is judged.

    Raises:
        UsageError: coverage.py is missing or too old, or the option is mixed with others.
    """
    if args.list_suppressions:
        raise UsageError("argument --coverage: not allowed with argument --list-suppressions")
    from pytest_antipasta.engine import require_coverage

    require_coverage("--coverage")


def cover(run: Run, args: argparse.Namespace) -> None:
    """Give the verdicts of a run what coverage data says of them.

    Raises:
        UsageError: the data can't be read.
    """
    from pytest_antipasta.engine import cover_run

    cover_run(run, args.coverage.absolute(), str(args.coverage))
