"""The argument ``-``: check standard input instead of files."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pytest_antipasta.cli.parser import FILES, OptionGroup, find_group
from pytest_antipasta.cli.running import choose_cache_dir
from pytest_antipasta.engine import Rules, Run
from pytest_antipasta.model import UsageError

_STDIN = "-"


def add_stdin_options(parser: OptionGroup) -> None:
    """Add the options for ``-``."""
    parser = find_group(parser, FILES)
    parser.add_argument(
        "--stdin-filename",
        type=Path,
        metavar="PATH",
        help="with -: path of the file, for settings and reports",
    )
    parser.add_argument(
        "--force-exclude",
        action="store_true",
        help="with -: do nothing if the path is excluded",
    )


def is_stdin(args: argparse.Namespace) -> bool:
    """Return whether to read standard input."""
    if _STDIN not in args.paths:
        if args.stdin_filename is not None:
            raise UsageError("--stdin-filename needs `-` (standard input); add `-`")
        if args.force_exclude:
            raise UsageError(
                "--force-exclude needs `-` (standard input); files named on the command line are never "
                "excluded"
            )
        return False
    if args.paths != [_STDIN]:
        raise UsageError("`-` (standard input) can't be used with files")
    if args.force_exclude and args.stdin_filename is None:
        raise UsageError("--force-exclude needs a file name; add --stdin-filename PATH")
    if getattr(args, "shared_store", None):
        raise UsageError("--shared-store can't be used with `-` (standard input)")
    return True


def begin_stdin_run(args: argparse.Namespace, rules: Rules) -> Run:
    """Read standard input and judge it."""
    from pytest_antipasta.engine import open_content_run

    if sys.stdin is None:
        raise UsageError("standard input is closed")
    name = args.stdin_filename
    location = None if name is None else os.path.abspath(name)
    if location is not None and os.path.isdir(location):
        raise UsageError(f"--stdin-filename {name}: is a folder; name a file")
    data = sys.stdin.buffer.read()
    cache_dir = choose_cache_dir(args, rules.settings)
    return open_content_run(rules, data, location, cache_dir, is_forced=args.force_exclude)
