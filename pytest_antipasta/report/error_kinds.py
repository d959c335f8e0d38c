"""Kinds of errors: what failed, and what to do about it. ``docs/errors.md`` has the same table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple, TypeAlias

from msgspec.structs import asdict

from pytest_antipasta.metrics.other_python import may_be_newer, may_be_python_2
from pytest_antipasta.model.errors import FETCH
from pytest_antipasta.model.measured import (
    NO_CONTENT,
    NOTEBOOK,
    NULL_BYTES,
    ErrorKind,
    FileError,
    FileMetrics,
    Measurement,
    find_other_kernel,
)
from pytest_antipasta.runtime.environment import python_minor

Severity: TypeAlias = Literal["error", "warning"]
"""``error`` if the file fails, ``warning`` if it passes because of ``on_error = "warn"``."""


class ErrorFacts(NamedTuple):
    """The facts that all errors of one kind share.

    Attributes:
        tried: what failed.
        advice: what to do.
        message_has_advice: whether the message of such an error says what to do itself, in more detail.
    """

    tried: str
    advice: str
    message_has_advice: bool = False


ERROR_KINDS: Mapping[ErrorKind, ErrorFacts] = {
    "syntax": ErrorFacts(
        f"to parse it as Python {python_minor()}",
        "fix it, or exclude it",
    ),
    "encoding": ErrorFacts(
        "to decode it as Python does",
        "save the file as UTF-8 or name its encoding in the first line (PEP 263)",
        message_has_advice=True,
    ),
    "too_deep": ErrorFacts(
        f"to parse it as Python {python_minor()}",
        "split the expression or exclude the file",
        message_has_advice=True,
    ),
    "too_large": ErrorFacts(
        "to read it", "raise max_file_size_mb or exclude the file", message_has_advice=True
    ),
    "timeout": ErrorFacts(
        "to measure it in time",
        "raise file_timeout or time_budget, or exclude the file",
        message_has_advice=True,
    ),
    "memory": ErrorFacts(
        "to measure it in a separate process",
        "raise memory_limit_mb or exclude the file",
        message_has_advice=True,
    ),
    "out_of_memory": ErrorFacts(
        "to measure it in the available memory", "free memory or exclude the file", message_has_advice=True
    ),
    "missing": ErrorFacts(
        "to open it", "run again if the file was moved; if it is a broken symlink, fix or remove it"
    ),
    "unreadable": ErrorFacts("to read it", "make it readable (`chmod u+rX`), or exclude it"),
    "unmerged": ErrorFacts("to find a merged version of it", "resolve its conflicts, and `git add` it"),
    "not_fetched": ErrorFacts(
        "to read its content, which Git LFS keeps", "run `git lfs pull`", message_has_advice=True
    ),
    "not_a_file": ErrorFacts("to open it", "name only regular files and folders"),
    "no_value": ErrorFacts(
        "to check all of its limits",
        "`pytest-antipasta explain FILE` shows the line; rewrite it, exclude the file, or set the limit to "
        'level = "warning"',
    ),
    "extension": ErrorFacts("to run an installed extension", "upgrade the extension, or uninstall it"),
    "internal": ErrorFacts("to measure it", "exclude the file and report a bug", message_has_advice=True),
}

_DAMAGED_NOTEBOOK = ErrorFacts("to read it as a notebook", "fix it, or exclude the file")
_NOT_PYTHON = "not a Python file by its name: exclude it, or fix it if it is Python"


def make_status(path: str, measurement: Measurement, severity: Severity) -> dict[str, Any]:
    """Return the JSON fields that say whether a file was measured, or why not or only in part."""
    error = measurement.error
    if error is None:
        return {"status": "measured" if find_other_kernel(path, measurement) is None else "skipped"}
    is_partial = error.size is not None or measurement.metrics != FileMetrics()
    return {"status": "error", "partial": is_partial, "error": make_error(path, error, severity, measurement)}


def make_error(path: str, error: FileError, severity: Severity, measurement: Measurement) -> dict[str, Any]:
    """Return the JSON object of an error."""
    facts = _find_facts(path, error, measurement)
    record = asdict(error)
    if error.cell is None:
        del record["cell"]
    return {**record, "severity": severity, "tried": facts.tried, "advice": facts.advice}


def _find_facts(path: str, error: FileError, measurement: Measurement) -> ErrorFacts:
    facts = ERROR_KINDS[error.kind]
    if error == NO_CONTENT:
        return facts._replace(advice=FETCH)
    if error.kind != "syntax":
        return facts
    if error.message == NULL_BYTES:
        return facts._replace(advice="remove them, or exclude the file")
    if measurement.foreign is not None:
        return ErrorFacts(f"to parse it as {measurement.foreign.language}", "fix it, or exclude the file")
    suffix = PurePosixPath(path).suffix  # scripts may have none
    if suffix == NOTEBOOK and not error.cell:
        return _DAMAGED_NOTEBOOK
    is_python = not suffix or suffix == NOTEBOOK or suffix.startswith(".py")
    return facts._replace(advice=_advise_python(error, measurement) if is_python else _advise_other(path))


def _advise_python(error: FileError, measurement: Measurement) -> str:
    """Return the advice for a source that this Python can't parse."""
    exclude = "exclude it if it is Python 2" if may_be_python_2(error) else "exclude it"
    if not may_be_newer(error, measurement):
        return f"fix it, or {exclude}"
    return f"fix it, {exclude}, or run with a Python newer than {python_minor()}"


def _advise_other(path: str) -> str:
    """Return the advice for a file whose name is not that of a Python file."""
    from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES  # few such files are checked

    for name, (endings, _) in LIZARD_LANGUAGES.items():
        if path.endswith(endings):
            enabled = f'`languages = ["{name}"]` in the settings'
            return f"exclude it, or install `pytest-antipasta[lizard]` and write {enabled}"
    return _NOT_PYTHON


def iter_error_facts(path: str, error: FileError, measurement: Measurement) -> Iterator[str]:
    """Yield the facts about an error that follow its first line."""
    facts = _find_facts(path, error, measurement)
    if not facts.message_has_advice:
        yield f"    {facts.advice}"
