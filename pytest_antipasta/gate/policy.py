"""Whether a change may have waivers, and where the policy on them comes from; most changes need no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.baseline import locate_baseline
from pytest_antipasta.gate.snapshots import Case, Sides
from pytest_antipasta.git import FileDiff
from pytest_antipasta.settings import SETTINGS_NAMES, Settings


def _leave(settings: Settings) -> Settings:
    return settings


class PolicySource(Struct, frozen=True):
    """Where what counts for a change is taken from, where an option says so.

    Attributes:
        policy_from: the commit whose ``new_waivers`` counts; ``None`` for that of the side before the change.
        config: the file of settings that an option names.
        adjust: makes of settings what a command line makes of them.
        has_limits: whether settings and baseline are those of a commit, which the change can't differ from.
    """

    policy_from: str | None = None
    config: Path | None = None
    adjust: Callable[[Settings], Settings] = _leave
    has_limits: bool = False


OWN_POLICY = PolicySource()
"""What counts without any option."""


def is_settings_diff(diff: FileDiff, config: str | None) -> bool:
    """Whether a file that differs may be settings."""
    names = {path for path in (diff.path, diff.old_path) if path is not None}
    return any(path == config or path.rpartition("/")[2] in SETTINGS_NAMES for path in names)


def may_add_waivers(case: Case, sides: Sides, policy: PolicySource) -> bool:
    """Whether a change can have any waivers: what this looks at is known anyway."""
    rules = case.rules
    settings, repository = rules.settings, case.repository
    places = [locate_baseline(settings, rules.named)]
    names = {repository.name(place) for place in places} if rules.has_baseline else set()
    config = None if policy.config is None else repository.name(policy.config)
    for diff in (diff for diffs in case.change_set.parents for diff in diffs):
        if is_settings_diff(diff, config) or not names.isdisjoint((diff.path, diff.old_path)):
            return True
        if diff.path is not None and diff.old_path not in (None, diff.path):
            return True
    if sides.are_known:
        before = (version for parent in sides.parents for version in parent.before.versions.values())
        if any(version.measurement.comments for version in before):
            return True
    return any(
        one.why == "suppressed"
        for version in sides.after.list_measured()
        if version.measurement.comments
        for one in sides.after.judge(version.path).tolerated
    )
