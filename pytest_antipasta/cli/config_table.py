"""Choosing the file for a proposed table and writing it, for ``config init`` and ``config migrate``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.errors import UsageError
from pytest_antipasta.git import find_repository
from pytest_antipasta.messages import format_path
from pytest_antipasta.report import write_report
from pytest_antipasta.settings import load_settings, read_bytes
from pytest_antipasta.setup import append_table


def find_target(config: Path | None) -> Path:
    """Return the file to write: one that was named, else the nearest ``pyproject.toml`` in the repository.

    Where there is none, it will be made at the repository's top, or in the current folder outside of one.

    Raises:
        UsageError: the file that was named can't hold a table, or its folder is not there.
    """
    folder = Path.cwd()
    if config is not None:
        if config.suffix.lower() != ".toml":
            raise UsageError(f"{format_path(config)}: can't hold a table; name a .toml file")
        if not (folder / config).parent.is_dir():
            raise UsageError(f"{format_path(config)}: there is no such folder; make it first")
        return folder / config
    top = find_repository(folder) or folder
    inside = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    found = (each for each in inside if os.path.lexists(each / "pyproject.toml"))
    return next(found, top) / "pyproject.toml"


def require_no_other_settings(args: argparse.Namespace, target: Path, *, but_yaml: bool = False) -> None:
    """Make sure that a table would not take the place of settings in another file, unless one was named.

    Args:
        args: of the command.
        target: the file that the table is for.
        but_yaml: whether antipasta's own file may be that other one.

    Raises:
        UsageError: another file has the settings that apply here.
    """
    source = load_settings(Path.cwd()).settings.source if args.config is None else None
    if source is None or source == target or (but_yaml and source.suffix != ".toml"):
        return
    advice = "`pytest-antipasta config migrate` proposes a table of them"
    if source.suffix == ".toml":
        advice = f"`--config {format_path(target)}` proposes others, which count from there on"
    raise UsageError(f"{format_path(source)}: has settings that apply here; {advice}")


def propose_table(args: argparse.Namespace, target: Path, table: Sequence[str]) -> None:
    """Print a table and where it would go; with ``--yes``, add it there.

    Raises:
        UsageError: the file has such a table already, or can't be read or written.
    """
    is_there = os.path.lexists(target)
    try:
        content = append_table(target, read_bytes(target) if is_there else b"", table)
    except UsageError:
        write_lines(*table)  # for the user to put there
        raise
    name = format_path(target)
    if args.yes:
        write_report(target, content, "settings")
        told = [f"{name}: settings written"]
    else:
        told = [f"{'would add this to' if is_there else 'would create'} {name}, with --yes:", ""]
    write_lines(*([] if args.quiet else told), *([] if args.yes else table))
