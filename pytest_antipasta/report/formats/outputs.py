"""Parse reports given as ``FORMAT=PATH``, and write them in their formats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.extension.installed import load_extensions
from pytest_antipasta.messages import suggest
from pytest_antipasta.model.errors import ExtensionError, UsageError
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.formats import TEXT, Need, ReportFormat, antipasta_report_formats
from pytest_antipasta.report.inputs import require_no_input
from pytest_antipasta.report.writing import append_report, write_parts

_STDOUT = ("-", "/dev/stdout")
# Suffixes of files that must not contain text; XML belongs to several formats.
_FOREIGN_ENDINGS = (".xml", ".htm", ".yaml", ".yml", ".toml")


class Output(NamedTuple):
    """A report to write.

    Attributes:
        format: the format, for :func:`write_format`.
        path: path to write; ``None`` for standard output.
    """

    format: ReportFormat
    path: Path | None


def parse_outputs(texts: Iterable[str], folder: Path = Path()) -> list[Output]:
    """Return the reports of several ``FORMAT=PATH``; paths are relative to a folder.

    Raises:
        UsageError: a format is unknown, a path is missing or has what a run reads, or two reports have the
            same path.
    """
    outputs = [_parse_output(text, folder) for text in texts]
    require_apart(outputs)
    return outputs


def require_apart(outputs: Sequence[Output]) -> None:
    """Check that no report overwrites another one, or is mixed with it.

    Raises:
        UsageError: two reports have the same destination.
    """
    paths = [output.path and output.path.absolute() for output in outputs]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"only one report can go to {path or 'standard output'}; name a file for each")


def _parse_output(text: str, folder: Path) -> Output:
    name, _, path = text.partition("=")
    if not path:
        example = f"{name}=report.{name}" if name in find_formats() else "json=report.json"
        form, _, place = name.partition(":")  # as other programs have it
        if place and form in find_formats():
            example = f"{form}={place}"
        elif (fitting := _find_by_suffix(Path(name))) is not None:
            example = f"{fitting}={name}"
        raise UsageError(f"expected FORMAT=PATH for a report, such as {example}, got {text!r}")
    location = parse_path(path)
    if location is not None:
        location = (folder / location).absolute()
        require_no_input(location)
    return Output(look_up_format(name), location)


def find_needs(outputs: Iterable[Output]) -> frozenset[Need]:
    """Return the parts of a report that some of its formats show."""
    return frozenset(chain.from_iterable(output.format.needs for output in outputs))


def parse_path(text: str) -> Path | None:
    """Return the path of a report; ``None`` for standard output."""
    return None if text in _STDOUT else Path(text)


def parse_output_path(text: str) -> Path | None:
    """Return the path of the output; ``None`` for standard output.

    Raises:
        UsageError: a format stands before the path.
    """
    name, _, path = text.partition("=")
    if path and name in (TEXT, *find_formats()):
        raise UsageError(f"--output takes a path without a format, such as {path}, got {text!r}")
    return parse_path(text)


def choose_format(path: Path | None, default: str) -> str:
    """Return the format for the suffix of a file: a ``report.json`` must not contain text.

    Raises:
        UsageError: the suffix belongs to an unknown format.
    """
    if path is None or not path.suffix:
        return default
    if (fitting := _find_by_suffix(path)) is not None:
        return fitting
    ending = path.suffix.lower()
    if ending in _FOREIGN_ENDINGS:
        known = ", ".join((default, *find_formats()))
        raise UsageError(
            f"{path}: unknown report format {ending[1:]} (known: {known}); choose one with --format"
        )
    return default


def _find_by_suffix(path: Path) -> str | None:
    """Return the name of the format that has the suffix of a file, the longest one; ``None`` for none."""
    forms = ((ending, form.name) for form in find_formats().values() for ending in form.endings)
    fitting = [(len(ending), name) for ending, name in forms if path.name.lower().endswith(ending)]
    return max(fitting)[1] if fitting else None


@cache
def find_formats() -> Mapping[str, ReportFormat]:
    """Return all formats by name: built-in ones, then those of extensions."""
    formats = (*antipasta_report_formats(), *(form for _, form in load_extensions().formats))
    return {form.name: form for form in formats}


def look_up_format(name: str) -> ReportFormat:
    """Return a format by its name.

    Raises:
        UsageError: the format is unknown.
    """
    formats = find_formats()
    if name not in formats:
        why = "".join(f"; {fault}" for fault in load_extensions().faults.values())
        raise UsageError(f'unknown report format "{name}"; {suggest(name, formats)}{why}')
    return formats[name]


def write_reports(
    outputs: Iterable[Output], report: Report, write_stdout: Callable[[bytes], None]
) -> Iterator[UsageError | ExtensionError]:
    """Write a report in several formats, and yield errors; the others are still written."""
    for output in outputs:
        try:
            _write_output(output, report, write_stdout)
        except (UsageError, ExtensionError) as error:
            yield error


def _write_output(output: Output, report: Report, write_stdout: Callable[[bytes], None]) -> None:
    if output.path is not None and output.format.name == "json":  # JSON has verdicts on all files
        from pytest_antipasta.report.records import iter_verdicts

        write_parts(output.path, iter_verdicts(report))
        return
    content = write_format(output.format, report)
    if output.path is None:
        write_stdout(content)
    elif output.format.is_appended:
        append_report(output.path, content)
    else:
        write_parts(output.path, [content])


def write_format(form: ReportFormat, report: Report) -> bytes:
    """Return a report in a format.

    Raises:
        ExtensionError: a format of an extension fails or does not return bytes.
        KeyboardInterrupt: the user interrupts; the message names a format of an extension.
    """
    owner = next((owner for owner, given in load_extensions().formats if given is form), None)
    if owner is None:
        return form.write(report)
    from pytest_antipasta.extension.containment import contained
    from pytest_antipasta.extension.loading import describe

    try:
        with contained(), redirect_stdout(sys.stderr):
            content: object = form.write(report)
    except KeyboardInterrupt as interrupt:
        interrupt.args = (f"in the report format {form.name} of {owner}",)
        raise
    except BaseException as error:
        raise ExtensionError(f"report format {form.name} of {owner} failed with {describe(error)}") from error
    if not isinstance(content, bytes):
        kind = type(content).__name__
        raise ExtensionError(f"report format {form.name} of {owner} returned {kind} instead of bytes")
    return content
