"""``pytest-antipasta config``: validate, show, propose and migrate settings, and print their schema."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from pytest_antipasta.cli.options import add_run_options, add_settings_options
from pytest_antipasta.cli.parser import SubParsers, add_command
from pytest_antipasta.cli.stdout import write_copied, write_lines
from pytest_antipasta.files import (
    display_path,
    find_exclusion,
    find_idle_patterns,
    rebase,
    require_paths,
    select_with_settings,
)
from pytest_antipasta.messages import format_path, format_value, list_names
from pytest_antipasta.model import Threshold, UsageError
from pytest_antipasta.settings import (
    DEFAULT,
    Origins,
    Settings,
    find_faults,
    find_origins,
    format_key,
    is_of_languages,
    iter_idle_limits,
    iter_nested_notes,
    iter_toml_lines,
    load_settings,
    trace_places,
    with_projects,
)

# Not imported from `setup`, which only one action needs.
_PRESETS = ("functions", "files", "default", "now")


def add_parser(subparsers: SubParsers) -> None:
    """Add ``config`` with its actions to the command line."""
    text = "check, show and write the settings"
    actions = add_command(subparsers, "config", text).add_subparsers(dest="action", required=True)
    text = "check the settings; exit code 2 with every problem and its location"
    add_settings_options(add_command(actions, "validate", text, _run_validate))
    text = "print all settings in effect as TOML; or those for one file with their origin"
    show = add_command(actions, "show", text, _run_show)
    show.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help="show whether this file is checked, and with which limits",
    )
    add_settings_options(show)
    text = "propose settings for the repository; for its pyproject.toml"
    _add_init_options(add_command(actions, "init", text, _run_write))
    text = "convert settings of other tools to a proposal; each line has its origin"
    migrate = add_command(actions, "migrate", text, _run_write)
    migrate.add_argument("file", nargs="?", type=Path, metavar="FILE", help="read only this settings file")
    migrate.add_argument("--yes", action="store_true", help="write the proposed settings")
    add_settings_options(migrate, "file to write (default: pyproject.toml)")
    text = "print the JSON Schema of the settings, for editors"
    schema = add_command(actions, "schema", text, _run_schema)
    schema.add_argument(
        "--pyproject",
        action="store_true",
        help="schema for a whole pyproject.toml, not only [tool.pytest-antipasta]",
    )


def _add_init_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=_PRESETS, default="functions", help="set of limits to propose")
    parser.add_argument(
        "--baseline", action="store_true", help="also record existing violations in a baseline"
    )
    parser.add_argument("--hook", action="store_true", help="also install a commit hook")
    parser.add_argument("--yes", action="store_true", help="write the proposed settings")
    add_run_options(parser)


def _run_write(args: argparse.Namespace) -> int:
    from pytest_antipasta.cli.config_write import run_init, run_migrate

    return run_init(args) if args.action == "init" else run_migrate(args)


def _run_validate(args: argparse.Namespace) -> int:
    settings, notes = load_settings(Path.cwd(), args.config)
    require_paths(settings)
    if settings.nested:
        notes = (*notes, *select_with_settings(settings).loaded.notes)
    notes = (*notes, *iter_idle_limits(settings), *find_faults(settings))
    if not args.quiet:
        valid = "no settings found, using the defaults"
        if settings.source:
            valid = f"{format_path(settings.source)}: valid"
        write_lines(valid, *(f"note: {note}" for note in (*notes, *_iter_idle(settings))))
    return 0


def _iter_idle(settings: Settings) -> Iterator[str]:
    """Yield the patterns in the settings file that match nothing."""
    origins = find_origins(settings)
    for key, pattern in find_idle_patterns(settings):
        if (place := origins.find(*key)) != DEFAULT:
            said = "matches no source file"
            if pattern.startswith("!"):
                said = (
                    "re-includes nothing: no earlier pattern matches its files, a later one does, or "
                    "one matches a parent folder (write /a/* instead of /a/)"
                )
            yield f"{format_key(key)} ({place}): {format_value(pattern)} {said}"


def _run_schema(args: argparse.Namespace) -> int:
    import json

    from pytest_antipasta.settings import make_pyproject_schema, make_schema

    schema = make_pyproject_schema() if args.pyproject else make_schema()
    write_copied(json.dumps(schema, indent=2).splitlines())
    return 0


def _run_show(args: argparse.Namespace) -> int:
    """Print the settings, or those that apply to one file."""
    settings, notes = load_settings(Path.cwd(), args.config)
    origins = find_origins(settings)
    comments = _iter_comments(settings, notes)
    if args.path is None:
        lines = iter_toml_lines(settings, None if args.quiet else origins.find)
    else:
        location = _locate(settings, args.path)
        settings, nearer = with_projects(settings, [location])
        comments = chain(comments, (f"note: {note}" for note in nearer))
        comments = chain(comments, _iter_file_comments(settings, origins, location))
        lines = _iter_thresholds(settings, location)
    # Complete before printing: an error must not follow half a result.
    write_copied((*(() if args.quiet else (f"# {line}" for line in comments)), *lines))
    return 0


def _iter_comments(settings: Settings, notes: Iterable[str]) -> Iterator[str]:
    yield f"source: {format_path(settings.source)}" if settings.source else "source: defaults only"
    yield f"root: {format_path(settings.root)}"
    for note in notes:
        yield f"note: {note}"


def _iter_file_comments(settings: Settings, origins: Origins, location: str) -> Iterator[str]:
    yield from (f"note: {note}" for note in iter_nested_notes(settings, [location]))
    omission = find_exclusion(settings, location)
    if omission is None:
        yield "checked: yes"
        if (language := _find_language(settings, location)) is not None:
            yield f"language: {language}; limits on metrics it does not measure are ignored"
        elif foreign := list(_iter_language_limits(settings, location)):
            yield f"note: Python files have no {list_names(foreign)}: limits on them are ignored"
        return
    by = f"{format_key(omission.key)} ({origins.find(*omission.key)}): " if omission.key else ""
    yield f"checked: no, unless it is named: {by}{omission.reason}"


def _find_language(settings: Settings, location: str) -> str | None:
    """Return the language that measures a file; ``None`` for Python."""
    from pytest_antipasta.engine import find_language

    language = find_language(settings.languages, location)
    return None if language is None else language.name


def _iter_language_limits(settings: Settings, location: str) -> Iterator[str]:
    """Yield limits of a Python file that belong to metrics of other languages."""
    for metric, (limit, _) in _find_limits(settings, location).items():
        if limit is not None and is_of_languages(metric):
            yield metric


def _find_limits(settings: Settings, location: str) -> Mapping[str, tuple[Threshold | None, str]]:
    return trace_places(settings, display_path(settings.root, location))


def _iter_thresholds(settings: Settings, location: str) -> Iterator[str]:
    traced = _find_limits(settings, location)
    width = max(map(len, traced), default=0)
    for metric, (threshold, place) in traced.items():
        yield f"{metric:{width}}  {_format_threshold(threshold)}  ({place})"


def _locate(settings: Settings, path: Path) -> str:
    """Return the location of a file as a walk from the root would spell it."""
    if path.is_dir():
        raise UsageError(f"{format_path(path.absolute())}: is a folder; name a file")
    return rebase(settings.root, os.path.abspath(path))


def _format_threshold(threshold: Threshold | None) -> str:
    if threshold is None:
        return "off"
    text = f"{threshold.comparison} {threshold.limit}"
    if threshold.block_limit is not None:
        text += f", each block {threshold.comparison} {threshold.block_limit}"
    return f"{text}, a warning" if threshold.level == "warning" else text
