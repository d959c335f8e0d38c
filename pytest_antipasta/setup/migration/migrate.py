"""Find the settings of other tools, and make a table of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.extension import default_thresholds, judged_metrics
from pytest_antipasta.messages import format_json, format_path
from pytest_antipasta.model import UsageError
from pytest_antipasta.settings import (
    CACHE_KEYS,
    DEFAULT,
    Override,
    Settings,
    find_origins,
    format_short,
    load_settings,
)
from pytest_antipasta.setup.migration.conversions import Converted, convert
from pytest_antipasta.setup.migration.options import (
    IN_PYPROJECT,
    Lost,
    Option,
    Setting,
    read_arguments,
    read_pylint_file,
    read_sections,
    read_tables,
)

Read: TypeAlias = Callable[[Path], Iterator[Option]]

_read_complexipy = partial(read_tables, tables={"complexipy": ()})
_read_ruff = partial(read_tables, tables={"ruff": ()})
_read_pylint_tables = partial(read_tables, tables={"pylint": ("tool", "pylint")})
_READERS: Mapping[str, Read] = {
    ".pre-commit-config.yaml": read_arguments,
    "complexipy.toml": _read_complexipy,
    ".complexipy.toml": _read_complexipy,
    ".ruff.toml": _read_ruff,
    "ruff.toml": _read_ruff,
    "pylintrc": read_pylint_file,
    "pylintrc.toml": _read_pylint_tables,
    ".pylintrc": read_pylint_file,
    ".pylintrc.toml": _read_pylint_tables,
    "setup.cfg": read_sections,
    "pyproject.toml": partial(read_tables, tables=IN_PYPROJECT),
    "tox.ini": read_sections,
    ".flake8": read_sections,
    "radon.cfg": read_sections,
}
_ANTIPASTA = ".antipasta.yaml"
# Settings with one value, of antipasta alone.
_SINGLE = ("use_gitignore", *CACHE_KEYS.values())
# Files in order of precedence.
MIGRATED_FILES: tuple[str, ...] = (_ANTIPASTA, *_READERS)


class Migration(Struct, frozen=True):
    """Settings converted from other tools, each once, and those without a counterpart or with a conflict."""

    settings: Sequence[Setting]
    lost: Sequence[Lost]

    def iter_table(self) -> Iterator[str]:
        """Yield the lines of our table, each with its origin."""
        yield "[tool.pytest-antipasta]"
        for lost in self.lost:
            yield f"# {lost.origin}: {lost.why}"
        for name in ("paths", "languages", "exclude"):
            if items := self._select(name):
                yield f"{name} = ["
                yield from (f"    {item.text},  # {item.origin}" for item in items)
                yield "]"
        for setting in self._select(*_SINGLE):
            yield f"{setting.key} = {setting.text}  # {setting.origin}"
        yield from _iter_thresholds(self._select(*judged_metrics()))
        for setting in self._select("overrides"):
            yield from ("", "[[tool.pytest-antipasta.overrides]]")
            yield f"files = [{setting.text}]  # {setting.origin}"
            yield f"thresholds = {setting.thresholds}"

    def _select(self, *keys: str) -> list[Setting]:
        return [setting for setting in self.settings if setting.key in keys]


def _iter_thresholds(settings: Sequence[Setting]) -> Iterator[str]:
    """Yield the thresholds; metrics that no other tool judges are disabled."""
    if not settings:
        return
    yield from ("", "[tool.pytest-antipasta.thresholds]")
    for setting in settings:
        if setting.note:
            yield f"# {setting.note}"
        yield f"{setting.key} = {setting.text}  # {setting.origin}"
    named = {setting.key for setting in settings}
    for metric, default in default_thresholds().items():
        if metric not in named:
            limit = f"{default.comparison} {default.limit}"
            yield f"{metric} = false  # was not checked; without this line, the limit is {limit}"


def find_migration(paths: Iterable[Path]) -> Migration | None:
    """Read files of other tools; return ``None`` if none of them is about complexity."""
    settings: dict[tuple[str, str], Setting] = {}
    lost: list[Lost] = []
    for outcome in (outcome for path in paths if os.path.isfile(path) for outcome in _iter_outcomes(path)):
        if isinstance(outcome, Lost):
            lost.append(outcome)
            continue
        # A metric has one limit, that of the first file; lists contain each item once.
        item = "" if outcome.key in judged_metrics() else outcome.text
        first = settings.setdefault((outcome.key, item), outcome)
        if first.text != outcome.text:
            lost.append(Lost(outcome.origin, f"{outcome.key} is from {first.origin}"))
    return Migration([*settings.values()], lost) if settings or lost else None


def require_known(path: Path) -> None:
    """Check that a file can be migrated."""
    if path.name not in MIGRATED_FILES:
        raise UsageError(f"{format_path(path)}: can't be migrated; supported: {', '.join(MIGRATED_FILES)}")
    if not os.path.isfile(path):
        raise UsageError(f"{format_path(path)}: no such file")


def _iter_outcomes(path: Path) -> Iterator[Converted]:
    if path.name == _ANTIPASTA:
        return _convert_antipasta(path)
    return convert([*_READERS[path.name](path)])


def _convert_antipasta(path: Path) -> Iterator[Setting | Lost]:
    """Yield the settings of ``.antipasta.yaml``, with all thresholds; the file also works unchanged."""
    settings, notes = load_settings(path.parent, path)
    origins = find_origins(settings)
    for note in notes:
        place, _, why = note.rpartition(": ")
        yield Lost(place, why)
    for language in settings.languages:
        yield Setting("languages", format_json(language), origins.find("languages"))
    for index, override in enumerate(settings.overrides):
        yield from _convert_override(settings, override, origins.find("overrides", index))
    for index, pattern in enumerate(settings.exclude):
        yield Setting("exclude", format_json(pattern), origins.find("exclude", index))
    for name in _SINGLE:
        if (origin := origins.find(name)) != DEFAULT:
            value = getattr(settings, name)
            text = os.path.relpath(value, settings.root) if isinstance(value, Path) else value
            yield Setting(name, format_json(text), origin)
    for metric, threshold in settings.thresholds.items():
        origin = origins.find("thresholds", metric)
        yield Setting(metric, format_short(threshold), "antipasta's default" if origin == DEFAULT else origin)


def _convert_override(settings: Settings, override: Override, origin: str) -> Iterator[Setting]:
    """Yield the limits for another language's files, except those without effect there."""
    limits = [
        f"{metric} = {'false' if threshold is None else format_short(threshold)}"
        for metric, threshold in override.thresholds.items()
        if threshold is not None or metric in settings.thresholds
    ]
    if limits:
        files = ", ".join(map(format_json, override.files))
        yield Setting("overrides", files, origin, thresholds=f"{{ {', '.join(limits)} }}")
