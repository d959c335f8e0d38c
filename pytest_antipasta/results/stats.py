"""Statistics of a run, for its summary and for reports."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from msgspec.structs import replace

from pytest_antipasta.baseline.file import command_for
from pytest_antipasta.engine.result import Result
from pytest_antipasta.engine.run_log import describe_found
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import count, list_names, show_name
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import Review, RunStats, find_folder
from pytest_antipasta.results.idle_patterns import iter_idle_paths
from pytest_antipasta.settings.load import iter_nested_notes
from pytest_antipasta.settings.unmeasured import (
    find_judged,
    iter_idle_limits,
    iter_missing_limits,
    iter_uncovered_limits,
)


def make_stats(run: Result, metrics: Container[str] | None = None, *, is_brief: bool = False) -> RunStats:
    """Return the statistics of a run for its summary.

    Args:
        run: a finished run.
        metrics: the selected metrics; ``None`` for all.
        is_brief: whether only warnings are included, and not what was left out.
    """
    narrowed_by, settings = run.selection.narrowed_by, run.rules.settings
    if run.kind == "content" and run.sources:
        narrowed_by = None  # there are no other files that could be left out
    top = find_repository(settings.root) if run.kind == "change" else None
    return RunStats(
        total=run.selection.total,
        narrowed_by=narrowed_by,
        warnings=(*iter_missing_limits(settings), *find_warnings(run, is_brief=is_brief)),
        is_change=run.kind == "change",
        changes=_find_listed(run, metrics),
        waivers=run.waivers,
        review=_review_part(run),
        pruning=command_for("prune", run.rules.named_baseline, settings.source),
        deselected_by=find_deselecting(run),
        stopped=run.ending.stopped,
        unlisted=run.unlisted,
        unlisted_functions=run.unlisted_functions,
        coverage=run.coverage,
        bare_root=None if settings.source or settings.exclude else settings.root,
        folder=find_folder(settings.root.as_posix(), None if top is None else top.as_posix()),
    )


def format_cost(run: Result) -> str:
    """Return what a run cost in a line; empty if nothing was checked."""
    skipped = [verdict for verdict in run.verdicts.values() if verdict.other_kernel is not None]
    hits = run.found[0] - sum(verdict.from_store for verdict in skipped)
    number = sum(run.found) - len(skipped)
    if not number:
        return ""
    has_store = run.store.cache_dir is not None
    # The files of a change are not unchanged.
    known = f", {hits:,} unchanged" if hits and has_store and run.kind != "change" else ""
    return f"checked {count(number, 'file')}{known}, in {run.measure_seconds():.2f} s"


def format_store(run: Result) -> str:
    """Return in a line what the store had, and how long a run took in which processes."""
    is_beside_tests = run.ending.is_beside_tests
    took = f"in {run.measure_seconds():.2f} s{', tests not counted' if is_beside_tests else ''}"
    if run.workers is not None:
        processes = count(run.workers.number, "worker") if run.workers.number else "no workers"
        took += f"{',' if is_beside_tests else ''} with {processes} ({run.workers.reason})"
    if run.store.cache_dir is None:
        return f"{count(sum(run.found), 'file')} read without the store, {took}"
    return f"store: {describe_found(*run.found)}, {took}"


def find_warnings(run: Result, *, is_brief: bool = False, can_cover: bool = True) -> tuple[str, ...]:
    """Return the warnings about settings, paths and the store, and what was left out, one line each.

    A brief list contains the warnings alone. ``can_cover`` is whether the user can pass coverage data.
    """
    selection, settings = run.selection, run.rules.settings
    locations = (source.location for source in (*run.seen_sources, *run.part.others))
    names = (selection.narrowed_by or ())[run.kind == "change" :]  # the first one names the change
    nested = iter_nested_notes(settings, locations, is_narrowed=bool(names))
    uncovered = iter_uncovered_limits(run.rules.settings) if can_cover and run.coverage is None else ()
    found, idle = selection.list_notes(is_brief=is_brief), _iter_idle(run)
    notes = dict.fromkeys((*run.rules.notes, *found, *nested, *idle, *uncovered))
    kernels = describe_other_kernels(run.verdicts.values())
    return (*notes, *run.rules.faults, *run.warnings, *kernels)


def _iter_idle(run: Result) -> Iterator[str]:
    """Yield what has no effect in the settings, as far as the run knows the files."""
    settings, selection = run.rules.settings, run.selection
    number = len(run.sources) + len(run.part.others)  # of all shards
    is_whole = run.kind == "files" and selection.narrowed_by is None and number == len(selection.files)
    paths = [file.path for file in selection.files] if is_whole else []
    yield from iter_idle_limits(settings, (lambda: paths) if is_whole else None)
    # A memo knows no paths, and an earlier run has warned.
    if is_whole and not run.is_recalled and not _find_deselecting_options(run):
        yield from iter_idle_paths(settings, paths)


def describe_other_kernels(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield which notebooks are not measured, as their kernels run other languages than Python."""
    found = [
        f"{show_name(verdict.path)} ({verdict.other_kernel})"
        for verdict in verdicts
        if verdict.other_kernel is not None
    ]
    if found:
        yield f"skipped notebooks with a kernel other than Python: {list_names(sorted(found))}"


def find_deselecting(run: Result) -> tuple[str, ...]:
    """Return what deselected requested files: options of pytest, then the shard."""
    options = _find_deselecting_options(run)
    return options if run.part.shard is None else (*options, f"shard {run.part.shard}")


def _find_deselecting_options(run: Result) -> tuple[str, ...]:
    return run.ending.deselected_by if len(run.verdicts) < len(run.sources) else ()


def find_changes(run: Result, metrics: Container[str] | None = None) -> Changes | None:
    """Return how a change affects blocks of reported files, for the selected metrics."""
    if run.changes is None:
        return None
    left_out = run.by_path.keys() - run.verdicts.keys()
    changes = run.changes.keep(lambda path: path not in left_out)
    if metrics is None:
        return changes
    kept = (
        replace(change, metrics={name: item for name, item in change.metrics.items() if name in metrics})
        for change in changes.changes
    )
    splits = (split for split in changes.splits if split.metric in metrics)
    return replace(changes, changes=tuple(kept), splits=tuple(splits))


def _find_listed(run: Result, metrics: Container[str] | None) -> Changes | None:
    """Return the effect of a change without the files that a warning or a failure says were not compared."""
    if (changes := find_changes(run, metrics)) is None or run.gate_verdict is None:
        return changes
    known = {path for path, _ in run.gate_verdict.not_compared}
    others = (item for item in changes.not_compared if item.path not in known)
    return replace(changes, not_compared=tuple(others))


def _review_part(run: Result) -> Review | None:
    """Return the review of a run for its own summary, which does not know the files of other shards."""
    review = review_recorded(run)
    return review if review is None or run.part.shard is None else replace(review, is_known=False)


def review_recorded(run: Result) -> Review | None:
    """Return which entries of the baseline are not needed as they are; ``None`` without a baseline."""
    recorded = run.rules.recorded
    if recorded is None:
        return None
    if run.kind != "files" or not find_judged(run.rules.settings):
        return Review()  # a change leaves most values out, and without limits nothing says what is needed
    from pytest_antipasta.baseline.review import review_baseline
    from pytest_antipasta.files.presence import RootFiles

    verdicts, settings = run.verdicts, run.rules.settings
    # pytest may have deselected some, or the user interrupted the run
    is_whole = run.selection.narrowed_by is None and len(verdicts) == len(run.sources)
    if run.part.shard is None:
        is_whole = is_whole and len(verdicts) + run.unlisted == run.selection.total
    elif run.part.shard.number > 1:
        is_whole = False  # only the first shard searches for entries whose code is gone
    found = review_baseline(
        recorded,
        verdicts,
        RootFiles(settings).has,
        run.rules.thresholds.find,
        lacks_language=any(map(is_missing, settings.languages)),
        is_whole=is_whole,
    )
    return Review(worse=found.worse) if run.rules.has_other_limits else found
