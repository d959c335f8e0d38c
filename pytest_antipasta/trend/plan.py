"""Choose the commits of a trend: how far back, and how many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from pytest_antipasta.git.history import Commit, History
from pytest_antipasta.git.process import UnknownCommitError
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.runtime.dates import parse_date

# ISO 8601 as parsed by every version of Python, without forms that could be names of commits.
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")
# Other dates that git reads: by its words, or three numbers. It takes any other text for the present time.
_NUMBERS = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\d{8}|@\d+", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_PERIODS = ("second", "minute", "hour", "day", "week", "month", "year", "fortnight")
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_WORDS = frozenset(
    (
        *_PERIODS,
        *(f"{period}s" for period in _PERIODS),
        *_NAMES,
        *(name[:3] for name in _NAMES),
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("yesterday", "today", "now", "noon", "midnight", "tea", "never", "last", "ago", "at", "am", "pm"),
        *("st", "nd", "rd", "th", "t", "z", "utc", "gmt"),
    )
)


class Range(NamedTuple):
    """The commits to examine, among the first parents of one.

    Attributes:
        ref: where the history ends.
        since: the first commit or tag, or a date as ``git log --since`` takes it; ``None`` for all.
        number: maximum number of commits, the last ones; ``None`` for all.
        every: each commit, or the last one of each day or week in UTC.
        paths: selected paths relative to the root; ``None`` for all.
    """

    ref: str = "HEAD"
    since: str | None = None
    number: int | None = None
    every: Literal["commit", "day", "week"] = "commit"
    paths: tuple[str, ...] | None = None


class ChosenCommits(NamedTuple):
    """The commits to examine.

    Attributes:
        commits: commits, oldest first.
        begins: whether the first commit is the first of the repository's history.
        is_cut_off: whether earlier commits are missing here.
        since: the date that git made of words, in seconds since the epoch; ``None`` without words.
    """

    commits: Sequence[Commit]
    begins: bool
    is_cut_off: bool
    since: int | None = None


def make_plan(repository: Repository, asked: Range) -> ChosenCommits:
    """Return the commits to examine.

    Raises:
        GitError: git does not know a commit, or fails.
    """
    history = repository.history
    whole = history.list_first_parents(asked.ref)
    chosen: Sequence[Commit] = whole
    since = None
    if asked.since is not None:
        chosen, since = _keep_since(repository, whole, asked.ref, asked.since)
    if asked.number is not None:
        chosen = chosen[-asked.number :]
    is_at_end = chosen[:1] == whole[:1]
    is_cut_off = is_at_end and history.is_cut_off(whole[0].name)
    chosen = _thin_out(chosen, asked.every)
    begins = is_at_end and not is_cut_off and chosen[:1] == whole[:1]
    return ChosenCommits(chosen, begins, is_cut_off, since)


def _keep_since(
    repository: Repository, commits: Sequence[Commit], ref: str, since: str
) -> tuple[Sequence[Commit], int | None]:
    """Return the commits since a date, or a known commit and those after it, and the date of words."""
    history = repository.history
    if (time := _parse_date(since)) is not None:
        return [commit for commit in commits if commit.time >= time], None
    if _is_date_in_words(since) and not history.knows(since):
        date = history.parse_time(since)
        return [commit for commit in commits if commit.time >= date], date
    try:
        return _keep_from(history, commits, ref, since), None
    except UnknownCommitError as error:
        message = f'--since is not a date, such as 2026-01-31 or "3 months ago", and {error}'
        raise UnknownCommitError(message) from None


def _keep_from(history: History, commits: Sequence[Commit], ref: str, first: str) -> Sequence[Commit]:
    """Return a known commit and those after it; none if the history ends before it."""
    number = history.count_since(ref, first)
    if not number and history.resolve(first) != commits[-1].name:
        return []
    return commits[max(0, len(commits) - number - 1) :]


def _is_date_in_words(text: str) -> bool:
    """Return whether git reads a text as a date: all of its words mean something, or it is three numbers."""
    words = {word.lower() for word in _WORD.findall(text)}
    if _DATE.fullmatch(text) or not words <= _WORDS:
        return False
    return bool(words) or _NUMBERS.match(text) is not None


def _parse_date(text: str) -> float | None:
    """Return a date or time in seconds since the epoch; ``None`` for a text that may be a commit's name."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return parse_date(text)
    except ValueError:
        return None


def _thin_out(commits: Sequence[Commit], every: str) -> Sequence[Commit]:
    """Return the last commit of each day or week, in order."""
    if every == "commit":
        return commits
    last = {_name_period(commit.time, every): index for index, commit in enumerate(commits)}
    return [commits[index] for index in sorted(last.values())]


def _name_period(time: int, every: str) -> tuple[int, ...]:
    date = datetime.fromtimestamp(time, UTC).date()
    return (date.toordinal(),) if every == "day" else tuple(date.isocalendar())[:2]
