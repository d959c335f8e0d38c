"""Report formats by name (``FORMAT=PATH``), and writing reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.errors import ExtensionError, UsageError
from pytest_antipasta.extension import find_distributions
from pytest_antipasta.fileio import replace_file
from pytest_antipasta.model import Verdict

if TYPE_CHECKING:
    from pytest_antipasta.extension import ReportFormat

_STDOUT = ("-", "/dev/stdout")
# What files of other formats end in, which text would not be taken for.
_FOREIGN_ENDINGS = (".sarif", ".xml", ".html", ".htm", ".csv", ".md", ".yaml", ".yml", ".toml", ".prom")
_SOURCE_ENDINGS = (".py", ".pyi", ".pyw")


class Output(NamedTuple):
    """A report to write.

    Attributes:
        format: what makes its content, by :func:`write_format`.
        path: where it goes; ``None`` for standard output.
    """

    format: ReportFormat
    path: Path | None


def parse_output(text: str) -> Output:
    """Return what ``FORMAT=PATH`` asks for; the path is relative to the current folder.

    Raises:
        UsageError: the format is not known, there is no path, or it is a source file's.
    """
    name, _, path = text.partition("=")
    if not path:
        raise UsageError(f"expected FORMAT=PATH for a report, such as json=report.json, got {text!r}")
    location = parse_path(path)
    if location is not None:
        location = location.absolute()
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
    ending = path.suffix.lower() if path is not None else ""
    if not ending:
        return default
    formats = find_formats()
    named = next((name for name, one in formats.items() if ending in one.endings), None)
    if named is None and ending in _FOREIGN_ENDINGS:
        known = ", ".join((default, *formats))
        raise UsageError(
            f"{path}: there is no report format {ending[1:]} (known: {known}); name one with --format"
        )
    return named or default


def require_no_source(path: Path) -> None:
    """Make sure that a report replaces no source: the path may have been meant as one to check.

    Raises:
        UsageError: it is that of a source file, or leads to one.
    """
    target = Path(os.path.realpath(path))
    if target.suffix.lower() in _SOURCE_ENDINGS and target.is_file():
        raise UsageError(
            f"the report would replace the source file {path}; give it another name, such as report.json"
        )


@cache
def find_formats() -> Mapping[str, ReportFormat]:
    """Return all formats by name: ours, then those of extensions."""
    # Here, because most runs write text alone.
    from pytest_antipasta.extension import load_extensions
    from pytest_antipasta.report.our_formats import antipasta_report_formats

    foreign = load_extensions().formats if find_distributions() else ()
    return {form.name: form for form in (*antipasta_report_formats(), *(one.format for one in foreign))}


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


def write_format(form: ReportFormat, verdicts: Sequence[Verdict], run: Mapping[str, object]) -> bytes:
    """Return the content of a report.

    Args:
        form: its format.
        verdicts: in the order of their paths.
        run: what may differ between two runs over the same tree.

    Raises:
        ExtensionError: the format is one of an extension, which fails or returns no bytes.
    """
    from pytest_antipasta.extension import describe, find_owner

    owner = find_owner(form)
    if owner is None:
        return form.write(verdicts, run)
    try:
        with redirect_stdout(sys.stderr):
            content: object = form.write(verdicts, run)
    except (Exception, SystemExit) as error:
        raise ExtensionError(f"report format {form.name} of {owner} fails with {describe(error)}") from error
    if not isinstance(content, bytes):
        kind = type(content).__name__
        raise ExtensionError(f"report format {form.name} of {owner} gives {kind} in place of bytes")
    return content


def write_report(path: Path, content: bytes, noun: str = "report") -> None:
    """Write the whole report, or leave what was there.

    Args:
        path: where it goes.
        content: of the file.
        noun: what messages call it.

    Raises:
        UsageError: the file can't be written.
    """
    try:
        target = Path(os.path.realpath(path))  # a link stays, and what it leads to is written
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(content)  # a device or a pipe: there is nothing to replace
        else:
            replace_file(target, content)
    except FileExistsError as error:  # of mkdir, which means that a folder of the path is none
        raise UsageError(f"can't write the {noun} {path}: {path.parent} is no folder") from error
    except OSError as error:
        raise UsageError(f"can't write the {noun} {path}: {error.strerror}") from error
