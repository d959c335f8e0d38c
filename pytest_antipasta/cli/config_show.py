"""``pytest-antipasta config show``: the settings in effect, and the origin of each."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.settings import Settings, load_settings

if TYPE_CHECKING:
    from pytest_antipasta.model import Threshold
    from pytest_antipasta.settings import Origins


def run_show(args: argparse.Namespace) -> int:
    """Print the settings, or what they mean for one file.

    Raises:
        UsageError: the settings are wrong, or the path is a folder.
    """
    from pytest_antipasta.settings import find_origins

    settings, notes = load_settings(Path.cwd(), args.config)
    origins = find_origins(settings)
    comments = _iter_comments(settings, notes)
    if args.path is None:
        lines = _iter_settings(settings, origins, args.quiet)
    else:
        location = _locate(settings, args.path)
        comments = chain(comments, _iter_file_comments(settings, origins, location))
        lines = _iter_thresholds(settings, origins, location)
    # All of it before any of it is written: an error must not stand behind half an answer.
    write_lines(*(() if args.quiet else (f"# {line}" for line in comments)), *lines)
    return 0


def _iter_comments(settings: Settings, notes: Iterable[str]) -> Iterator[str]:
    yield f"source: {format_path(settings.source)}" if settings.source else "source: defaults only"
    yield f"root: {format_path(settings.root)}"
    for note in notes:
        yield f"note: {note}"


def _iter_settings(settings: Settings, origins: Origins, quiet: bool) -> Iterator[str]:
    from pytest_antipasta.settings import iter_toml_lines

    return iter_toml_lines(settings) if quiet else iter_toml_lines(settings, origins.find)


def _iter_file_comments(settings: Settings, origins: Origins, location: str) -> Iterator[str]:
    from pytest_antipasta.files import find_exclusion
    from pytest_antipasta.settings import format_key, iter_nested_notes

    yield from (f"note: {note}" for note in iter_nested_notes(settings, [location]))
    omission = find_exclusion(settings, location)
    if omission is None:
        yield "checked: yes"
        return
    by = f"{format_key(omission.key)} ({origins.find(*omission.key)}): " if omission.key else ""
    yield f"checked: no, unless it is named: {by}{omission.reason}"


def _iter_thresholds(settings: Settings, origins: Origins, location: str) -> Iterator[str]:
    from pytest_antipasta.files import display_path
    from pytest_antipasta.settings import trace_thresholds

    traced = trace_thresholds(settings, display_path(settings.root, location))
    width = max(map(len, traced), default=0)
    for metric, (threshold, origin) in traced.items():
        place = origins.find_threshold(metric, origin)
        yield f"{metric:{width}}  {_format_threshold(threshold)}  ({place})"


def _locate(settings: Settings, path: Path) -> str:
    """Return the location of a file as a walk from the root would name it."""
    from pytest_antipasta.files import rebase

    if path.is_dir():
        raise UsageError(f"{format_path(path.absolute())}: is a folder; name a file")
    return rebase(settings.root, os.path.abspath(path))


def _format_threshold(threshold: Threshold | None) -> str:
    if threshold is None:
        return "off"
    text = f"{threshold.comparison} {threshold.limit}"
    if threshold.block_limit is None:
        return text
    return f"{text}, each block {threshold.comparison} {threshold.block_limit}"
