"""Report formats by name (``FORMAT=PATH``), and reports by their formats."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.extension import find_distributions
from pytest_antipasta.model import ExtensionError, Report, UsageError
from pytest_antipasta.report.writing import append_report, write_parts, write_report
from pytest_antipasta.runtime import is_source, trusted_first

if TYPE_CHECKING:
    from pytest_antipasta.extension import ReportFormat

_STDOUT = ("-", "/dev/stdout")
# What files of other formats end in, which text would not be taken for; XML is of many.
_FOREIGN_ENDINGS = (".sarif", ".xml", ".html", ".htm", ".csv", ".md", ".yaml", ".yml", ".toml")


class Output(NamedTuple):
    """A report to write.

    Attributes:
        format: what makes its content, by :func:`write_format`.
        path: where it goes; ``None`` for standard output.
    """

    format: ReportFormat
    path: Path | None


def parse_outputs(texts: Iterable[str], folder: Path = Path()) -> list[Output]:
    """Return what several ``FORMAT=PATH`` ask for; the paths are relative to a folder, here the current one.

    Raises:
        UsageError: a format is not known, there is no path, it is a source file's, or two reports have it.
    """
    outputs = [_parse_output(text, folder) for text in texts]
    require_apart(outputs)
    return outputs


def require_apart(outputs: Sequence[Output]) -> None:
    """Make sure that no report gets into another one, or replaces it.

    Raises:
        UsageError: two of them go to the same place.
    """
    paths = [output.path and output.path.absolute() for output in outputs]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"only one report can go to {path or 'standard output'}; name a file for each")


def _parse_output(text: str, folder: Path) -> Output:
    name, _, path = text.partition("=")
    if not path:
        example = f"{name}=report.{name}" if name.isalpha() else "json=report.json"
        raise UsageError(f"expected FORMAT=PATH for a report, such as {example}, got {text!r}")
    location = parse_path(path)
    if location is not None:
        location = (folder / location).absolute()
        require_no_source(location)
    return Output(find_format(name), location)


def parse_path(text: str) -> Path | None:
    """Return where a report goes; ``None`` for standard output."""
    return None if text in _STDOUT else Path(text)


def choose_format(path: Path | None, default: str) -> str:
    """Return the format that a file is named after: a ``report.json`` should not hold text.

    Raises:
        UsageError: it is named after one that there is not.
    """
    if path is None or not path.suffix:
        return default
    file_name, formats = path.name.lower(), find_formats()
    fitting = [
        (len(ending), form.name)
        for form in formats.values()
        for ending in form.endings
        if file_name.endswith(ending)
    ]
    if fitting:
        return max(fitting)[1]  # .sarif.json goes before .json
    ending = path.suffix.lower()
    if ending in _FOREIGN_ENDINGS:
        known = ", ".join((default, *formats))
        raise UsageError(
            f"{path}: unknown report format {ending[1:]} (known: {known}); choose one with --format"
        )
    return default


def require_no_source(path: Path) -> None:
    """Make sure that a report replaces no source: the path may have been meant as one to check.

    Raises:
        UsageError: it is that of a source file, or leads to one.
    """
    if is_source(path) or _is_of_language(path):
        raise UsageError(
            f"the report would overwrite the source file {path}; name another file, such as report.json"
        )


def _is_of_language(path: Path) -> bool:
    """Whether there is a file of a language that an extension measures."""
    target = Path(os.path.realpath(path))
    if not target.is_file() or not find_distributions():
        return False
    # Here, because hardly anybody has an extension.
    from pytest_antipasta.extension import load_extensions

    endings = {ending for one in load_extensions().languages for ending in one.language.endings}
    of_reports = {ending for form in find_formats().values() for ending in form.endings}
    return target.name.endswith(tuple(endings - of_reports))


@cache
def find_formats() -> Mapping[str, ReportFormat]:
    """Return all formats by name: ours, then those of extensions."""
    # Here, because most runs write text alone.
    from pytest_antipasta.report.formats.built_in import antipasta_report_formats

    formats = antipasta_report_formats()
    if find_distributions():
        from pytest_antipasta.extension import load_extensions  # because hardly anybody has an extension

        formats += [one.format for one in load_extensions().formats]
    return {form.name: form for form in formats}


def find_format(name: str) -> ReportFormat:
    """Return a format by its name.

    Raises:
        UsageError: there is no such format.
    """
    formats = find_formats()
    if name not in formats:
        from pytest_antipasta.messages import suggest  # here, because hardly anybody needs it

        raise UsageError(f'unknown report format "{name}"; {suggest(name, formats)}')
    return formats[name]


def write_reports(
    outputs: Iterable[Output], report: Report, write_stdout: Callable[[bytes], None]
) -> Iterator[UsageError | ExtensionError]:
    """Write reports, and yield what is wrong with one of them, which costs no other.

    Args:
        outputs: what to write, and where.
        report: what they say.
        write_stdout: writes one to standard output.
    """
    for output in outputs:
        try:
            _write_output(output, report, write_stdout)
        except (UsageError, ExtensionError) as error:
            yield error


def _write_output(output: Output, report: Report, write_stdout: Callable[[bytes], None]) -> None:
    if output.path is not None and output.format.name == "json":  # which tells of all files
        # Here, because most runs write text alone.
        with trusted_first():
            from pytest_antipasta.report.records import iter_verdicts

        write_parts(output.path, iter_verdicts(report), "report")
        return
    content = write_format(output.format, report)
    if output.path is None:
        write_stdout(content)
    elif output.format.is_appended:
        append_report(output.path, content)
    else:
        write_report(output.path, content)


def write_format(form: ReportFormat, report: Report) -> bytes:
    """Return the content of a report.

    Args:
        form: its format.
        report: what it says.

    Raises:
        ExtensionError: the format is one of an extension, which fails or returns no bytes.
        KeyboardInterrupt: the user has had enough; of an extension's format the message says so.
    """
    if not find_distributions():
        return form.write(report)
    from pytest_antipasta.extension import contained, describe, find_owner

    owner = find_owner(form)
    if owner is None:
        return form.write(report)
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
