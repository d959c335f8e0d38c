"""``pytest-antipasta config``: validating, showing, proposing and migrating settings, and their schema."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.cli.config_show import run_show
from pytest_antipasta.cli.options import add_run_options
from pytest_antipasta.cli.stdout import write_lines
from pytest_antipasta.messages import format_path, format_value
from pytest_antipasta.settings import Settings, load_settings

if TYPE_CHECKING:
    from pytest_antipasta.cli.parser import SubParsers

# Here and not from `adoption`, which only one action needs.
_PRESETS = ("functions", "default", "now")


def add_parser(subparsers: SubParsers) -> None:
    """Add ``config`` with its actions to the command line."""
    text = "check, show and write the settings"
    parser = subparsers.add_parser("config", help=text, description=f"{text[0].upper()}{text[1:]}.")
    actions = parser.add_subparsers(dest="action", required=True)
    text = "check the settings: exit code 0, or 2 with every problem and its place"
    _add_options(_add_action(actions, "validate", text, run_validate))
    text = "print all that applies as TOML for pyproject.toml, or what applies to one file, and from where"
    show = _add_action(actions, "show", text, run_show)
    show.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="a file: is it checked, and by which thresholds"
    )
    _add_options(show)
    text = "look at the repository and propose settings for its pyproject.toml"
    _add_init_options(_add_action(actions, "init", text, _run_init))
    text = "propose a table of ours from settings of other tools, each line with its origin"
    _add_migrate_options(_add_action(actions, "migrate", text, _run_migrate))
    text = "print the JSON Schema of the settings, for editors"
    schema = _add_action(actions, "schema", text, run_schema)
    schema.add_argument(
        "--pyproject", action="store_true", help="of a whole pyproject.toml, not of our table alone"
    )


def _add_action(
    actions: SubParsers, name: str, text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="take the settings from this file")
    parser.add_argument("-q", "--quiet", action="store_true", help="leave out everything but the answer")


def _add_init_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=_PRESETS, default="default", help="which limits")
    parser.add_argument("--baseline", action="store_true", help="record what is over a limit, too")
    parser.add_argument("--hook", action="store_true", help="have commits judged, too")
    parser.add_argument("--yes", action="store_true", help="write what is proposed")
    add_run_options(parser)


def _add_migrate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="read this file alone")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the file to write; else pyproject.toml")
    parser.add_argument("--yes", action="store_true", help="write what is proposed")
    parser.add_argument("-q", "--quiet", action="store_true", help="leave out everything but the answer")


def _run_init(args: argparse.Namespace) -> int:
    # Here, because the other commands should not wait for what it brings.
    from pytest_antipasta.cli.config_init import run_init

    return run_init(args)


def _run_migrate(args: argparse.Namespace) -> int:
    from pytest_antipasta.cli.config_migrate import run_migrate

    return run_migrate(args)


def run_validate(args: argparse.Namespace) -> int:
    """Say which settings are valid.

    Raises:
        UsageError: they are not.
    """
    # Here, because it brings the walk with it.
    from pytest_antipasta.files import require_paths

    settings, notes = load_settings(Path.cwd(), args.config)
    require_paths(settings)
    if not args.quiet:
        valid = "no settings found, the defaults apply"
        if settings.source:
            valid = f"{format_path(settings.source)}: valid"
        write_lines(valid, *(f"note: {note}" for note in (*notes, *_iter_idle(settings))))
    return 0


def _iter_idle(settings: Settings) -> Iterator[str]:
    """Yield what the settings' file has of patterns that match nothing."""
    from pytest_antipasta.files import find_idle_patterns
    from pytest_antipasta.settings import DEFAULT, find_origins, format_key

    origins = find_origins(settings)
    for key, pattern in find_idle_patterns(settings):
        if (place := origins.find(*key)) != DEFAULT:
            yield f"{format_key(key)} ({place}): {format_value(pattern)} matches no source file"


def run_schema(args: argparse.Namespace) -> int:
    """Print the schema of the settings."""
    # Here, because nothing else needs them.
    import json

    from pytest_antipasta.settings import make_pyproject_schema, make_schema

    schema = make_pyproject_schema() if args.pyproject else make_schema()
    write_lines(*json.dumps(schema, indent=2).splitlines())
    return 0
