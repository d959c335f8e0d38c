"""Apply the settings of each of several tools to its own limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TypeAlias

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.messages import list_names
from pytest_antipasta.settings.patterns import compile_patterns
from pytest_antipasta.setup.migration.converted import Converted, Lost, Setting, SourceTree

_OFF = "false"
_Group: TypeAlias = Sequence[Converted]


def is_limit(each: Converted) -> bool:
    """Return whether this is the limit of a metric."""
    return isinstance(each, Setting) and each.key in judged_metrics()


def find_limits(group: Sequence[Converted]) -> dict[str, Setting]:
    """Return the limits of a tool by metric."""
    return {each.key: each for each in group if isinstance(each, Setting) and is_limit(each)}


def confine(group: _Group, groups: Sequence[_Group], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings of one of several tools, so that they apply to its own limits.

    Args:
        group: what the tool's settings become.
        groups: what those of all tools become; of a metric that several limit, the lowest limit counts.
        tree: the source files.
    """
    off = dict.fromkeys(find_limits(group), _OFF)
    for each in group:
        if isinstance(each, Lost) or each.key == "foreign_suppressions":
            yield each
        elif is_limit(each):
            lowest = find_limits(_sort(each.key, groups)[0])[each.key]
            yield (
                each if lowest.text == each.text else Lost(each.origin, f"{each.key} is from {lowest.origin}")
            )
        elif each.key in ("exclude", "overrides"):
            yield _override(each, off if each.key == "exclude" else each.limits, group, groups, tree)
        else:
            yield Lost(each.origin, f"`{each.key} = {each.text}` would apply to the limits of all tools")


def _sort(metric: str, groups: Sequence[_Group]) -> list[_Group]:
    """Return the tools that limit a metric, the one with the lowest limit first."""
    found = [group for group in groups if metric in find_limits(group)]
    return sorted(found, key=lambda group: int(find_limits(group)[metric].text))


def _override(
    setting: Setting, limits: Mapping[str, str], group: _Group, groups: Sequence[_Group], tree: SourceTree
) -> Converted:
    """Return other limits for some files: those of the next tool that checks what this one leaves out."""
    files, own = _find_files(setting, tree), {}
    for metric, limit in limits.items():
        first, *others = _sort(metric, groups)
        if first is group:
            own[metric] = _find_next(metric, files, others, tree) if limit == _OFF else limit
    if own:
        return replace(setting, key="overrides", limits=own)
    return Lost(setting.origin, f"not converted, as another tool limits {list_names([*limits])}")


def _find_next(metric: str, files: Set[str], others: Sequence[_Group], tree: SourceTree) -> str:
    for group in others:
        if not files <= _find_left_out(metric, group, tree):
            return find_limits(group)[metric].text
    return _OFF


def _find_left_out(metric: str, group: _Group, tree: SourceTree) -> set[str]:
    """Return the files for which a tool does not check a metric, and the patterns as they are written."""
    settings = (each for each in group if isinstance(each, Setting))
    found = [each for each in settings if each.key == "exclude" or each.limits.get(metric) == _OFF]
    return {each.text for each in found}.union(*(_find_files(each, tree) for each in found))


def _find_files(setting: Setting, tree: SourceTree) -> set[str]:
    """Return the source files that the patterns of a setting match; without any, the patterns."""
    patterns = tuple(json.loads(f"[{setting.text}]"))
    return {*filter(compile_patterns(patterns), map(str, tree.paths))} or {setting.text}
