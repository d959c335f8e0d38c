"""Whether a change may have waivers, and where the policy on them comes from; most changes need no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.baseline import locate_baseline
from pytest_antipasta.gate.snapshots import Sides
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


def may_add_waivers(sides: Sides, policy: PolicySource) -> bool:
    """Whether a change can have any waivers: what this looks at is known anyway."""
    rules, repository = sides.rules, sides.repository
    baseline = repository.name(locate_baseline(rules.settings, rules.named)) if rules.has_baseline else None
    config = None if policy.config is None else repository.name(policy.config)
    diffs = (diff for diffs in sides.change_set.parents for diff in diffs)
    if any(_is_about_policy(diff, config, baseline) for diff in diffs):
        return True
    return _had_comments(sides) or _is_suppressing(sides)


def _is_about_policy(diff: FileDiff, config: str | None, baseline: str | None) -> bool:
    """Whether a file that differs is settings, the baseline, or renamed."""
    if is_settings_diff(diff, config) or (baseline is not None and baseline in (diff.path, diff.old_path)):
        return True
    return diff.path is not None and diff.old_path not in (None, diff.path)


def _had_comments(sides: Sides) -> bool:
    """Whether there were comments in the files of a change, where these are measured anyway."""
    parents = sides.parents if sides.are_known else ()
    before = (version for parent in parents for version in parent.before.versions.values())
    return any(version.measurement.comments for version in before)


def _is_suppressing(sides: Sides) -> bool:
    """Whether comments suppress a number in the files that are judged."""
    commented = (one for one in sides.after.list_measured() if one.measurement.comments)
    judged = (sides.after.judge(version.path) for version in commented)
    return any(one.why == "suppressed" for verdict in judged for one in verdict.tolerated)
