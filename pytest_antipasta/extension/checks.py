"""Check the values that an extension returns; invalid ones raise ``ExtensionError``."""

from __future__ import annotations

import re
from typing import get_args

from pytest_antipasta.extension.contract import Language, Metric
from pytest_antipasta.model.errors import ExtensionError
from pytest_antipasta.model.formats import RESERVED, Need, ReportFormat
from pytest_antipasta.model.measured import Number, is_finite

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_FORMAT = re.compile(r"[a-z][a-z0-9-]*")
_ENDING = re.compile(r"\.[a-z0-9.]+")
_SOURCE_ENDING = re.compile(r"\.[A-Za-z0-9_.+-]+")
_NEEDS = set(get_args(Need))
_OF_PYTHON = (".py", ".pyi", ".pyw", ".ipynb")


def check_metric(metric: Metric) -> None:
    """Check that a metric is valid."""
    what = f"metric {metric.name!r}"
    _check_identity(what, metric)
    _require(metric.scope in ("block", "file"), f'{what}: scope must be "block" or "file"')
    _require(metric.measure is None or callable(metric.measure), f"{what}: measure is not a function")
    _require(metric.explain is None or callable(metric.explain), f"{what}: explain is not a function")
    is_limit = metric.limit is None or (is_finite(metric.limit) and metric.limit >= 0)
    _require(is_limit, f"{what}: limit is not a finite number >= 0")
    _require(isinstance(metric.unit, str), f"{what}: unit is not a string")


def _check_identity(what: str, given: Metric | Language) -> None:
    _require(
        isinstance(given.name, str) and _NAME.fullmatch(given.name),
        (f"{what}: name must contain only a-z, 0-9 and _"),
    )
    _require(isinstance(given.version, str) and given.version, f"{what}: version is not a string")


def check_language(language: Language) -> None:
    """Check that a language is valid."""
    what = f"language {language.name!r}"
    _check_identity(what, language)
    _require(callable(language.measure), f"{what}: measure is not a function")
    _require(isinstance(language.comment, str), f"{what}: comment is not a string")
    is_fine = isinstance(language.endings, tuple) and all(map(_SOURCE_ENDING.fullmatch, language.endings))
    _require(is_fine and language.endings, f'{what}: endings must be a tuple of strings such as ".sql"')
    for ending in language.endings:
        _require(not ending.endswith(_OF_PYTHON), f"{what}: {ending} is reserved for pytest-antipasta")


def check_format(form: ReportFormat) -> None:
    """Check that a report format is valid, and uses no built-in name."""
    what = f"report format {form.name!r}"
    _require(
        isinstance(form.name, str) and _FORMAT.fullmatch(form.name),
        (f"{what}: name must contain only a-z, 0-9 and -"),
    )
    _require(callable(form.write), f"{what}: write is not a function")
    is_fine = isinstance(form.endings, tuple) and all(map(_ENDING.fullmatch, form.endings))
    _require(is_fine, f'{what}: endings must be a tuple of strings such as ".tsv"')
    _require(isinstance(form.is_appended, bool), f"{what}: is_appended is not a bool")
    is_known = isinstance(form.needs, tuple) and set(form.needs) <= _NEEDS
    _require(is_known, f"{what}: needs must be a tuple of {', '.join(sorted(_NEEDS))}")
    for name in list_names(form):
        _require(name not in RESERVED, f"{what}: {name} is reserved for pytest-antipasta")


def _require(condition: object, message: str) -> None:
    if not condition:
        raise ExtensionError(message)


def require_number(value: object, where: str = "") -> Number:
    """Return a finite number unchanged.

    Raises:
        ValueError: the value is not a finite number.
    """
    if not is_finite(value):
        is_huge = type(value) is int
        what = repr(value) if isinstance(value, float) else f"{'huge ' * is_huge}{type(value).__name__}"
        raise ValueError(f"expected a finite number, got {what}{where}")
    return value


def list_names(form: ReportFormat) -> tuple[str, ...]:
    """Return the names of a format, which must be unique."""
    return (form.name, *form.endings)
