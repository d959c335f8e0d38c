"""The options that several commands have, and the values that are typed for them."""

import argparse
import math
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.cli.command import FILES, LIMITS, REPORTS, RUN, Annotated, Operand, Option
from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.logs.options import FORMATS, LEVELS
from pytest_antipasta.messages import suggest
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.registry import COVERAGE_METRICS, SHORT_NAMES, complete_name


def _parse_jobs(text: str) -> int | str:
    from pytest_antipasta.engine.executor.worker_count import parse_jobs

    try:
        return parse_jobs(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _make_list_error(text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected one metric, got {text!r}; repeat the option for others")


def _parse_only_metric(text: str) -> str:
    if "," in text:
        raise _make_list_error(text)
    return parse_metric(text)


def _parse_limit(text: str) -> tuple[str, object]:
    if "=" in text.partition(",")[2]:
        raise _make_list_error(text)
    name, is_given, value = map(str.strip, text.partition("="))
    has_operator = name.endswith(("<", ">", "!")) or value.startswith("=")
    if not is_given or has_operator:
        hint = "; set comparisons in the settings" if has_operator else ""
        raise argparse.ArgumentTypeError(f"expected METRIC=N, such as cyclomatic=10, got {text!r}{hint}")
    metric = parse_metric(name)
    if value == "off":
        return metric, False
    try:
        limit: float = int(value) if value.isdecimal() else float(value)
    except ValueError:
        limit = -1
    if 0 <= limit < math.inf:
        return metric, limit
    raise argparse.ArgumentTypeError(f"expected a number >= 0 or off after {metric}=, got {value!r}")


def parse_metric(text: str, others: Sequence[str] = ()) -> str:
    """Return a metric's name, or another valid word."""
    known = (*others, *judged_metrics())
    if (name := complete_name(text)) in known:
        return name
    raise argparse.ArgumentTypeError(f"unknown metric {text!r}; {suggest(text, known, SHORT_NAMES)}")


def parse_number(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number >= 1, got {text!r}")
    return int(text)


Top: TypeAlias = Annotated[
    int | None, Option("show only the N worst", "N", parse=parse_number, exclusive="top")
]
TextOrJson: TypeAlias = Annotated[Literal["text", "json"], Option("output format")]
Metrics: TypeAlias = Annotated[
    Sequence[str] | None,
    Option("use only this metric; repeatable", "NAME", LIMITS, parse=_parse_only_metric, name="--metric"),
]
LimitsOption: TypeAlias = Annotated[
    Sequence[tuple[str, object]] | None,
    Option(
        "limit for this run, or METRIC=off; repeatable",
        "METRIC=N",
        LIMITS,
        parse=_parse_limit,
        name="--limit",
    ),
]
Reports: TypeAlias = Annotated[
    Sequence[str],
    Option("also write a report; - for stdout; repeatable", "FORMAT=PATH", REPORTS, name="--report"),
]
SharedStoreOption: TypeAlias = Annotated[
    str | None, Option("Redis server (also: PYTEST_ANTIPASTA_SHARED_STORE)", "URL", RUN)
]
PolicyFrom: TypeAlias = Annotated[str | None, Option("read `new_waivers` from this commit's settings", "REF")]
LimitsFrom: TypeAlias = Annotated[
    str | None, Option("use the settings and the baseline of this commit", "REF")
]


class SettingsOptions(Struct, frozen=True):
    """The options of commands that read settings."""

    quiet: Annotated[bool, Option("print only the result", name="-q --quiet")] = False
    config: Annotated[Path | None, Option("read the settings from this file", "FILE", RUN)] = None


class StoreOptions(SettingsOptions, frozen=True):
    """The options of commands that read settings or the store."""

    cache_dir: Annotated[
        str | None, Option("folder of the measurement store (also: PYTEST_ANTIPASTA_CACHE_DIR)", "DIR", RUN)
    ] = None
    no_cache: Annotated[bool, Option("do not read or write the store", group=RUN)] = False
    debug: Annotated[bool, Option("print decisions, their reasons and timings", group=RUN)] = False
    log_file: Annotated[str | None, Option("append a log of the run to this file", "PATH", RUN)] = None
    log_level: Annotated[
        str | None,
        Option(
            "log level: debug, info (default), warning or error",
            "LEVEL",
            RUN,
            parse=str.lower,
            choices=LEVELS,
        ),
    ] = None
    log_format: Annotated[
        str | None, Option("log format: text (default) or json", "FORMAT", RUN, choices=FORMATS)
    ] = None


class RunOptions(StoreOptions, frozen=True):
    """The options of commands that go over files."""

    jobs: Annotated[
        int | Literal["auto"] | None,
        Option("worker processes (also: PYTEST_ANTIPASTA_JOBS)", "N|auto", RUN, parse=_parse_jobs),
    ] = None


class FileOptions(RunOptions, frozen=True):
    """The options of commands over files that are named, or over standard input."""

    paths: Annotated[
        Sequence[str], Operand("files and folders, or - for stdin (default: all)", "PATH", "*")
    ] = ()
    exclude: Annotated[
        Sequence[str] | None, Option("also exclude these files; repeatable", "PATTERN", FILES)
    ] = None
    stdin_filename: Annotated[
        Path | None, Option("with -: path of the file, for settings and reports", "PATH", FILES)
    ] = None
    force_exclude: Annotated[bool, Option("with -: do nothing if the path is excluded", group=FILES)] = False
    shared_store: SharedStoreOption = None


class JudgingOptions(Struct, frozen=True):
    """The options about the baseline and suppression comments."""

    baseline: Annotated[
        Path | None,
        Option("tolerate the violations recorded in this file", "FILE", LIMITS, exclusive="baseline"),
    ] = None
    no_baseline: Annotated[bool, Option("ignore the baseline", group=LIMITS, exclusive="baseline")] = False
    no_ignore: Annotated[
        bool, Option("check as if there were no suppression comments", group=LIMITS, exclusive="suppressions")
    ] = False


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
            raise UsageError(
                f"{metric} needs coverage data, which `{command}` does not read; `check --coverage PATH` does"
            )
