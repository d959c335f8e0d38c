"""Facts about a run: what a report contains besides its verdicts.

All facts are computed at the end of a run, for reports that show them.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from math import inf
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from pytest_antipasta.engine.result import Result, sum_seconds
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.git.head import find_commit
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import name_path
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.limits import PathLimits, leave_out_coverage
from pytest_antipasta.model.measured import ErrorKind
from pytest_antipasta.model.run import (
    OtherLimits,
    Process,
    ProcessFacts,
    RunFacts,
    ShardFacts,
    SlowFile,
    Spread,
    StoreFacts,
    Workers,
    group_limits,
)
from pytest_antipasta.processes.limits import read_peak
from pytest_antipasta.results.stats import find_deselecting, find_warnings, review_recorded
from pytest_antipasta.runtime.environment import VERSION
from pytest_antipasta.settings.path_thresholds import ThresholdFinder, list_overrides
from pytest_antipasta.settings.values import Settings

_SLOWEST = 10
# Settings that may differ between machines: no verdict depends on them, or other facts contain them.
_OF_MACHINE = ("root", "source", "baseline", "history_max_size_mb", "projects", "asked", "jobs")


def describe_run(run: Result, metrics: Collection[str] | None = None) -> RunFacts:
    """Return the facts that may differ between two runs over the same tree: ``run`` of a report.

    Args:
        run: a finished run.
        metrics: the selected metrics; ``None`` for all.
    """
    settings, top = run.rules.settings, find_repository(run.rules.settings.root)
    workers = run.workers or Workers(0, "")
    total = run.selection.total
    narrowed_by = [*(run.selection.narrowed_by or ()), *find_deselecting(run)]
    verdicts = run.verdicts.values()
    hits, misses, copies = run.found
    limits = _find_limits(run, metrics)
    return RunFacts(
        seconds=run.measure_seconds(),
        phases=dict(run.phases.seconds),
        ended=time.time(),
        processor=dict(run.phases.processor),
        hits=hits,
        misses=misses,
        coalesced=copies,
        missed=dict(Counter(run.miss_reasons.values())),
        retries=run.retries,
        errors=_count_errors(verdicts, metrics),
        slowest=_list_slowest(run),
        processes=list(_iter_processes(run)),
        store=_describe_store(run),
        handles=_count_handles(),
        workers=workers.number,
        strategy=workers.reason,
        total=total,
        narrowed_by=narrowed_by,
        stopped=run.ending.stopped,
        complete=not narrowed_by and run.ending.stopped is None and len(verdicts) + run.unlisted == total,
        root=name_path(settings.root.as_posix()),
        git_top=None if top is None else name_path(top.as_posix()),
        settings=_name_file(settings, settings.source),
        change=narrowed_by[0] if run.kind == "change" else None,
        baseline=_name_file(settings, None if run.rules.recorded is None else settings.baseline),
        limits={limit.metric: limit for limit in limits.thresholds},
        overrides=_find_others(run, metrics, limits),
        not_in_generated=limits.not_in_generated,
        has_other_limits=run.rules.has_other_limits,
        shard=_describe_shard(run, metrics),
    )


def _name_file(settings: Settings, path: Path | None) -> str | None:
    """Return the path of a file, relative to the root if it is below it."""
    return None if path is None else display_path(settings.root, os.fspath(path))


def _find_limits(run: Result, metrics: Container[str] | None) -> PathLimits:
    """Return the limits that apply to all files, without those that need missing coverage data."""
    thresholds = run.rules.settings.thresholds.values()
    judged = leave_out_coverage(thresholds) if run.coverage is None else tuple(thresholds)
    return _narrow(PathLimits(judged, (), run.rules.settings.not_in_generated), metrics)


def _narrow(limits: PathLimits, metrics: Container[str] | None) -> PathLimits:
    return limits if metrics is None else limits.keep(metrics)


def _find_others(run: Result, metrics: Container[str] | None, own: PathLimits) -> list[OtherLimits]:
    """Return the groups of files with other limits than their own."""
    settings = run.rules.settings
    if not (list_overrides(settings) or settings.projects):
        return []
    finder = ThresholdFinder(settings, needs_coverage=None if run.coverage else False)
    default = own.keep(own.list_metrics())
    found = ((path, _narrow(finder.find(path), metrics)) for path in sorted(run.verdicts))
    return group_limits((path, limits) for path, limits in found if limits != default)


def _count_errors(verdicts: Iterable[Verdict], metrics: Collection[str] | None) -> dict[ErrorKind, int]:
    """Return the numbers of unmeasured files by the kind of their first error."""
    kinds = Counter[ErrorKind]()
    for verdict in verdicts:
        is_asked = metrics is None or any(metric in metrics for metric in verdict.lacking)
        errors = verdict.errors if is_asked else verdict.measurement.errors
        kinds.update(error.kind for error in errors[:1])
    return dict(sorted(kinds.items()))


def _list_slowest(run: Result) -> list[SlowFile]:
    spent = [(-seconds, path, pid) for path, (pid, seconds) in run.spent.items() if seconds]
    slowest = sorted(spent)[:_SLOWEST]
    return [SlowFile(path, -seconds, pid) for seconds, path, pid in slowest]


def _iter_processes(run: Result) -> Iterator[ProcessFacts]:
    """Yield the processes of a run, and what each of them did; this process comes first."""
    here, busy, spent = os.getpid(), sum_seconds(run.spent), run.spent
    files = Counter(pid or here for pid, _ in spent.values())
    files[here] += len(run.verdicts) - len(spent)
    measured = Counter(spent.get(path, (here, 0))[0] or here for path in run.miss_reasons)
    for process in _list_processes(run, here, files):
        seconds = busy.get(process.pid, 0.0)
        # Files of a change and of standard input are not timed one by one.
        is_known = run.kind == "files"
        yield ProcessFacts(
            **asdict(process),
            files=files[process.pid],
            measured=measured[process.pid],
            busy=seconds if is_known else None,
            utilisation=min(1.0, seconds / (process.seconds or inf)) if is_known else None,
        )


def _list_processes(run: Result, here: int, judging: Iterable[int]) -> list[Process]:
    processor = sum(run.phases.processor.values())
    main = Process(here, "main", run.measure_seconds(), processor, read_peak(here))
    ended = {process.pid: process for process in run.ended if process.pid != here}
    known = {main.pid: main, **ended}
    # Only the results of a crashed process are left.
    lost = (Process(pid, "pytest-xdist", 0.0) for pid in judging if pid not in known)
    return [*known.values(), *lost]


def _describe_store(run: Result) -> StoreFacts | None:
    """Return the duration of reads and writes of the store, in all processes."""
    cache_dir = run.store.cache_dir
    if cache_dir is None or not run.store.is_open:
        return None
    # imports sqlite3, which is available wherever there is a store
    from pytest_antipasta.store.inventory import find_size

    return StoreFacts(
        _spread(run.store.reads),
        _spread(run.store.writes),
        find_size(cache_dir),
        run.rules.settings.cache_max_size_mb * 1e6,
        run.exchange and run.exchange.numbers,
    )


def _spread(seconds: Sequence[float]) -> Spread:
    ordered, number = sorted(seconds), len(seconds)
    if not ordered:
        return Spread()
    late = ordered[min(number - 1, number * 95 // 100)]
    return Spread(number, sum(ordered), ordered[number // 2], late, ordered[-1])


def _count_handles() -> int | None:
    """Return how many files, pipes and sockets this process has open; ``None`` if unknown."""
    try:
        return len(os.listdir("/dev/fd")) - 1  # the last handle is that of the listing itself
    except OSError:
        return None


def _describe_shard(run: Result, metrics: Collection[str] | None) -> ShardFacts | None:
    """Return the facts of a shard that are needed to merge its report with the others."""
    if (shard := run.part.shard) is None:
        return None
    settings, named = run.rules.settings, run.rules.named_baseline
    commit = find_commit(settings.root, run.commit)
    return ShardFacts(
        shard.number,
        shard.of,
        asked_for=(*(run.selection.narrowed_by or ()), *run.ending.deselected_by),
        files=run.part.files,
        commit=None if commit is None else commit.name,
        settings_digest=digest_rules(run.rules, metrics),
        version=VERSION,
        faults=run.rules.faults,
        warnings=find_warnings(run),
        review=review_recorded(run),
        named_baseline=None if named is None else display_path(settings.root, os.path.abspath(named)),
    )


def digest_rules(rules: Rules, metrics: Iterable[str] | None) -> str:
    """Return the digest of everything besides the file that a verdict depends on, equal on all machines."""
    settings = rules.settings
    projects = {
        project.root.relative_to(settings.root).as_posix(): _list_judging(project)
        for project in settings.projects
    }
    judged = (
        _list_judging(settings),
        projects,
        rules.recorded,
        rules.honours_suppressions,
        rules.warnings_fail,
        sorted(metrics or ()),
    )
    return hashlib.sha256(msgspec.json.encode(judged, order="deterministic")).hexdigest()


def _list_judging(settings: Settings) -> dict[str, object]:
    return {
        name: getattr(settings, name)
        for name in Settings.__struct_fields__
        if name not in _OF_MACHINE and not name.startswith("cache_")
    }
