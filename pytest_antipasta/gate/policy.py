"""Decide whether a change may have waivers, and where their policy comes from.

Most changes have none, and need no search.
"""

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
    """The sources of the policy and the limits for a change, from options.

    Attributes:
        policy_from: the commit whose ``new_waivers`` counts; ``None`` for the commit before the change.
        config: the settings file that an option names.
        adjust: applies the options of the command line to settings.
        has_limits: whether an option takes settings and baseline from a commit, so that the change can't
            affect them.
    """

    policy_from: str | None = None
    config: Path | None = None
    adjust: Callable[[Settings], Settings] = _leave
    has_limits: bool = False


OWN_POLICY = PolicySource()
"""The policy source without options."""


def may_change_settings(sides: Sides, diffs: Iterable[FileDiff], config: str | None) -> bool:
    """Return whether files that differ may include the settings.

    Args:
        sides: the change. If its settings file is a link, any file may be the target.
        diffs: the files that differ.
        config: path from the top of the settings file that an option names.
    """
    paths = (path for diff in diffs for path in (diff.path, diff.old_path) if path is not None)
    if any(path == config or path.rpartition("/")[2] in SETTINGS_NAMES for path in paths):
        return True
    settings = sides.rules.settings
    sources = (project.source for project in (settings, *settings.projects))
    return any(source is not None and is_link(sides, source) for source in sources)


class BaselineNames(NamedTuple):
    """The paths of a baseline from the top of the repository.

    Attributes:
        own: the path of the baseline, which can be a link.
        target: the same path, or the target of the link in the working tree.
    """

    own: str
    target: str


def find_baseline_names(repository: Repository, rules: Rules) -> BaselineNames:
    """Return the paths of the baseline of rules."""
    place = locate_baseline(rules.settings, rules.named)
    return BaselineNames(name_link(repository, place), repository.name(place))


def may_change_baseline(sides: Sides, diffs: Iterable[FileDiff]) -> bool:
    """Return whether files that differ may include the baseline."""
    names = find_baseline_names(sides.repository, sides.rules)
    if any(diff.path in names or diff.old_path in names for diff in diffs):
        return True
    return bool(sides.rules.recorded) and is_link(
        sides, locate_baseline(sides.rules.settings, sides.rules.named)
    )


def is_link(sides: Sides, place: Path) -> bool:
    """Return whether a file is a symbolic link, in the working tree or in a commit of a bare repository."""
    if not sides.repository.is_bare:
        return place.is_symlink()
    if sides.change_set.list_all is None:
        return False
    _, is_file = sides.change_set.list_all().get(name_link(sides.repository, place), ("", True))
    return not is_file


def name_link(repository: Repository, place: Path) -> str:
    """Return the path of a file from the top. If the file is a link, it is not resolved."""
    return path_from(repository.top, os.path.join(os.path.realpath(place.parent), place.name))


def may_add_waivers(sides: Sides, policy: PolicySource) -> bool:
    """Return whether a change can have waivers, by facts that judging has computed already."""
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
    """Return whether files of a change had comments before it, as far as they are measured already."""
    parents = sides.parents if sides.are_known else ()
    before = (version for parent in parents for version in parent.before.versions.values())
    return any(version.measurement.comments for version in before)


def _is_suppressing(sides: Sides) -> bool:
    """Return whether comments suppress a value in the judged files."""
    commented = (version for version in sides.after.list_measured() if version.measurement.comments)
    judged = (sides.after.judge(version.path) for version in commented)
    return any(number.why == "suppressed" for verdict in judged for number in verdict.tolerated)
