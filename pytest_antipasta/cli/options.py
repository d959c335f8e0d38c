"""Commands with their options: tables of them, and the values that commands get."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from msgspec import Struct

from pytest_antipasta.cli.parser import OptionGroup, SubParsers
from pytest_antipasta.cli.recording import LogOptions
from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.logs.options import FORMATS, LEVELS
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.registry import COVERAGE_METRICS, complete_name

if TYPE_CHECKING:
    from pytest_antipasta.settings.values import Settings

_Options = TypeVar("_Options", bound=Struct)
LIMITS, FILES, REPORTS, RUN = "limits", "files", "reports", "execution options"
"""Titles of the groups of options in the help of a command."""
Keywords: TypeAlias = Mapping[str, Any]
"""The keywords of argparse's ``add_argument`` for one option."""
OptionTable: TypeAlias = dict[str, Mapping[str, Keywords | None]]
"""The options of each group, by the group's title in the help; the title is empty for no group. The keywords
are ``None`` for an option that several commands share."""


class NoOptions(Struct, frozen=True):
    """The options of a command that has none."""


class SettingsOptions(Struct, frozen=True):
    """The options of commands that read settings."""

    quiet: bool
    config: Path | None


class StoreOptions(SettingsOptions, frozen=True):
    """The options of commands that read settings or the store."""

    cache_dir: Path | None
    no_cache: bool
    debug: bool


class RunOptions(StoreOptions, frozen=True):
    """The options of commands that go over files."""

    jobs: int | Literal["auto"] | None


class FileOptions(RunOptions, frozen=True):
    """The options of commands over files that are named, or over standard input."""

    paths: Sequence[str]
    exclude: Sequence[str] | None
    stdin_filename: Path | None
    force_exclude: bool
    shared_store: str | None


class JudgingOptions(Struct, frozen=True):
    """The options about the baseline and suppression comments."""

    baseline: Path | None
    no_baseline: bool
    no_ignore: bool


# The types of fields that contain several options, by the names of the fields.
_PARTS: Mapping[str, type[Struct]] = {"judging": JudgingOptions}


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> tuple[Callable[[], int], LogOptions]:
    """Return a function that runs the requested command, and the options of its log.

    This is the only place where a command's options are made from arguments.
    """
    found = vars(parser.parse_args(words))
    log_options = LogOptions(**{name: found[name] for name in LogOptions.__struct_fields__ if name in found})
    return partial(found["run"], _make_options(found["options"], found)), log_options


def _make_options(kind: type[_Options], found: Mapping[str, Any]) -> _Options:
    """Return a value whose fields are the parsed arguments with the same names."""
    names = kind.__struct_fields__
    return kind(
        **{name: _make_options(_PARTS[name], found) if name in _PARTS else found[name] for name in names}
    )


def _parse_jobs(text: str) -> int | str:
    from pytest_antipasta.engine.executor.worker_count import parse_jobs

    try:
        return parse_jobs(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parse_limit(text: str) -> tuple[str, object]:
    name, is_given, value = text.partition("=")
    if not is_given:
        example = "METRIC=N, such as cyclomatic_complexity=10"
        raise argparse.ArgumentTypeError(f"expected {example}, got {text!r}")
    metric = _parse_metric(name.strip())
    if value.strip() == "off":
        return metric, False
    try:
        return metric, int(value) if value.strip().isdecimal() else float(value)
    except ValueError:
        message = f"expected a number or off after {metric}=, got {value!r}"
        raise argparse.ArgumentTypeError(message) from None


def _parse_metric(text: str, others: Sequence[str] = ()) -> str:
    """Return a metric's name, or another valid word."""
    known = (*others, *judged_metrics())
    if (name := complete_name(text)) in known:
        return name
    from pytest_antipasta.messages import suggest

    raise argparse.ArgumentTypeError(f"unknown metric {text!r}; {suggest(text, known)}")


def parse_number(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number >= 1, got {text!r}")
    return int(text)


_SHARED: Mapping[str, Keywords] = {
    "-q --quiet": dict(action="store_true", help="print only the result"),
    "--config": dict(type=Path, metavar="FILE", help="read the settings from this file"),
    "--cache-dir": dict(type=Path, metavar="DIR", help="folder of the measurement store"),
    "--no-cache": dict(action="store_true", help="do not read or write the store"),
    "--debug": dict(action="store_true", help="print decisions, their reasons and timings"),
    "--log-file": dict(metavar="PATH", help="append a log of the run to this file"),
    "--log-level": dict(
        type=str.lower,
        choices=LEVELS,
        metavar="LEVEL",
        help="log level: debug, info (default), warning or error",
    ),
    "--log-format": dict(choices=FORMATS, metavar="FORMAT", help="log format: text (default) or json"),
    "--jobs": dict(type=_parse_jobs, metavar="N|auto", help="worker processes (also: PYTEST_ANTIPASTA_JOBS)"),
    "--shared-store": dict(metavar="URL", help="Redis server (also: PYTEST_ANTIPASTA_SHARED_STORE)"),
    "--exclude": dict(action="append", metavar="PATTERN", help="also exclude these files; repeatable"),
    "--stdin-filename": dict(
        type=Path, metavar="PATH", help="with -: path of the file, for settings and reports"
    ),
    "--force-exclude": dict(action="store_true", help="with -: do nothing if the path is excluded"),
    "--no-ignore": dict(action="store_true", help="check as if there were no suppression comments"),
    "--baseline": dict(type=Path, metavar="FILE", help="tolerate the violations recorded in this file"),
    "--no-baseline": dict(action="store_true", help="ignore the baseline"),
    "--policy-from": dict(metavar="REF", help="read `new_waivers` from this commit's settings"),
    "--limits-from": dict(metavar="REF", help="use the settings and the baseline of this commit"),
    "--report": dict(
        dest="reports",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help="also write a report; - for stdout; repeatable",
    ),
    "--metric": dict(
        dest="metrics",
        action="append",
        type=_parse_metric,
        metavar="NAME",
        help="use only this metric; repeatable",
    ),
    "--limit": dict(
        dest="limits",
        action="append",
        type=_parse_limit,
        metavar="METRIC=N",
        help="limit for this run, or METRIC=off; repeatable",
    ),
    "--top": dict(type=parse_number, metavar="N", help="show only the N worst"),
}
"""The options that several commands share."""
SETTINGS_OPTIONS: OptionTable = {"": {"-q --quiet": None}, RUN: {"--config": None}}
_STORE = ("--config", "--cache-dir", "--no-cache", "--debug", "--log-file", "--log-level", "--log-format")
STORE_OPTIONS: OptionTable = {"": {"-q --quiet": None}, RUN: dict.fromkeys(_STORE)}
RUN_OPTIONS: OptionTable = STORE_OPTIONS | {RUN: {**STORE_OPTIONS[RUN], "--jobs": None}}
STDIN_OPTIONS: Mapping[str, None] = {"--stdin-filename": None, "--force-exclude": None}
BASELINE_OPTIONS: Mapping[str, None] = {"--baseline": None, "--no-baseline": None}
COMMIT_OPTIONS: Mapping[str, None] = {"--policy-from": None, "--limits-from": None}


def add_command(
    commands: SubParsers, name: str, text: str, options: type[_Options], run: Callable[[_Options], int]
) -> argparse.ArgumentParser:
    """Add a command, or an action of a command, and return its parser.

    Args:
        commands: the commands, or the actions of a command.
        name: the name to type.
        text: what the command does; lists of commands show the part before the first semicolon.
        options: the class for the values of its arguments: one field for each destination.
        run: runs the command and returns the exit code.
    """
    parser = _add_parser(commands, name, text)
    parser.set_defaults(options=options, run=run)
    return parser


def add_actions(commands: SubParsers, name: str, text: str) -> SubParsers:
    """Add a command that consists of actions, and return these."""
    return _add_parser(commands, name, text).add_subparsers(dest="action", required=True)


def _add_parser(commands: SubParsers, name: str, text: str) -> argparse.ArgumentParser:
    brief = text.partition(";")[0]
    return commands.add_parser(name, help=brief, description=f"{text[0].upper()}{text[1:]}.")


def add_options(
    parser: argparse.ArgumentParser, *tables: OptionTable, exclusive: Iterable[tuple[str, ...]] = ()
) -> None:
    """Add options to a command.

    Args:
        parser: the command's parser.
        tables: the options, in the order of the help.
        exclusive: names of options that can't be used together, as those about the baseline can't.
    """
    containers: dict[str | tuple[str, ...], OptionGroup] = {"": parser}
    apart = {name: names for names in (*exclusive, tuple(BASELINE_OPTIONS)) for name in names}
    for title, options in chain.from_iterable(table.items() for table in tables):
        if title not in containers:
            containers[title] = parser.add_argument_group(title)
        for words, keywords in options.items():
            place = apart.get(words, title)
            if place not in containers:
                containers[place] = containers[title].add_mutually_exclusive_group()
            containers[place].add_argument(
                *words.split(), **(_SHARED[words] if keywords is None else keywords)
            )


def make_sort(others: Sequence[str], text: str) -> Keywords:
    """Return the keywords of ``--sort``.

    Args:
        others: sort keys besides metrics.
        text: the help of the option.
    """
    known = partial(_parse_metric, others=others)
    return dict(type=known, metavar="|".join((*others, "METRIC")), help=text)


def require_text(form: str, formats: Collection[str], top: int | None, sort: str | None) -> None:
    """Reject ranking for formats for programs, as their files are sorted by path."""
    if (top is not None or sort is not None) and form not in formats:
        *others, last = formats
        names = f"{', '.join(others)} or {last}"
        raise UsageError(
            f"--top and --sort need --format {names}; {form} output is always complete and unsorted"
        )


def require_measured(metrics: Iterable[str], command: str) -> None:
    """Reject a metric that needs coverage data, for a command without such data."""
    for metric in metrics:
        if metric in COVERAGE_METRICS:
            raise UsageError(f"{metric} needs coverage data, which `{command}` does not read")


def find_judged(settings: Settings) -> set[str]:
    """Return the metrics with a limit for any file."""
    of_some = (each.thresholds.items() for each in settings.overrides)
    return {
        *settings.thresholds,
        *(metric for items in of_some for metric, limit in items if limit is not None),
        *(metric for project in settings.projects for metric in find_judged(project)),
    }
