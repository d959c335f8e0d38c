"""Choosing the commits of a trend: how far back, and how many of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Literal, NamedTuple

from pytest_antipasta.git import Commit, Repository

# Of ISO 8601 what every version of Python parses, and what looks like no name of a commit.
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")
_WORDS = re.compile(r"\d+[ .](day|week|month|year)s?([ .]ago)?")


class Range(NamedTuple):
    """Which commits to look at, of those along the first parents of one.

    Attributes:
        ref: where the history ends.
        since: a date, ``3 months ago`` and the like, or a commit or tag where it begins; ``None`` for all.
        number: how many at most, the last ones; ``None`` for all.
        every: take each commit, or the last one of each day or week in UTC.
        paths: names relative to the root to keep to; ``None`` for all.
    """

    ref: str = "HEAD"
    since: str | None = None
    number: int | None = None
    every: Literal["commit", "day", "week"] = "commit"
    paths: tuple[str, ...] | None = None


class Plan(NamedTuple):
    """The commits to look at.

    Attributes:
        commits: the oldest first.
        begins: whether the first one is the first of the history.
        is_cut_off: whether there were commits before it that are not here.
    """

    commits: Sequence[Commit]
    begins: bool
    is_cut_off: bool


def make_plan(repository: Repository, asked: Range) -> Plan:
    """Return the commits to look at.

    Raises:
        GitError: git does not know a commit, or refuses.
    """
    history = repository.history
    whole = history.list_first_parents(asked.ref)
    chosen: Sequence[Commit] = _keep_since(repository, whole, asked) if asked.since is not None else whole
    if asked.number is not None:
        chosen = chosen[-asked.number :]
    is_at_end = chosen[:1] == whole[:1]
    is_cut_off = is_at_end and history.is_cut_off(whole[0].name)
    chosen = _thin_out(chosen, asked.every)
    begins = is_at_end and not is_cut_off and chosen[:1] == whole[:1]
    return Plan(chosen, begins, is_cut_off)


def _keep_since(repository: Repository, commits: Sequence[Commit], asked: Range) -> list[Commit]:
    """Return the commits from a date on, or a commit that is known with those behind it."""
    since = asked.since or ""
    time = _parse_date(since)
    if time is None and _WORDS.fullmatch(since):
        time = repository.history.parse_time(since)
    if time is not None:
        return [commit for commit in commits if commit.time >= time]
    number = repository.history.count_since(asked.ref, since)
    return list(commits[max(0, len(commits) - number - 1) :])


def _parse_date(text: str) -> float | None:
    """Return an ISO 8601 date or time, without a zone in that of this machine, as seconds since the epoch."""
    if not _DATE.fullmatch(text):
        return None
    try:
        date = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if not 1970 < date.year < 3000:  # Windows has no local time there, and a zone makes no difference
        date = date.replace(tzinfo=date.tzinfo or timezone.utc)
    return date.timestamp()


def _thin_out(commits: Sequence[Commit], every: str) -> Sequence[Commit]:
    """Return the last commit of each day or week, in their order."""
    if every == "commit":
        return commits
    last = {_name_period(commit.time, every): index for index, commit in enumerate(commits)}
    return [commits[index] for index in sorted(last.values())]


def _name_period(time: int, every: str) -> tuple[int, ...]:
    date = datetime.fromtimestamp(time, timezone.utc).date()
    return (date.toordinal(),) if every == "day" else tuple(date.isocalendar())[:2]
