"""Merging the reports of all shards into what one run over all files would have found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add, attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.messages import count
from pytest_antipasta.model import Changes, Override, Report, Review, RunFacts, RunStats, UsageError
from pytest_antipasta.report.findings import make_report
from pytest_antipasta.report.reading import ShardReport
from pytest_antipasta.report.records import make_head
from pytest_antipasta.runtime import VERSION

_SHORT = 12
# What of a run adds up.
_SUMMED = (
    "phases", "processor", "hits", "misses", "coalesced", "missed", "retries", "errors", "workers"
)  # fmt: skip
_SLOWEST = 10


class Merged(NamedTuple):
    """The result of all shards.

    Attributes:
        report: what they say together.
        stats: what a summary reports besides.
        is_whole: whether all files were judged that were asked for.
        is_complete: whether that was done by all limits, too.
    """

    report: Report
    stats: RunStats
    is_whole: bool
    is_complete: bool


def merge_reports(reports: Iterable[ShardReport]) -> Merged:
    """Return what the shards have found together.

    Raises:
        UsageError: one is missing or there twice, or they are not of the same files, commit, settings and
            versions.
    """
    reports = sorted(reports, key=attrgetter("shard.number"))
    if problems := [*_iter_foreign(reports), *_iter_miscounted(reports)]:
        raise UsageError("\n".join(problems))
    verdicts = sorted((one for each in reports for one in each.verdicts), key=attrgetter("path"))
    facts, changes = _merge_facts(reports, len(verdicts)), _merge_changes(reports)
    is_whole = facts.complete or (bool(facts.narrowed_by) and facts.stopped is None)
    has_faults = any(each.shard.faults for each in reports)
    stats = _make_stats(reports, facts, changes)
    return Merged(make_report(verdicts, facts, changes), stats, is_whole, is_whole and not has_faults)


def _iter_foreign(reports: Sequence[ShardReport]) -> Iterator[str]:
    """Yield what sets a report apart from this process, or from the first one."""
    for one in reports:
        there = _list_versions(one.head, one.shard.version)
        here = _list_versions(make_head(verdict.measurement for verdict in one.verdicts), VERSION)
        if others := [name for name in {**there, **here} if here.get(name) != there.get(name)]:
            theirs = ", ".join(f"{name} {there.get(name)}" for name in others)
            ours = ", ".join(f"{name} {here.get(name)}" for name in others)
            yield f"{one.path} is of {theirs}; it can be merged by the same only, and here is {ours}"
        for what in _iter_differences(one, reports[0]):
            yield f"{one.path} is foreign to {reports[0].path}: {what}"


def _list_versions(head: Mapping[str, Any], own: str) -> dict[str, str]:
    """Return the versions of all that has measured and judged, by name."""
    measuring = {name: head[name] for name in ("python", "radon", "complexipy")}
    return {**measuring, **head.get("extensions", {}), "pytest-antipasta": own}


def _iter_differences(one: ShardReport, other: ShardReport) -> Iterator[str]:
    here, there = one.shard, other.shard
    if here.of != there.of:
        yield f"it is one of {here.of} shards, not of {there.of}"
    if here.commit != there.commit:
        yield f"of commit {_shorten(here.commit)}, not {_shorten(there.commit)}"
    if here.settings_digest != there.settings_digest:
        yield "of other settings, another baseline or other options"
    if here.asked_for != there.asked_for:
        yield "other files were asked for"
    elif here.files != there.files:
        yield "there were other files, or files of other sizes, as of other line endings"


def _shorten(commit: str | None) -> str:
    return "none" if commit is None else commit[:_SHORT]


def _iter_miscounted(reports: Sequence[ShardReport]) -> Iterator[str]:
    """Yield which shards are missing, and which are there several times."""
    paths: dict[str, list[str]] = {}
    for one in reports:
        paths.setdefault(str(one.shard), []).append(str(one.path))
    for name, several in paths.items():
        if len(several) > 1:
            yield f"shard {name} is there {count(len(several), 'time')}: {', '.join(several)}"
    of = max(one.shard.of for one in reports)
    if missing := [name for name in (f"{number}/{of}" for number in range(1, of + 1)) if name not in paths]:
        yield f"{'shard' if len(missing) == 1 else 'shards'} missing: {', '.join(missing)}"


def _merge_facts(reports: Sequence[ShardReport], number: int) -> RunFacts:
    """Return what all runs were as one that has judged a number of files."""
    runs = [each.facts for each in reports]
    stops = [(each.shard, each.facts.stopped) for each in reports]
    stopped = "; ".join(f"shard {shard}: {why}" for shard, why in stops if why is not None) or None
    # What has left out files besides the shard; an option of pytest may have in some shards alone.
    narrowed_by = list(dict.fromkeys(name for run in runs for name in run.narrowed_by[:-1]))
    slowest = sorted((one for run in runs for one in run.slowest), key=lambda one: (-one.seconds, one.path))
    summed = {name: _sum([getattr(run, name) for run in runs]) for name in _SUMMED}
    return replace(
        runs[0],
        seconds=max(run.seconds for run in runs),
        ended=max(run.ended for run in runs),
        slowest=slowest[:_SLOWEST],
        processes=[one for run in runs for one in run.processes],
        store=None,  # a median has no sum
        handles=None,
        strategy=count(len(runs), "shard"),
        narrowed_by=narrowed_by,
        stopped=stopped,
        complete=not narrowed_by and stopped is None and number == runs[0].total,
        overrides=_merge_overrides(runs),
        shard=None,
        **summed,
    )


def _sum(values: Sequence[Any]) -> Any:
    """Return the sum of numbers, or of tables of numbers."""
    if not isinstance(values[0], dict):
        return sum(values)
    totals = Counter[str]()
    for value in values:
        totals.update(value)
    return dict(totals)


def _merge_changes(reports: Sequence[ShardReport]) -> Changes | None:
    found = [each.changes for each in reports if each.changes is not None]
    blocks = sorted((one for each in found for one in each.changes), key=attrgetter("path"))
    others = sorted((one for each in found for one in each.not_compared), key=attrgetter("path"))
    return Changes(tuple(blocks), tuple(others)) if found else None


def _merge_overrides(runs: Iterable[RunFacts]) -> list[Override]:
    """Return the limits of files that have others, those of the first path first."""
    limits = [(path, one.limits) for run in runs for one in run.overrides for path in one.files]
    merged: list[Override] = []
    for path, own in sorted(limits, key=itemgetter(0)):
        same = next((one for one in merged if one.limits == own), None)
        if same is None:
            merged.append(same := Override([], own))
        same.files.append(path)
    return merged


def _make_stats(reports: Sequence[ShardReport], facts: RunFacts, changes: Changes | None) -> RunStats:
    shards = [each.shard for each in reports]
    reviews = [shard.review for shard in shards if shard.review is not None]
    warnings = dict.fromkeys(line for shard in shards for line in shard.warnings)
    named = shards[0].named_baseline
    return RunStats(
        total=facts.total,
        narrowed_by=tuple(facts.narrowed_by) or None,
        seconds=facts.seconds,
        warnings=tuple(warnings),
        has_store=True,
        is_change=facts.change is not None,
        changes=changes,
        review=reduce(add, reviews, Review()) if reviews else None,
        named_baseline=None if named is None else Path(facts.root, named),
        stopped=facts.stopped,
        shards=len(reports),
    )
