"""Whether a change may have waivers, and where the policy on them comes from; most changes need no more."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
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


def may_change_settings(sides: Sides, diffs: Iterable[FileDiff], config: str | None) -> bool:
    """Whether the settings that count may be among files that differ.

    Args:
        sides: the change; where a link leads to its settings, any file may be what it leads to.
        diffs: the files.
        config: the file of settings that an option names, by its path from the top.
    """
    paths = (path for diff in diffs for path in (diff.path, diff.old_path) if path is not None)
    if any(path == config or path.rpartition("/")[2] in SETTINGS_NAMES for path in paths):
        return True
    settings = sides.rules.settings
    sources = (project.source for project in (settings, *settings.projects))
    return any(source is not None and _is_link(sides, source) for source in sources)


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
    return BaselineNames(_name_link(repository, place), repository.name(place))


def may_change_baseline(sides: Sides, diffs: Iterable[FileDiff]) -> bool:
    """Whether the baseline that counts may be among files that differ."""
    names = find_baseline_names(sides.repository, sides.rules)
    if any(diff.path in names or diff.old_path in names for diff in diffs):
        return True
    return bool(sides.rules.recorded) and _is_link(
        sides, locate_baseline(sides.rules.settings, sides.rules.named)
    )


def _is_link(sides: Sides, place: Path) -> bool:
    """Whether a file is a symbolic link, in the working tree or in a commit that a bare repository has."""
    if place.is_symlink():
        return True
    if sides.change_set.list_all is None or place.exists():
        return False
    _, is_file = sides.change_set.list_all().get(_name_link(sides.repository, place), ("", True))
    return not is_file


def _name_link(repository: Repository, place: Path) -> str:
    """Return the path of a file from the top, as it is where it is a link itself."""
    return path_from(repository.top, os.path.join(os.path.realpath(place.parent), place.name))


def may_add_waivers(sides: Sides, policy: PolicySource) -> bool:
    """Whether a change can have any waivers: what this looks at is known anyway."""
    config = None if policy.config is None else sides.repository.name(policy.config)
    diffs = list(chain.from_iterable(sides.change_set.parents))
    if sides.change_set.list_rules is not None or may_change_settings(sides, diffs, config):
        return True
    if sides.rules.has_baseline and may_change_baseline(sides, diffs):
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
    commented = (version for version in sides.after.list_measured() if version.measurement.comments)
    judged = (sides.after.judge(version.path) for version in commented)
    return any(number.why == "suppressed" for verdict in judged for number in verdict.tolerated)
