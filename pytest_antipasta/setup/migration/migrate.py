"""Finding the settings of other tools, and putting together what they become."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.messages import format_path
from pytest_antipasta.model import JUDGED_METRICS
from pytest_antipasta.settings import DEFAULT_THRESHOLDS
from pytest_antipasta.setup.migration.antipasta import convert_antipasta
from pytest_antipasta.setup.migration.conversions import Converted, convert, settle
from pytest_antipasta.setup.migration.options import read_hooks, read_own_toml, read_pyproject, read_sections
from pytest_antipasta.setup.migration.values import Lost, Option, Setting

Read: TypeAlias = Callable[[Path], Iterator[Option]]

_READERS: Mapping[str, Read] = {
    ".pre-commit-config.yaml": read_hooks,
    "complexipy.toml": partial(read_own_toml, tool="complexipy"),
    ".complexipy.toml": partial(read_own_toml, tool="complexipy"),
    ".ruff.toml": partial(read_own_toml, tool="ruff"),
    "ruff.toml": partial(read_own_toml, tool="ruff"),
    "setup.cfg": read_sections,
    "pyproject.toml": read_pyproject,
    "tox.ini": read_sections,
    ".flake8": read_sections,
    "radon.cfg": read_sections,
}
_ANTIPASTA = ".antipasta.yaml"
# In the order in which they count where two say different things.
FILES: tuple[str, ...] = (_ANTIPASTA, *_READERS)


class Migration(Struct, frozen=True):
    """What became of other tools' settings.

    Attributes:
        settings: in the order in which they were found, none twice.
        lost: what has no counterpart, or says what another tool says differently.
    """

    settings: Sequence[Setting]
    lost: Sequence[Lost]


def find_migration(paths: Iterable[Path]) -> Migration | None:
    """Read files of other tools; ``None`` where they say nothing about complexity.

    Args:
        paths: of files with names in ``FILES``; those that are not there are passed over.

    Raises:
        UsageError: a file can't be read.
    """
    settings: list[Setting] = []
    lost: list[Lost] = []
    for path in paths:
        if os.path.isfile(path):
            _sort(_iter_outcomes(path), settings, lost)
    return Migration(settings, lost) if settings or lost else None


def require_known(path: Path) -> None:
    """Make sure that a file is one that can be migrated.

    Raises:
        UsageError: it is not there, or of no tool that is known.
    """
    if path.name not in FILES:
        raise UsageError(f"{format_path(path)}: can't be migrated; known are {', '.join(FILES)}")
    if not os.path.isfile(path):
        raise UsageError(f"{format_path(path)}: no such file")


def _iter_outcomes(path: Path) -> Iterator[Converted]:
    if path.name == _ANTIPASTA:
        yield from convert_antipasta(path)
    else:
        for option in settle(list(_READERS[path.name](path))):
            yield from convert(option)


def _sort(outcomes: Iterable[Converted], settings: list[Setting], lost: list[Lost]) -> None:
    """Add what a file says to what is known; what was said before counts."""
    known = {setting.key: setting for setting in settings}
    for outcome in outcomes:
        if isinstance(outcome, Lost):
            lost.append(outcome)
        elif outcome.key not in JUDGED_METRICS:
            if all((outcome.key, outcome.text) != (each.key, each.text) for each in settings):
                settings.append(outcome)
        elif outcome.key not in known:
            known[outcome.key] = outcome
            settings.append(outcome)
        elif known[outcome.key].text != outcome.text:
            lost.append(Lost(outcome.origin, f"{outcome.key} is taken from {known[outcome.key].origin}"))


def iter_migrated(migration: Migration) -> Iterator[str]:
    """Yield the lines of the table, each with its origin."""
    yield "[tool.pytest-antipasta]"
    for lost in migration.lost:
        yield f"# {lost.origin}: {lost.why}"
    for name in ("paths", "exclude"):
        yield from _iter_list(name, _select(migration, name))
    for setting in _select(migration, "use_gitignore"):
        yield f"use_gitignore = {setting.text}  # {setting.origin}"
    yield from _iter_thresholds(_select(migration, *JUDGED_METRICS))
    for setting in _select(migration, "overrides"):
        yield from ("", "[[tool.pytest-antipasta.overrides]]")
        yield f"files = [{setting.text}]  # {setting.origin}"
        yield "thresholds = { cyclomatic_complexity = false }"


def _select(migration: Migration, *keys: str) -> list[Setting]:
    return [setting for setting in migration.settings if setting.key in keys]


def _iter_list(name: str, items: Sequence[Setting]) -> Iterator[str]:
    if items:
        yield f"{name} = ["
        for item in items:
            yield f"    {item.text},  # {item.origin}"
        yield "]"


def _iter_thresholds(settings: Sequence[Setting]) -> Iterator[str]:
    """Yield the thresholds; what was not judged until now is switched off."""
    if not settings:
        return
    yield from ("", "[tool.pytest-antipasta.thresholds]")
    for setting in settings:
        yield f"{setting.key} = {setting.text}  # {setting.origin}"
    named = {setting.key for setting in settings}
    for metric, default in DEFAULT_THRESHOLDS.items():
        if metric not in named:
            limit = f"{default.comparison} {default.limit}"
            yield f"{metric} = false  # was not judged; without this line it is, {limit}"
