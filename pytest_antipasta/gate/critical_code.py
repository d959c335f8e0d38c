"""Find code that a change makes less critical: by the settings, or by another name of a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from pytest_antipasta.gate.change_sets import iter_common
from pytest_antipasta.gate.settings_change import SettingsChange
from pytest_antipasta.gate.snapshots import Parent
from pytest_antipasta.gate.waiver_rules import RulesAfter, RulesBefore
from pytest_antipasta.metrics.following.comparison import identify_block
from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.model.measured import Block, Measurement
from pytest_antipasta.model.waivers import Waiver
from pytest_antipasta.policy.limits import is_critical
from pytest_antipasta.settings.patterns import compile_patterns


class LostFunction(NamedTuple):
    """A function that was critical before a change and is not after it.

    Attributes:
        place: its cell, of a notebook, and its line after the change.
        was: its path and name before the change; ``None`` if only the settings changed.
    """

    place: tuple[int | None, int]
    was: BlockId | None


LostFunctions: TypeAlias = Mapping[BlockId, LostFunction]
"""The functions that one parent has as critical, and that are not critical after the change."""


def find_lost_functions(before: RulesBefore, after: RulesAfter) -> LostFunctions:
    """Return the functions that are critical in a parent and are not after the change."""
    if not before.settings.critical_functions:
        return {}
    patterns = after.settings.critical_functions
    return {
        (path, block.qualified_name): found
        for path, measurement in _iter_files(before, after)
        for block in measurement.blocks
        if not is_critical(patterns, path, block)
        and (found := _look_back(before, path, block, measurement)) is not None
    }


def _iter_files(before: RulesBefore, after: RulesAfter) -> Iterator[tuple[str, Measurement]]:
    """Yield the changed files if they had critical functions; all files if the patterns changed."""
    comparison = before.parent.comparison
    if before.settings.critical_functions != after.settings.critical_functions:
        for verdict, _ in after.tree.iter_versions():
            yield verdict.path, verdict.measurement
    elif any(
        before.was_critical(path, block)
        for path, version in comparison.before.versions.items()
        for block in version.blocks.values()
    ):
        for path, version in comparison.after.versions.items():
            yield path, version.measurement


def _look_back(before: RulesBefore, path: str, block: Block, measurement: Measurement) -> LostFunction | None:
    """Return a function if it was critical by its name and decorators before the change."""
    old = None if block.kind == "class" else _find_old(before.parent, path, block.qualified_name)
    if old is None:
        return None
    versions = before.parent.comparison.before.versions
    there = versions[old[0]].blocks.get(old[1], block) if old[0] in versions else block
    if not before.was_critical(old[0], there):
        return None
    is_moved = not before.was_critical(path, block)
    was = (before.name_before(old[0]), old[1]) if is_moved else None
    return LostFunction(measurement.locate(block.line), was)


def _find_old(parent: Parent, path: str, name: str) -> BlockId | None:
    """Return a function before the change, also if it was renamed or moved, and edited.

    If it still exists, another function has only a part of its code. That counts if the part is over a limit,
    as it would be tolerated for the sake of the old function.
    """
    if not parent.comparison.has(path):
        return path, name
    change = identify_block(parent.comparison, (path, name))
    if change.state != "added":
        return change.before
    similar = parent.origins_of_all.find((path, name))
    if similar is None or similar.after is None:
        return None if similar is None else similar.before
    over = (violation.qualified_name for violation in parent.after.judge(path).over_limits)
    return similar.before if name in over else None


def waive_lost_functions(change: SettingsChange, lost: Sequence[LostFunctions]) -> list[Waiver]:
    """Return waivers for functions that are lost in every parent; ``change`` is that of the first."""
    common = {block: found[0] for block, found in iter_common(lost)}
    by_settings = [f"{path}::{name}" for (path, name), found in common.items() if found.was is None]
    settings = [change.waive("critical_functions", by_settings)] if by_settings else []
    return settings + [
        waive_moved(block, found.place, found.was) for block, found in common.items() if found.was is not None
    ]


def waive_moved(block: BlockId, place: tuple[int | None, int], was: BlockId) -> Waiver:
    """Return the waiver for a function whose new name or place is not in ``critical_functions``."""
    (path, name), (cell, line) = block, place
    return Waiver(
        kind="moved",
        path=path,
        line=line,
        cell=cell,
        block=name,
        text="::".join(was),
        before="critical",
        after="not critical",
    )


def find_lost_paths(befores: Sequence[RulesBefore], after: RulesAfter) -> list[Waiver]:
    """Return the waiver for files that were in ``critical_paths`` of every parent and are not any more."""
    key = "critical_paths"
    if not all(before.settings.critical_paths and before.change.find_differing((key,)) for before in befores):
        return []
    change = befores[0].change
    was, is_now = (compile_patterns(settings.critical_paths) for settings in change)
    paths = (verdict.path for verdict, _ in after.tree.iter_versions())
    lost = [path for path in paths if was(path) and not is_now(path)]
    return [change.waive(key, lost)] if lost else []
