"""Merge the reports of all shards into the result of one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain
from operator import add, attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.baseline.file import command_for
from pytest_antipasta.messages import count
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.run import OtherLimits, Review, RunFacts, RunStats, find_folder, group_limits
from pytest_antipasta.report.findings import make_report
from pytest_antipasta.report.formats.shard import ReadShard
from pytest_antipasta.report.records import list_versions

_SHORT = 12
# Facts of runs that are added up.
_SUMMED = (
    "phases", "processor", "hits", "misses", "coalesced", "missed", "retries", "errors", "workers"
)  # fmt: skip
_SLOWEST = 10


class Merged(NamedTuple):
    """The merged result of all shards.

    Attributes:
        report: the merged report.
        stats: statistics for the summary.
        is_whole: whether all requested files were judged.
        is_complete: whether all requested files were judged by all limits.
        commit: the commit of all shards; ``None`` outside a repository.
    """

    report: Report
    stats: RunStats
    is_whole: bool
    is_complete: bool
    commit: str | None


def merge_reports(reports: Iterable[ReadShard]) -> Merged:
    """Return the merged result of all shards.

    Raises:
        UsageError: a shard is missing or repeated, or files, commit, settings or versions differ.
    """
    reports = sorted(reports, key=attrgetter("shard.number"))
    if problems := [*_iter_mismatches(reports), *_iter_miscounted(reports)]:
        raise UsageError("\n".join(problems))
    parts = [each.report for each in reports]
    verdicts = _join(parts, "files")
    facts = _merge_facts(parts, len(verdicts))
    plans = {path: found for part in parts for path, found in part.plans.items()}
    changes, waivers, coverage = _merge_changes(parts), parts[0].waivers, _merge_coverage(parts)
    report = make_report(verdicts, facts, changes, waivers, coverage=coverage, plans=plans)
    is_whole = facts.complete or (bool(facts.narrowed_by) and facts.stopped is None)
    has_faults = any(each.shard.faults for each in reports)
    stats, commit = _make_stats(reports, report), reports[0].shard.commit
    return Merged(report, stats, is_whole, is_whole and not has_faults, commit)


def _join(parts: Iterable[object], name: str, *keys: str) -> list[Any]:
    """Return the lists of all parts as one, sorted by path and further keys."""
    return sorted(_chain(parts, name), key=attrgetter("path", *keys))


def _iter_mismatches(reports: Sequence[ReadShard]) -> Iterator[str]:
    """Yield the differences of a report from this process, or from the first report."""
    for report in reports:
        there, here = report.versions, list_versions(file.measurement for file in report.report.files)
        if others := [name for name in {**there, **here} if here.get(name) != there.get(name)]:
            theirs = ", ".join(f"{name} {there.get(name)}" for name in others)
            ours = ", ".join(f"{name} {here.get(name)}" for name in others)
            yield f"{report.path} is from {theirs}; merging needs the same versions; this is {ours}"
        for what in _iter_differences(report, reports[0]):
            yield f"{report.path} does not belong to {reports[0].path}: {what}"


def _iter_differences(report: ReadShard, other: ReadShard) -> Iterator[str]:
    here, there = report.shard, other.shard
    if here.of != there.of:
        yield f"it is one of {here.of} shards, not of {there.of}"
    if here.commit != there.commit:
        yield f"it is for commit {_shorten(here.commit)}, not {_shorten(there.commit)}"
    if here.settings_digest != there.settings_digest:
        yield "different settings, baseline or options"
    ours, theirs = report.report.coverage, other.report.coverage
    if (ours and ours.source) != (theirs and theirs.source):
        yield "different coverage data, or none"
    if here.asked_for != there.asked_for:
        yield "different files were requested"
    elif here.files != there.files:
        yield "the set of files or their sizes differ (different line endings?)"


def _shorten(commit: str | None) -> str:
    return "none" if commit is None else commit[:_SHORT]


def _iter_miscounted(reports: Sequence[ReadShard]) -> Iterator[str]:
    """Yield which shards are missing, and which are repeated."""
    paths: dict[str, list[str]] = {}
    for report in reports:
        paths.setdefault(str(report.shard), []).append(str(report.path))
    for name, several in paths.items():
        if len(several) > 1:
            yield f"shard {name} appears {count(len(several), 'time')}: {', '.join(several)}"
    of = reports[0].shard.of
    if missing := [name for name in (f"{number}/{of}" for number in range(1, of + 1)) if name not in paths]:
        write = f"`check --shard {missing[0]} --report shard=PATH`"
        yield f"no report of shard {', '.join(missing)}; {write} writes one"


def _merge_facts(parts: Iterable[Report], number: int) -> RunFacts:
    runs = [part.facts for part in parts]
    stops = [f"shard {run.shard}: {run.stopped}" for run in runs if run.stopped is not None]
    stopped = "; ".join(stops) or None
    # Restrictions other than the shard; an option of pytest may apply in only some shards.
    narrowed_by = list(dict.fromkeys(chain.from_iterable(run.narrowed_by[:-1] for run in runs)))
    slowest = sorted(_chain(runs, "slowest"), key=lambda item: (-item.seconds, item.path))
    summed = {name: _sum([getattr(run, name) for run in runs]) for name in _SUMMED}
    return replace(
        runs[0],
        seconds=max(map(attrgetter("seconds"), runs)),
        ended=max(map(attrgetter("ended"), runs)),
        slowest=slowest[:_SLOWEST],
        processes=_chain(runs, "processes"),
        store=None,  # medians can't be added
        handles=None,
        strategy=count(len(runs), "shard"),
        narrowed_by=narrowed_by,
        stopped=stopped,
        complete=not narrowed_by and stopped is None and number == runs[0].total,
        overrides=_merge_overrides(runs),
        shard=None,
        **summed,
    )


def _chain(parts: Iterable[object], name: str) -> list[Any]:
    return list(chain.from_iterable(map(attrgetter(name), parts)))


def _sum(values: Sequence[Any]) -> Any:
    """Return the sum of values, or of tables of values."""
    if not isinstance(values[0], dict):
        return sum(values)
    totals = Counter[str]()
    for value in values:
        totals.update(value)
    return dict(totals)


def _merge_changes(parts: Iterable[Report]) -> Changes | None:
    found = [part.changes for part in parts if part.changes is not None]
    if not found:
        return None
    return Changes(
        tuple(_join(found, "changes")),
        tuple(_join(found, "not_compared")),
        tuple(_join(found, "splits", "line")),
        unchecked=tuple(sorted(_chain(found, "unchecked"))),
        module_code=tuple(_join(found, "module_code")),
        generated=tuple(sorted(_chain(found, "generated"))),
    )


def _merge_coverage(parts: Sequence[Report]) -> CoverageFacts | None:
    found = [part.coverage for part in parts if part.coverage is not None]
    return reduce(add, found) if len(found) == len(parts) else None


def _merge_overrides(runs: Iterable[RunFacts]) -> list[OtherLimits]:
    """Return the groups of files with other limits, sorted by first path."""
    limits = [(path, item.limits) for run in runs for item in run.overrides for path in item.files]
    return group_limits(sorted(limits, key=itemgetter(0)))


def _make_stats(reports: Sequence[ReadShard], merged: Report) -> RunStats:
    shards, facts = [each.shard for each in reports], merged.facts
    reviews = [shard.review for shard in shards if shard.review is not None]
    warnings = dict.fromkeys(line for shard in shards for line in shard.warnings)
    named = shards[0].named_baseline
    return RunStats(
        total=facts.total,
        narrowed_by=tuple(facts.narrowed_by) or None,
        warnings=tuple(warnings),
        is_change=facts.change is not None,
        changes=merged.changes,
        waivers=merged.waivers,
        review=reduce(add, reviews, Review()) if reviews else None,
        pruning=command_for("prune", None if named is None else Path(facts.root, named), None),
        stopped=facts.stopped,
        coverage=merged.coverage,
        folder=find_folder(facts.root, facts.git_top),
    )
