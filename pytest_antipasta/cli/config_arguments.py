"""What the actions of ``config`` take that write; apart from them, which most commands never need."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_antipasta.cli.options import add_run_options

_LEVELS = ("strict", "now", "default")


def add_init_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``config init`` takes."""
    parser.add_argument("--level", choices=_LEVELS, help="which limits; where nobody can be asked: default")
    for name, text in (("--baseline", "record what is over a limit"), ("--hook", "have commits judged")):
        parser.add_argument(
            name, action=argparse.BooleanOptionalAction, help=f"{text}; where nobody can be asked: no"
        )
    parser.add_argument("--yes", action="store_true", help="ask nothing, take the defaults")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be written, and write nothing"
    )
    parser.add_argument("--force", action="store_true", help="write even if there are settings already")
    add_run_options(parser)


def add_migrate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``config migrate`` takes."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="read this file alone")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the file to write; else pyproject.toml")
    parser.add_argument("--write", action="store_true", help="write the table instead of printing it")
    parser.add_argument("--force", action="store_true", help="write even if there are settings already")
    parser.add_argument("-q", "--quiet", action="store_true", help="leave out everything but the answer")
