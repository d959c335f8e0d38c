"""Apply the settings of each of several tools to its own limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
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


class Tools:
    """Tools that limit some of the same metrics; of a metric, the lowest limit counts."""

    def __init__(self, groups: Sequence[_Group], tree: SourceTree) -> None:
        self._groups = groups
        self._paths = [*map(str, tree.paths)]
        self._find_files = cache(self._match)
        self._find_left_out = cache(self._list_left_out)

    def confine(self, group: _Group) -> Iterator[Converted]:
        """Yield the settings of one of the tools, so that they apply to its own limits."""
        off = dict.fromkeys(find_limits(group), _OFF)
        for each in group:
            if isinstance(each, Lost) or each.key == "foreign_suppressions":
                yield each
            elif is_limit(each):
                lowest = find_limits(self._sort(each.key)[0])[each.key]
                is_lowest = lowest.text == each.text
                yield each if is_lowest else Lost(each.origin, f"{each.key} is from {lowest.origin}")
            elif each.key in ("exclude", "overrides"):
                yield self._override(each, off if each.key == "exclude" else each.limits, group)
            else:
                yield Lost(each.origin, f"`{each.key} = {each.text}` would apply to the limits of all tools")

    def _sort(self, metric: str) -> list[_Group]:
        """Return the tools that limit a metric, the one with the lowest limit first."""
        found = [group for group in self._groups if metric in find_limits(group)]
        return sorted(found, key=lambda group: int(find_limits(group)[metric].text))

    def _override(self, setting: Setting, limits: Mapping[str, str], group: _Group) -> Converted:
        """Return other limits for some files: those of the next tool that checks what this one leaves out."""
        files, own = self._find_files(setting.text), {}
        for metric, limit in limits.items():
            first, *others = self._sort(metric)
            if first is group:
                own[metric] = self._find_next(metric, files, others) if limit == _OFF else limit
        if own:
            return replace(setting, key="overrides", limits=own)
        return Lost(setting.origin, f"not converted, as another tool limits {list_names([*limits])}")

    def _find_next(self, metric: str, files: Set[str], others: Sequence[_Group]) -> str:
        for group in others:
            if not files <= self._find_left_out(metric, self._groups.index(group)):
                return find_limits(group)[metric].text
        return _OFF

    def _list_left_out(self, metric: str, tool: int) -> Set[str]:
        """Return the files for which a tool does not check a metric, and the patterns as they are written."""
        settings = (each for each in self._groups[tool] if isinstance(each, Setting))
        found = [each.text for each in settings if each.key == "exclude" or each.limits.get(metric) == _OFF]
        return {*found}.union(*map(self._find_files, found))

    def _match(self, text: str) -> Set[str]:
        """Return the source files that patterns match; without any, the patterns."""
        return {*filter(compile_patterns(tuple(json.loads(f"[{text}]"))), self._paths)} or {text}
