"""Group values that a change allows into waivers, by what allows them.

A value is waived if it fails by the rules before the change and passes after it. The rules are limits,
comments, the baseline, and the selection of files. The waiver is what allows the value, and its effect lists
the value. Settings that make judging less strict have no such effect, and are always waivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.extension import default_comparison
from pytest_antipasta.model import (
    BaselineEntry,
    Comparison,
    ErrorKind,
    NewWaivers,
    Number,
    Threshold,
    Waiver,
    WaiverKind,
)
from pytest_antipasta.policy import is_worse
from pytest_antipasta.settings import Settings

_STRICTNESS: tuple[NewWaivers, ...] = ("report", "reason", "fail")
# Settings that control how strictly changes are judged, with the values of each, the softest first.
_RULES: dict[str, tuple[object, ...]] = {
    "on_error": ("warn", "fail"),
    "judge": ("changed", "all"),
    "strict_files": (False, True),
    "new_waivers": _STRICTNESS,
    "unused_suppressions": ("warn", "fail"),
    "require_reasons": (False, True),
    "on_internal_error": ("allow", "block"),
    "on_timeout": ("allow", "block"),
}
# Settings that limit time and memory, by the error of a file that exceeds them. Files after the `time_budget`
# have no error. The effect depends on the machine, so these settings are compared by value.
BOUNDS: dict[ErrorKind | None, str] = {
    "timeout": "file_timeout",
    "memory": "memory_limit_mb",
    None: "time_budget",
}
# Settings that select files.
_SELECTION = ("paths", "include", "exclude", "languages", "notebooks", "nested", "use_gitignore")
# Settings that can make an unchanged comment or baseline entry allow more.
COMMENT_RULES = ("foreign_suppressions", "require_reasons", "critical_functions")
ENTRY_RULES = ("baseline", "strict_files", "critical_functions")
# Settings with patterns for code that is judged more strictly.
PATTERN_KEYS = ("critical_functions", "critical_paths")
# Maximum length of a shown setting, in characters.
_LONGEST = 200


class Cause(NamedTuple):
    """The cause that a value passes; the fields are those of :class:`~pytest_antipasta.model.Waiver`."""

    kind: WaiverKind
    path: str
    line: int | None = None
    text: str = ""
    reason: str | None = None
    before: str | None = None
    after: str | None = None


class Waived(NamedTuple):
    """A value that passes after the change and fails by the rules before it.

    Attributes:
        path: the path of the file in reports.
        block: the qualified name of the block; ``None`` for a value of the file.
        metric: the name of the metric, or ``not_measured``.
        cause: what allows the value.
    """

    path: str
    block: str | None
    metric: str
    cause: Cause

    @property
    def name(self) -> str:
        """The name of the value in an effect."""
        return f"{self.path}{f'::{self.block}' if self.block else ''} {self.metric}"


def group_waived(waived: Iterable[Waived]) -> list[Waiver]:
    """Return a waiver for each cause, with all values that it allows as the effect."""
    found: dict[Cause, list[Waived]] = {}
    for number in waived:
        found.setdefault(number.cause, []).append(number)
    return sort_waivers(_make_waiver(cause, numbers) for cause, numbers in found.items())


def _make_waiver(cause: Cause, waived: Sequence[Waived]) -> Waiver:
    blocks, metrics = {number.block for number in waived}, {number.metric for number in waived}
    return Waiver(
        **cause._asdict(),
        block=blocks.pop() if len(blocks) == 1 and cause.kind != "settings" else None,
        metric=metrics.pop() if len(metrics) == 1 else None,
        effect=tuple(sorted({number.name for number in waived})),
    )


def sort_waivers(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return waivers sorted by kind, path, line, text, block and metric."""
    return sorted(
        waivers,
        key=lambda waiver: (
            waiver.kind,
            waiver.path,
            waiver.line or 0,
            waiver.text,
            waiver.block or "",
            waiver.metric or "",
        ),
    )


def merge_waivers(waivers: Iterable[Waiver]) -> list[Waiver]:
    """Return waivers without duplicates: the effects of equal waivers are joined."""
    found: dict[object, Waiver] = {}
    for waiver in waivers:
        key = (
            waiver.kind,
            waiver.path,
            waiver.line,
            waiver.text,
            waiver.block,
            waiver.before,
            waiver.after,
            waiver.reason,
        )
        if (other := found.get(key)) is not None and other.effect is not None and waiver.effect is not None:
            waiver = replace(
                waiver, effect=tuple(sorted({*other.effect, *waiver.effect})), metric=waiver.metric
            )
        found[key] = waiver
    return list(found.values())


def find_softer_rules(before: Settings, after: Settings, path: str) -> list[Waiver]:
    """Return waivers for the settings that make judging less strict than before.

    Args:
        before: the settings before the change.
        after: the settings after the change.
        path: the path of the settings file in reports.
    """
    found: list[Waiver] = []
    for key, order in _RULES.items():
        old, new = getattr(before, key), getattr(after, key)
        if order.index(new) < order.index(old):
            found.append(_waive_key(path, key, old, new))
    return found


def _waive_key(path: str, key: str, old: object, new: object) -> Waiver:
    return Waiver(kind="settings", path=path, text=key, before=show(old), after=show(new))


def find_lower_bounds(
    before: Settings, after: Settings, path: str, left: Mapping[str, Sequence[str]]
) -> list[Waiver]:
    """Return waivers for lower limits on time and memory, if files that exceed them pass.

    Args:
        before: the settings before the change.
        after: the settings after the change.
        path: the path of the settings file in reports.
        left: the files that were not measured, by the setting that is the reason.
    """
    return [
        replace(
            _waive_key(path, key, getattr(before, key), getattr(after, key)),
            effect=tuple(sorted(left.get(key, ()))),
        )
        for key in BOUNDS.values()
        if getattr(after, key) < getattr(before, key) and lets_pass(after, key)
    ]


def lets_pass(settings: Settings, bound: str) -> bool:
    """Return whether files pass that are not measured because of a limit on time or memory."""
    return settings.on_timeout == "allow" or (bound != "time_budget" and settings.on_error == "warn")


def find_selection_keys(before: Settings, after: Settings) -> list[str]:
    """Return the settings that select files and differ."""
    keys = find_differing(before, after, _SELECTION)
    if [project.exclude for project in before.projects] != [project.exclude for project in after.projects]:
        keys += [] if "exclude" in keys else ["exclude"]
    return keys


def find_differing(before: Settings, after: Settings, keys: Iterable[str]) -> list[str]:
    """Return the settings, of some keys, that differ."""
    return [key for key in keys if getattr(before, key) != getattr(after, key)]


def find_unknown(before: Settings, after: Settings, path: str) -> list[Waiver]:
    """Return waivers with an unknown effect for the settings that may allow more than before."""
    found = [
        replace(
            _waive_key(path, f"thresholds.{metric}", "", ""),
            metric=metric,
            before=show_limit(old),
            after=show_limit(after.thresholds.get(metric)),
            effect=None,
        )
        for metric, old in before.thresholds.items()
        if is_looser(old, after.thresholds.get(metric))
    ]
    keys = [
        *find_selection_keys(before, after),
        *find_differing(before, after, ("overrides", "nested_blocks", "foreign_suppressions", *PATTERN_KEYS)),
    ]
    if after.max_file_size_mb < before.max_file_size_mb and after.on_error == "warn":
        keys.append("max_file_size_mb")
    keys += ["nested"] if before.projects != after.projects and "nested" not in keys else []
    for key in keys:
        old, new = getattr(before, key), getattr(after, key)
        shown = ("", "") if key in ("overrides", "nested") else (show(old), show(new))
        found.append(replace(_waive_key(path, key, "", ""), before=shown[0], after=shown[1], effect=None))
    return found


def is_looser(before: Threshold, after: Threshold | None) -> bool:
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
    return any(_is_number_looser(before.comparison, old, new) for old, new in limits)


def _is_number_looser(comparison: Comparison, before: Number, after: Number) -> bool:
    if comparison in ("<=", "<"):
        return after > before
    if comparison in (">=", ">"):
        return after < before
    return after != before


def find_tightened(before: Settings, after: Settings, path: str) -> list[Waiver]:
    """Return the limits for all files that are stricter than before."""
    limits = [
        (metric, before.thresholds.get(metric), after.thresholds.get(metric)) for metric in after.thresholds
    ]
    return [
        Waiver(
            kind="settings",
            path=path,
            metric=metric,
            text=f"thresholds.{metric}",
            before=show_limit(old),
            after=show_limit(new),
        )
        for metric, old, new in limits
        if new is not None and old != new and is_looser(new, old) and (old is None or not is_looser(old, new))
    ]


def find_entries_taken_back(
    before: Iterable[BaselineEntry], after: Iterable[BaselineEntry], text: str
) -> list[Waiver]:
    """Return the entries of a baseline that were removed or allow less. Entries that followed code are kept.

    Args:
        before: the entries before the change.
        after: the entries after the change.
        text: the name of the baseline.
    """
    now = list(after)
    values = {entry.key: entry.value for entry in now}
    bodies = {(entry.metric, entry.body) for entry in now if entry.body}
    names = {(entry.qualified_name, entry.metric) for entry in now}

    def is_gone(entry: BaselineEntry) -> bool:
        if (value := values.get(entry.key)) is not None:
            return value != entry.value and _allows_less(entry.metric, entry.value, value)
        return (entry.metric, entry.body) not in bodies and (entry.qualified_name, entry.metric) not in names

    return [_take_back(entry, values.get(entry.key), text) for entry in before if is_gone(entry)]


def _take_back(entry: BaselineEntry, value: Number | None, text: str) -> Waiver:
    return Waiver(
        kind="entry",
        path=entry.path,
        block=entry.qualified_name,
        metric=entry.metric,
        text=text,
        reason=entry.reason,
        before=str(entry.value),
        after=None if value is None else str(value),
    )


def _allows_less(metric: str, before: Number, after: Number) -> bool:
    comparison = default_comparison(metric)
    return is_worse(before, after, comparison, after)


def apply_policy(
    waivers: Iterable[Waiver], policy: NewWaivers, *, fails_unknown: bool = True
) -> list[Waiver]:
    """Return waivers, marked as failing where a policy does not allow them.

    Args:
        waivers: the waivers that a change adds.
        policy: the value of ``new_waivers``.
        fails_unknown: whether a waiver with an unknown effect may fail.
    """

    def fails(waiver: Waiver) -> bool:
        if policy == "report" or (waiver.effect is None and not fails_unknown):
            return False
        return policy == "fail" or (waiver.kind in ("comment", "entry") and waiver.reason is None)

    return [replace(waiver, fails=True) if fails(waiver) else waiver for waiver in waivers]


def find_strictest(policies: Iterable[NewWaivers]) -> NewWaivers:
    """Return the strictest policy; ``report`` without any."""
    return max(policies, key=_STRICTNESS.index, default="report")


def show_limit(limit: Threshold | None) -> str:
    """Return the text of a limit, such as ``<= 10``; ``off`` without a limit."""
    if limit is None:
        return "off"
    return f"{limit.comparison} {limit.limit}{', warning' if limit.level == 'warning' else ''}"


def show(value: object) -> str:
    """Return the value of a setting as in a settings file, cut to the maximum length."""
    return "".join(_iter_shown(value))[:_LONGEST]


def _iter_shown(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, tuple):
        yield f"[{', '.join(map(show, value))}]"
    elif isinstance(value, (int, float)):
        yield f"{value}"
    else:
        yield f'"{value}"'
