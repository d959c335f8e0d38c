"""``pytest-antipasta config migrate``: settings of other tools as a table of ours."""

from __future__ import annotations

import argparse

from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.setup import find_target, make_edit, require_no_settings
from pytest_antipasta.setup.migration import FILES, find_migration, iter_migrated, require_known


def run_migrate(args: argparse.Namespace) -> int:
    """Print the table, or write it.

    Raises:
        UsageError: there is nothing to migrate, or something is in the way.
    """
    target = find_target(args.config)
    if args.file is not None:
        require_known(args.file)
    paths = [target.parent / name for name in FILES] if args.file is None else [args.file.absolute()]
    migration = find_migration(paths)
    if migration is None:
        looked = ", ".join(FILES) if args.file is None else format_path(args.file)
        raise UsageError(f"nothing about complexity found in {looked}")
    lines = list(iter_migrated(migration))
    if not args.write:
        write_lines(*lines)
        return 0
    if not migration.settings:
        raise UsageError("nothing of what was found has a counterpart, so nothing was written")
    if not args.force:
        require_no_settings(target, args.config, but_yaml=True)
    make_edit(target, lines).write()
    if not args.quiet:
        write_lines(f"{format_path(target)}: settings written")
    return 0
