"""``pytest-antipasta config migrate``: converting settings of other tools to a table of ours."""

from __future__ import annotations

import argparse

from pytest_antipasta.cli.config_table import find_target, propose_table, require_no_other_settings
from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.setup.migration import FILES, find_migration, require_known


def run_migrate(args: argparse.Namespace) -> int:
    """Propose the table, and write it with ``--yes``.

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
    if not migration.settings:
        lost = "".join(f"\n{lost.origin}: {lost.why}" for lost in migration.lost)
        raise UsageError(f"nothing of what was found has a counterpart{lost}")
    require_no_other_settings(args, target, but_yaml=True)
    propose_table(args, target, list(migration.iter_table()))
    return 0
