"""``pytest-antipasta config``: looking at the settings and checking them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.errors import UsageError
from pytest_antipasta.settings import Settings, load_settings
from pytest_antipasta.settings.wording import format_path

if TYPE_CHECKING:
    from pytest_antipasta.model import Threshold

    SubParsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_parser(subparsers: SubParsers) -> None:
    """Add ``config`` with its actions to the command line."""
    text = "check and show the settings"
    parser = subparsers.add_parser("config", help=text, description=f"{text[0].upper()}{text[1:]}.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_validate(actions)
    _add_show(actions)


def _add_validate(actions: SubParsers) -> None:
    text = "check the settings: exit code 0, or 2 with every problem and its place"
    parser = actions.add_parser("validate", help=text, description=f"{text[0].upper()}{text[1:]}.")
    _add_options(parser)
    parser.set_defaults(run=run_validate)


def _add_show(actions: SubParsers) -> None:
    text = "print all that applies as TOML for pyproject.toml, or the thresholds of one file"
    parser = actions.add_parser("show", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help="a file to show the thresholds of")
    _add_options(parser)
    parser.set_defaults(run=run_show)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="take the settings from this file")
    parser.add_argument("--quiet", action="store_true", help="leave out everything but the answer")


def run_validate(args: argparse.Namespace) -> int:
    """Say which settings are valid.

    Raises:
        UsageError: they are not.
    """
    settings = load_settings(Path.cwd(), args.config)
    if not args.quiet:
        valid = "no settings found, the defaults apply"
        if settings.source:
            valid = f"{format_path(settings.source)}: valid"
        _write(valid, *_iter_notes(settings))
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print the settings, or what they mean for one file.

    Raises:
        UsageError: the settings are wrong, or the path is a folder.
    """
    settings = load_settings(Path.cwd(), args.config)
    comments = () if args.quiet else tuple(f"# {line}" for line in _iter_comments(settings))
    lines = _iter_thresholds(settings, args.path) if args.path else _iter_settings(settings)
    _write(*comments, *lines)
    return 0


def _write(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _iter_notes(settings: Settings) -> Iterator[str]:
    return (f"note: {note}" for note in settings.notes)


def _iter_comments(settings: Settings) -> Iterator[str]:
    yield f"source: {format_path(settings.source)}" if settings.source else "source: defaults only"
    yield f"root: {format_path(settings.root)}"
    yield from _iter_notes(settings)


def _iter_settings(settings: Settings) -> Iterator[str]:
    from pytest_antipasta.settings.toml_text import iter_toml_lines

    return iter_toml_lines(settings)


def _iter_thresholds(settings: Settings, path: Path) -> Iterator[str]:
    from pytest_antipasta.settings.effective import trace_thresholds

    if path.is_dir():
        raise UsageError(f"{format_path(path.absolute())}: is a folder; name a file")
    traced = trace_thresholds(settings, _find_name(settings.root, path))
    width = max(map(len, traced), default=0)
    for metric, (threshold, origin) in traced.items():
        yield f"{metric:{width}}  {_format_threshold(threshold)}  ({origin})"


def _find_name(root: Path, path: Path) -> str:
    """Give the name that globs are matched with: relative to the root, absolute outside of it."""
    for base, name in ((root, path.absolute()), (root.resolve(), path.resolve())):
        if name.is_relative_to(base):
            return name.relative_to(base).as_posix()
    return path.absolute().as_posix()


def _format_threshold(threshold: Threshold | None) -> str:
    if threshold is None:
        return "off"
    text = f"{threshold.comparison} {threshold.limit}"
    if threshold.block_limit is None:
        return text
    return f"{text}, each block {threshold.comparison} {threshold.block_limit}"
