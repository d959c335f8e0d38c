"""Options that several commands share, and the values that commands get."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from msgspec import Struct

from pytest_antipasta.cli.parser import LIMITS, RUN, OptionGroup, find_group
from pytest_antipasta.cli.recording import RecordingOptions
from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.logs import FORMATS, LEVELS
from pytest_antipasta.model import COVERAGE_METRICS, UsageError

if TYPE_CHECKING:
    from pytest_antipasta.settings import Settings

_Options = TypeVar("_Options", bound=Struct)


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


def parse(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> tuple[Callable[[], int], RecordingOptions]:
    """Return a function that runs the requested command, and the options of its log and profile.

    This is the only place where a command's options are made from arguments.
    """
    found = vars(parser.parse_args(words))
    recorded = [name for name in RecordingOptions.__struct_fields__ if name in found]
    recording = RecordingOptions(**{name: found[name] for name in recorded})
    return partial(found["run"], _make_options(found["options"], found)), recording


def _make_options(kind: type[_Options], found: Mapping[str, Any]) -> _Options:
    """Return a value whose fields are the parsed arguments with the same names."""
    names = kind.__struct_fields__
    return kind(
        **{name: _make_options(_PARTS[name], found) if name in _PARTS else found[name] for name in names}
    )


def _parse_jobs(text: str) -> int | str:
    from pytest_antipasta.engine.executor import parse_jobs

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
    if text in known:
        return text
    from pytest_antipasta.messages import suggest

    raise argparse.ArgumentTypeError(f"unknown metric {text!r}; {suggest(text, known)}")


def parse_number(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number >= 1, got {text!r}")
    return int(text)


# The options that several commands have in the same words.
_SHARED: Mapping[str, Mapping[str, Any]] = {
    "--cache-dir": {"type": Path, "metavar": "DIR", "help": "folder of the measurement store"},
    "--no-cache": {"action": "store_true", "help": "do not read or write the store"},
    "--debug": {"action": "store_true", "help": "print decisions, their reasons and timings"},
    "--log-file": {"metavar": "PATH", "help": "append a log of the run to this file"},
    "--log-level": {
        "type": str.lower,
        "choices": LEVELS,
        "metavar": "LEVEL",
        "help": "log level: debug, info (default), warning or error",
    },
    "--log-format": {"choices": FORMATS, "metavar": "FORMAT", "help": "log format: text (default) or json"},
    "--jobs": {
        "type": _parse_jobs,
        "metavar": "N|auto",
        "help": "worker processes (also: PYTEST_ANTIPASTA_JOBS)",
    },
    "--profile": {
        "type": Path,
        "metavar": "PATH",
        "help": "write a profile: .html, .speedscope.json or pstats",
    },
    "--shared-store": {"metavar": "URL", "help": "Redis server (also: PYTEST_ANTIPASTA_SHARED_STORE)"},
    "--exclude": {"action": "append", "metavar": "PATTERN", "help": "also exclude these files; repeatable"},
    "--stdin-filename": {
        "type": Path,
        "metavar": "PATH",
        "help": "with -: path of the file, for settings and reports",
    },
    "--force-exclude": {"action": "store_true", "help": "with -: do nothing if the path is excluded"},
    "--no-ignore": {"action": "store_true", "help": "check as if there were no suppression comments"},
    "--baseline": {"type": Path, "metavar": "FILE", "help": "tolerate the violations recorded in this file"},
    "--no-baseline": {"action": "store_true", "help": "ignore the baseline"},
    "--policy-from": {"metavar": "REF", "help": "read `new_waivers` from this commit's settings"},
    "--limits-from": {"metavar": "REF", "help": "use the settings and the baseline of this commit"},
    "--report": {
        "dest": "reports",
        "action": "append",
        "default": [],
        "metavar": "FORMAT=PATH",
        "help": "also write a report; - for stdout; repeatable",
    },
    "--metric": {
        "dest": "metrics",
        "action": "append",
        "type": _parse_metric,
        "metavar": "NAME",
        "help": "use only this metric; repeatable",
    },
    "--limit": {
        "dest": "limits",
        "action": "append",
        "type": _parse_limit,
        "metavar": "METRIC=N",
        "help": "limit for this run, or METRIC=off; repeatable",
    },
}


def add_shared(container: OptionGroup, *names: str, **changes: str) -> None:
    """Add options that several commands have; ``changes`` replace keywords of ``add_argument``."""
    for name in names:
        container.add_argument(name, **{**_SHARED[name], **changes})


def add_settings_options(
    parser: argparse.ArgumentParser, config_help: str = "read the settings from this file"
) -> None:
    """Add the options of commands that read settings."""
    parser.add_argument("-q", "--quiet", action="store_true", help="print only the result")
    find_group(parser, RUN).add_argument("--config", type=Path, metavar="FILE", help=config_help)


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that read settings or the store."""
    add_settings_options(parser)
    names = ("--cache-dir", "--no-cache", "--debug", "--log-file", "--log-level", "--log-format")
    add_shared(find_group(parser, RUN), *names)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that go over files."""
    add_store_options(parser)
    add_shared(find_group(parser, RUN), "--jobs", "--profile")


def add_baseline_options(parser: argparse.ArgumentParser) -> None:
    """Add the baseline options of commands that judge."""
    group = find_group(parser, LIMITS).add_mutually_exclusive_group()
    add_shared(group, "--baseline", "--no-baseline")


def add_ranking_options(parser: argparse.ArgumentParser, others: Sequence[str], metrics: str) -> OptionGroup:
    """Add ``--top`` and ``--sort``, and return the group for options that exclude ``--top``.

    ``others`` are further sort keys besides metrics; ``metrics`` describes sorting by a metric.
    """
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--top", type=parse_number, metavar="N", help="show only the N worst")
    sort, values = partial(_parse_metric, others=others), "|".join((*others, "METRIC"))
    parser.add_argument("--sort", type=sort, metavar=values, help=metrics)
    return group


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
