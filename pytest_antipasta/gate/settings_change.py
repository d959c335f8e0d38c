"""Compare the settings before and after a change: which of them allow more, and which allow less."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.files.locations import display_path
from pytest_antipasta.messages import format_json
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.model.waivers import BOUNDS, STRICTNESS, Waiver
from pytest_antipasta.policy.limits import is_worse
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings

# Settings that control how strictly changes are judged, with the values of each, the softest first.
_RULES: dict[str, tuple[object, ...]] = {
    "on_error": ("warn", "fail"),
    "judge": ("changed", "all"),
    "strict_files": (False, True),
    "new_waivers": STRICTNESS,
    "unused_suppressions": ("warn", "fail"),
    "require_reasons": (False, True),
    "on_internal_error": ("allow", "block"),
    "on_timeout": ("allow", "block"),
}
# Settings that select files.
_SELECTION = ("paths", "include", "exclude", "languages", "notebooks", "nested", "use_gitignore")
# Settings with patterns for code that is judged more strictly.
_PATTERNS = ("critical_functions", "critical_paths")
# Settings whose values say little beside the code that they allow.
_NOT_SHOWN = ("thresholds", "overrides", "baseline")
# Settings that allow nothing.
_PLACES = frozenset(("root", "source", "projects", "has_all_projects", "baseline", "cache_dir"))
# Maximum length of a shown setting, in characters.
_LONGEST = 200


class SettingsChange(NamedTuple):
    """The settings before and after a change."""

    before: Settings
    after: Settings

    def is_more_than_location(self) -> bool:
        """Return whether the settings differ in more than their location."""
        before, after = self
        if self.find_differing(name for name in Settings.__struct_fields__ if name not in _PLACES):
            return True
        if os.path.realpath(before.root) != os.path.realpath(after.root):
            return True
        pairs = map(SettingsChange, before.projects, after.projects)
        return len(before.projects) != len(after.projects) or any(
            pair.is_more_than_location() for pair in pairs
        )

    def find_differing(self, keys: Iterable[str]) -> list[str]:
        """Return the settings, of some keys, that differ."""
        return [key for key in keys if _find_effect(self.before, key) != _find_effect(self.after, key)]

    def find_selection_keys(self) -> list[str]:
        """Return the settings that select files and differ."""
        keys = self.find_differing(_SELECTION)
        excludes = [
            [project.exclude for project in settings.projects] for settings in (self.before, self.after)
        ]
        return keys if excludes[0] == excludes[1] or "exclude" in keys else [*keys, "exclude"]

    def show(self, key: str) -> tuple[str, str]:
        """Return both values of a setting as in a settings file; long lists without what both have."""
        before, after = getattr(self.before, key), getattr(self.after, key)
        return _show(before, after), _show(after, before)

    def waive(self, key: str, effect: Iterable[str] = ()) -> Waiver:
        """Return the waiver for a setting, with the values that pass because of it.

        Both values of the setting are shown if they differ and are no tables.
        """
        is_shown = key not in _NOT_SHOWN and self.find_differing((key,))
        return self._waive(key, self.show(key) if is_shown else (None, None), tuple(effect))

    def find_softer_rules(self) -> list[Waiver]:
        """Return waivers for the settings that make judging less strict than before."""
        return [
            self.waive(key)
            for key, order in _RULES.items()
            if order.index(getattr(self.after, key)) < order.index(getattr(self.before, key))
        ]

    def find_lower_bounds(self, left: Mapping[str, Sequence[str]]) -> list[Waiver]:
        """Return waivers for lower limits on time and memory, if files that exceed them pass.

        ``left`` has the files that were not measured, by the setting that is the reason.
        """
        return [
            self.waive(key, sorted(left.get(key, ())))
            for key in BOUNDS.values()  # by value, as the effect depends on the machine
            if getattr(self.after, key) < getattr(self.before, key) and _lets_pass(self.after, key)
        ]

    def find_unknown(self) -> list[Waiver]:
        """Return waivers with an unknown effect for the settings that may allow more than before."""
        before, after = self
        found = [
            self._waive_limit(metric, None)
            for metric, old in before.thresholds.items()
            if metric not in COVERAGE_METRICS and _is_looser(old, after.thresholds.get(metric))
        ]
        keys = [
            *self.find_selection_keys(),
            *self.find_differing(("overrides", "nested_blocks", "foreign_suppressions", *_PATTERNS)),
        ]
        if after.max_file_size_mb < before.max_file_size_mb and after.on_error == "warn":
            keys.append("max_file_size_mb")
        keys += ["nested"] if before.projects != after.projects and "nested" not in keys else []
        for key in keys:
            shown = (None, None) if key in ("overrides", "nested") else self.show(key)
            found.append(self._waive(key, shown, None))
        return found

    def find_tightened(self) -> list[Waiver]:
        """Return the limits for all files that are stricter than before."""
        limits = [
            (metric, self.before.thresholds.get(metric), new) for metric, new in self.after.thresholds.items()
        ]
        return [
            self._waive_limit(metric, ())
            for metric, old, new in limits
            if metric not in COVERAGE_METRICS
            and old != new
            and _is_looser(new, old)
            and (old is None or not _is_looser(old, new))
        ]

    def _waive_limit(self, metric: str, effect: tuple[str, ...] | None) -> Waiver:
        limits = self.before.thresholds.get(metric), self.after.thresholds.get(metric)
        shown = show_limit(limits[0]), show_limit(limits[1])
        return self._waive(f"thresholds.{metric}", shown, effect, metric)

    def _waive(
        self,
        key: str,
        shown: tuple[str | None, str | None],
        effect: tuple[str, ...] | None,
        metric: str | None = None,
    ) -> Waiver:
        return Waiver(
            kind="settings",
            path=name_settings(self.after),
            metric=metric,
            text=key,
            before=shown[0],
            after=shown[1],
            effect=effect,
        )


def _find_effect(settings: Settings, key: str) -> object:
    """Return a setting; whether notebooks are reported changes nothing that is checked."""
    value = getattr(settings, key)
    return bool(value) if key == "notebooks" else value


def name_settings(settings: Settings, project: Settings | None = None) -> str:
    """Return the path of a settings file in reports, of a root or of a folder below it."""
    found = project or settings
    source = found.source or found.root / SETTINGS_NAMES[0]
    return display_path(settings.root, os.fspath(source))


def show_exclude(settings: Settings, folder: Path) -> str | None:
    """Return ``exclude`` of a folder below a root as in a settings file; ``None`` without settings there."""
    found = (project for project in settings.projects if project.root == folder)
    project = next(found, None) if settings.nested else None
    return None if project is None else _show(project.exclude)


def _lets_pass(settings: Settings, bound: str) -> bool:
    """Return whether files pass that are not measured because of a limit on time or memory."""
    return settings.on_timeout == "allow" or (bound != "time_budget" and settings.on_error == "warn")


def _is_looser(before: Threshold, after: Threshold | None) -> bool:
    """Return whether a limit may let a value pass that the previous limit does not."""
    if before.level == "warning":
        return False  # the previous limit lets all values pass
    if after is None or after.level == "warning":
        return True
    if before.comparison != after.comparison:
        return True
    limits = [(before.limit, after.limit)]
    if before.block_limit is not None:
        if after.block_limit is None:
            return True
        limits.append((before.block_limit, after.block_limit))
    if before.comparison == "!=":  # the previous limit is the one value that now passes
        return any(old != new for old, new in limits)
    return any(is_worse(new, old, before.comparison, old) for old, new in limits)


def show_limit(limit: Threshold | None) -> str:
    """Return the text of a limit, such as ``<= 10``; ``off`` without a limit."""
    if limit is None:
        return "off"
    return f"{limit.comparison} {limit.limit}{', warning' if limit.level == 'warning' else ''}"


def _show(value: object, other: object = None) -> str:
    """Return the value of a setting as in a settings file, cut to the maximum length.

    A list that is too long is shown without the items of ``other``, its value on the other side.
    """
    if not isinstance(value, tuple):
        text = "default" if value is None else format_json(value)
    else:
        text = _show_list(map(format_json, value))
        if len(text) > _LONGEST and isinstance(other, tuple):
            text = _show_list([*(format_json(item) for item in value if item not in other), "…"])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _show_list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
