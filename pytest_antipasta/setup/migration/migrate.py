"""Find the settings of other tools, and make a table of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds, judged_metrics
from pytest_antipasta.files.locations import path_from
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.messages import format_json, format_path, list_names
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.antipasta_yaml import CACHE_KEYS
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.origins import DEFAULT, find_origins
from pytest_antipasta.settings.toml_text import format_short
from pytest_antipasta.settings.values import Override, Settings
from pytest_antipasta.setup.migration.converted import Converted, Lost, Setting, SourceTree
from pytest_antipasta.setup.migration.linters import convert_flake8, convert_pylint, convert_ruff
from pytest_antipasta.setup.migration.measurers import convert_complexipy, convert_radon, convert_xenon
from pytest_antipasta.setup.migration.options import FILES, HOOKS, Options, merge, read_options
from pytest_antipasta.setup.migration.several import Tools, find_limits, is_limit

_Convert: TypeAlias = Callable[[Sequence[Options], SourceTree], Iterator[Converted]]
_TOOLS: Mapping[str, _Convert] = {
    "ruff": convert_ruff,
    "flake8": convert_flake8,
    "pylint": convert_pylint,
    "xenon": convert_xenon,
    "complexipy": convert_complexipy,
    "radon": convert_radon,
}
_WITH_STUBS = ("ruff", "pylint")
_LIKE_GIT = ("ruff", "complexipy")
_ANTIPASTA = ".antipasta.yaml"
MIGRATED_FILES: tuple[str, ...] = tuple(
    dict.fromkeys([_ANTIPASTA, HOOKS, *(name for names in FILES.values() for name in names)])
)
_LISTS = ("paths", "languages", "include", "exclude", "foreign_suppressions")
_OF_ANTIPASTA = ("use_gitignore", *CACHE_KEYS.values())
_SCALARS = (*_OF_ANTIPASTA, "nested_blocks")


class Migration(Struct, frozen=True):
    """Settings converted from other tools, each once, and those without a counterpart or with a conflict."""

    settings: Sequence[Setting]
    lost: Sequence[Lost]

    def iter_table(self) -> Iterator[str]:
        """Yield the lines of our table, each with its origin."""
        yield "[tool.pytest-antipasta]"
        for lost in self.lost:
            yield f"# {lost.origin}: {lost.why}"
        for name in _LISTS:
            if items := self._select(name):
                yield f"{name} = ["
                yield from (f"    {item.text},  # {item.origin}" for item in items)
                yield "]"
        for setting in self._select(*_SCALARS):
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


def find_migration(root: Path, name: str | None = None) -> Migration | None:
    """Read all files of other tools in a folder, or one; return ``None`` if none is about complexity."""
    names = MIGRATED_FILES if name is None else (name,)
    settings: dict[tuple[str, str], Setting] = {}
    lost: list[Lost] = []
    for outcome in _iter_outcomes(root, names):
        if isinstance(outcome, Lost):
            lost.append(outcome)
            continue
        # A metric has one limit; lists contain each item once.
        is_single = outcome.key in judged_metrics() or outcome.key in _SCALARS
        first = settings.setdefault(
            (outcome.key, "" if is_single else outcome.text + outcome.thresholds), outcome
        )
        if first.text != outcome.text:
            lost.append(Lost(outcome.origin, f"{outcome.key} is from {first.origin}"))
    return Migration([*settings.values()], [*dict.fromkeys(lost)]) if settings or lost else None


def name_limited(root: Path) -> Iterator[str]:
    """Yield which metrics settings of other tools in a folder limit; nothing if a file is invalid."""
    with suppress(UsageError):
        migration = find_migration(root)
        if migration and (limited := [each.key for each in filter(is_limit, migration.settings)]):
            yield f"other tools limit {list_names(limited)}; `pytest-antipasta config migrate` proposes that"


def require_known(path: Path) -> None:
    """Check that a file can be migrated."""
    if path.name not in MIGRATED_FILES:
        raise UsageError(f"{format_path(path)}: can't be migrated; supported: {', '.join(MIGRATED_FILES)}")
    if not os.path.isfile(path):
        raise UsageError(f"{format_path(path)}: no such file")


def _iter_outcomes(root: Path, names: Sequence[str]) -> Iterator[Converted]:
    if _ANTIPASTA in names and os.path.isfile(root / _ANTIPASTA):
        yield from _convert_antipasta(root / _ANTIPASTA)
    if found := {tool: layers for tool in _TOOLS if (layers := read_options(root, tool, names))}:
        yield from _convert_tools(found, _look_at(root))


def _convert_tools(found: Mapping[str, Sequence[Options]], tree: SourceTree) -> Iterator[Converted]:
    groups = {tool: [*_TOOLS[tool](layers, tree)] for tool, layers in found.items()}
    limited = [tool for tool, group in groups.items() if find_limits(group)]
    if not limited and "radon" in groups:
        limited = ["radon"]
        yield Lost("radon", "has no limits, so those of pytest-antipasta apply")
    tools = Tools([groups[tool] for tool in limited], tree)
    for tool, group in groups.items():
        if tool not in limited:
            yield from _iter_unlimited(tool, group)
            continue
        group += _iter_common(tool, found[tool], tree)
        yield from tools.confine(group) if len(limited) > 1 else group


def _iter_unlimited(tool: str, group: Sequence[Converted]) -> Iterator[Lost]:
    """Yield what is not converted of a tool without limits, if others have some."""
    lost = [each for each in group if isinstance(each, Lost)]
    yield from lost
    if tool == "radon" and len(lost) < len(group):  # the files of others are linted for more
        yield Lost(tool, "not converted, as other tools have the limits")


def _iter_common(tool: str, layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield what is converted in the same way for every tool."""
    yield from _convert_paths(tool, merge(layers), tree)
    yield from _iter_others(tool, tree)
    yield from _iter_filters(layers[0])


def _convert_paths(tool: str, options: Options, tree: SourceTree) -> Iterator[Converted]:
    paths = options.get("paths")
    if paths is None or tool == "radon":  # whose hooks limit nothing
        return
    for path in paths.split():
        if not os.path.exists(tree.root / path):
            yield Lost(f"{paths.origin}: {format_json(path)}", "no such file or folder")
        elif normpath(path) != ".":
            yield Setting("paths", format_json(path), paths.origin)


def _iter_filters(options: Options) -> Iterator[Lost]:
    for name, option in options.items():
        if name == "config":
            yield Lost(option.origin, "not converted, as it names no file")
        elif name.startswith("hook.other"):
            yield Lost(option.origin, "only the first such hook is converted")
        elif name.startswith("hook."):
            yield Lost(option.origin, "not converted, as it is no pattern but a regular expression")


def _iter_others(tool: str, tree: SourceTree) -> Iterator[Lost]:
    """Yield which files only the tool checks."""
    if ".pyi" in tree.suffixes and tool in _WITH_STUBS:
        yield Lost("*.pyi", f"{tool} also checks stubs, which seldom have anything to measure")
    if tree.has_ignored and tool not in _LIKE_GIT:
        yield Lost(".gitignore", f"{tool} also checks what git ignores, as with `use_gitignore = false`")


def _look_at(root: Path) -> SourceTree:
    settings = Settings(root=root, source=None)
    ours, stubs, whole = (
        [PurePosixPath(file.path) for file in select_files(each).files]
        for each in (settings, replace(settings, include=("*.pyi",)), replace(settings, use_gitignore=False))
    )
    return SourceTree(
        root, frozenset(whole), frozenset(path.suffix for path in (*ours, *stubs)), len(whole) > len(ours)
    )


def _convert_antipasta(path: Path) -> Iterator[Converted]:
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
    for name in _OF_ANTIPASTA:
        if (origin := origins.find(name)) != DEFAULT:
            value = getattr(settings, name)
            text = path_from(settings.root, os.fspath(value)) if isinstance(value, Path) else value
            yield Setting(name, format_json(text), origin)
    for metric, threshold in settings.thresholds.items():
        origin = origins.find("thresholds", metric)
        yield Setting(metric, format_short(threshold), "antipasta's default" if origin == DEFAULT else origin)


def _convert_override(settings: Settings, override: Override, origin: str) -> Iterator[Setting]:
    """Yield the limits for another language's files, except those without effect there."""
    limits = {
        metric: "false" if threshold is None else format_short(threshold)
        for metric, threshold in override.thresholds.items()
        if threshold is not None or metric in settings.thresholds
    }
    if limits:
        files = ", ".join(map(format_json, override.files))
        yield Setting("overrides", files, origin, limits=limits)
