"""Whether a change may have waivers, and where the policy on them comes from; most changes need no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
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


def may_change_settings(diffs: Iterable[FileDiff], config: str | None, settings: Settings) -> bool:
    """Whether settings may be among files that differ.

    Args:
        diffs: the files.
        config: the file of settings that an option names, by its path from the top.
        settings: that count; where a link leads to them, any file may be what it leads to.
    """
    paths = (path for diff in diffs for path in (diff.path, diff.old_path) if path is not None)
    if any(path == config or path.rpartition("/")[2] in SETTINGS_NAMES for path in paths):
        return True
    sources = (one.source for one in (settings, *settings.projects))
    return any(source is not None and source.is_symlink() for source in sources)


def may_add_waivers(sides: Sides, policy: PolicySource) -> bool:
    """Whether a change can have any waivers: what this looks at is known anyway."""
    rules, repository = sides.rules, sides.repository
    baseline = repository.name(locate_baseline(rules.settings, rules.named)) if rules.has_baseline else None
    config = None if policy.config is None else repository.name(policy.config)
    diffs = list(chain.from_iterable(sides.change_set.parents))
    if may_change_settings(diffs, config, rules.settings):
        return True
    for diff in diffs:
        is_renamed = diff.path is not None and diff.old_path not in (None, diff.path)
        if is_renamed or (baseline is not None and baseline in (diff.path, diff.old_path)):
            return True
    return _had_comments(sides) or _is_suppressing(sides)


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
