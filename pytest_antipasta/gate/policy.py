"""Whether a change may have waivers, and where the policy on them comes from; most changes need no more."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from pytest_antipasta.baseline import locate_baseline
from pytest_antipasta.engine import Rules
from pytest_antipasta.files import path_from
from pytest_antipasta.gate.snapshots import Sides
from pytest_antipasta.git import FileDiff, Repository
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
    return any(source is not None and _may_be_link(source) for source in sources)


class BaselineNames(NamedTuple):
    """The paths of a baseline from the top of the repository.

    Attributes:
        own: its own, under which git has a link where it is one.
        target: the same, or what the link leads to in the working tree.
    """

    own: str
    target: str


def find_baseline_names(repository: Repository, rules: Rules) -> BaselineNames:
    """Return the paths of the baseline that rules have."""
    place = locate_baseline(rules.settings, rules.named)
    link = Path(os.path.realpath(place.parent), place.name)
    return BaselineNames(path_from(repository.top, os.fspath(link)), repository.name(place))


def may_change_baseline(diffs: Iterable[FileDiff], names: Container[str], rules: Rules) -> bool:
    """Whether a baseline of some names may be among files that differ."""
    if any(diff.path in names or diff.old_path in names for diff in diffs):
        return True
    return bool(rules.recorded) and _may_be_link(locate_baseline(rules.settings, rules.named))


def _may_be_link(place: Path) -> bool:
    """Whether a file may be a symbolic link: of one that is only in git, only git knows."""
    return place.is_symlink() or not place.exists()


def may_add_waivers(sides: Sides, policy: PolicySource) -> bool:
    """Whether a change can have any waivers: what this looks at is known anyway."""
    rules, repository = sides.rules, sides.repository
    config = None if policy.config is None else repository.name(policy.config)
    diffs = list(chain.from_iterable(sides.change_set.parents))
    if sides.change_set.list_rules is not None or may_change_settings(diffs, config, rules.settings):
        return True
    if rules.has_baseline and may_change_baseline(diffs, find_baseline_names(repository, rules), rules):
        return True
    if any(diff.path is not None and diff.old_path not in (None, diff.path) for diff in diffs):
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
