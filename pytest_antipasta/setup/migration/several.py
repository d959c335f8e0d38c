"""Apply the settings of each of several tools to its own limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.messages import list_names
from pytest_antipasta.settings.patterns import compile_patterns
from pytest_antipasta.setup.migration.converted import Converted, Lost, Setting, SourceTree

_OFF = "false"


def is_limit(each: Converted) -> bool:
    """Return whether this is the limit of a metric."""
    return isinstance(each, Setting) and each.key in judged_metrics()


def find_limits(group: Sequence[Converted]) -> dict[str, str]:
    """Return the metrics that a tool limits, with the limits."""
    return {each.key: each.text for each in group if isinstance(each, Setting) and is_limit(each)}


def confine(
    group: Sequence[Converted], taken: Set[str], others: Sequence[Sequence[Converted]], tree: SourceTree
) -> Iterator[Converted]:
    """Yield the settings of one of several tools, so that they apply to its own limits.

    Args:
        group: what the tool's settings become.
        taken: the metrics that an earlier tool limits.
        others: what the settings of the later tools become.
        tree: the source files.
    """
    off = dict.fromkeys(find_limits(group), _OFF)
    for each in group:
        if isinstance(each, Lost) or is_limit(each) or each.key == "foreign_suppressions":
            yield each
        elif each.key in ("exclude", "overrides"):
            limits = off if each.key == "exclude" else each.limits
            own = {metric: limit for metric, limit in limits.items() if metric not in taken}
            yield _override(each, own, others, tree) if own else _lose(each, limits)
        else:
            yield Lost(each.origin, f"`{each.key} = {each.text}` would apply to the limits of all tools")


def _lose(setting: Setting, limits: Mapping[str, str]) -> Lost:
    return Lost(setting.origin, f"not converted, as another tool limits {list_names([*limits])}")


def _override(
    setting: Setting, limits: Mapping[str, str], others: Sequence[Sequence[Converted]], tree: SourceTree
) -> Setting:
    """Return other limits for some files: those of the next tool that checks what this one leaves out."""
    files = _find_files(setting, tree)
    found = {
        metric: _find_next(metric, files, others, tree) if limit == _OFF else limit
        for metric, limit in limits.items()
    }
    return replace(setting, key="overrides", limits=found)


def _find_next(metric: str, files: Set[str], others: Sequence[Sequence[Converted]], tree: SourceTree) -> str:
    for group in others:
        if (limit := find_limits(group).get(metric)) and not files <= _find_left_out(metric, group, tree):
            return limit
    return _OFF


def _find_left_out(metric: str, group: Sequence[Converted], tree: SourceTree) -> set[str]:
    """Return the files for which a tool does not check a metric."""
    settings = (each for each in group if isinstance(each, Setting))
    left_out = (
        _find_files(each, tree)
        for each in settings
        if each.key == "exclude" or each.limits.get(metric) == _OFF
    )
    return set().union(*left_out)


def _find_files(setting: Setting, tree: SourceTree) -> set[str]:
    """Return the source files that the patterns of a setting match."""
    patterns = tuple(json.loads(f"[{setting.text}]"))
    return {*filter(compile_patterns(patterns), map(str, tree.paths))}
