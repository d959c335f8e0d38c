"""Describe what a run does and why, for its log and for ``--debug``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.files.selection import describe_root
from pytest_antipasta.logs.notes import DEBUG, ERROR, INFO, NAMELESS, WARNING, NoteKind, is_logged, log_event
from pytest_antipasta.logs.spans import SLOW, Phases, record_slow_file
from pytest_antipasta.messages import count, list_names, show_name
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import LEFT_TO_STORE, Verdict
from pytest_antipasta.model.measured import LASTING_ERRORS
from pytest_antipasta.model.run import MissReason
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.location import ENVIRONMENT_VARIABLE, locate_cache_dir

if TYPE_CHECKING:
    from pytest_antipasta.engine.plan import RunPlan

LogLines: TypeAlias = Iterable[tuple[NoteKind, str]]
_MOST_NAMES = 10
_REASONS: dict[MissReason, str] = {
    "new": "because their contents are new",
    "other_versions": "because the stored values are from other versions",
    "forgotten": "because the store removed their measurements",
    "unreadable": "because the stored measurement was corrupt",
    "error": "because errors are not stored",
    "no_store": "because there is no store",
}


def describe_places(settings: Settings, cache_dir: Path | None) -> LogLines:
    """Yield where the settings and the store are."""
    why = "" if settings.source else f", {describe_root(settings)}"
    yield "settings", f"root {settings.root}{why}, settings from {settings.source or 'nowhere: defaults'}"
    if written := ", ".join(f"{key} ({place})" for key, place in _list_written(settings)):
        yield "settings", f"set there: {written}"
    yield (
        "store",
        f"store {cache_dir}, {_name_origin(cache_dir, settings)}"
        if cache_dir
        else f"store disabled{'' if settings.cache else ' by the settings'}",
    )


def _list_written(settings: Settings) -> list[tuple[str, str]]:
    if settings.source is None or not settings.source.is_file():  # settings of a commit
        return []
    from pytest_antipasta.settings.origins import find_origins

    with suppress(UsageError):  # staged settings can be valid where those of the working tree are not
        return list(find_origins(settings).iter_written())
    return []


def _name_origin(cache_dir: Path, settings: Settings) -> str:
    """Return what chose the folder of the store."""
    if os.environ.get(ENVIRONMENT_VARIABLE) or settings.cache_dir is not None:
        named = f"by {ENVIRONMENT_VARIABLE}" if os.environ.get(ENVIRONMENT_VARIABLE) else "by the settings"
    else:
        named = "in the user's cache folder"
    return named if cache_dir == locate_cache_dir(None, settings.cache_dir) else "by an option"


def describe_plan(plan: RunPlan, cache_dir: Path | None) -> LogLines:
    """Yield where the settings and the store are, which files a run covers, and how many."""
    yield from describe_places(plan.rules.settings, cache_dir)
    selection, shard = plan.selection, plan.part.shard
    of = "" if selection.total is None else f" of {selection.total}"
    names = [*(selection.narrowed_by or ()), *([] if shard is None else [f"shard {shard}"])]
    narrowed = f", limited to {', '.join(names)}" if names else ""
    yield "files", f"{count(len(plan.sources) + plan.unlisted, 'file')}{of}{narrowed}"


def describe_found(hits: int, misses: int, copies: int) -> str:
    """Return how many files the store had; the arguments are those of :class:`Result`."""
    words = f"{count(hits, 'hit')}, {count(misses, 'miss', 'misses')}"
    return f"{words}, {count(copies, 'copy', 'copies')} of other files" if copies else words


def describe_judged(failed: int, found: tuple[int, int, int], reasons: Mapping[str, MissReason]) -> LogLines:
    """Yield how many files were checked and failed, and why some were measured, by path."""
    yield "files", f"{count(sum(found), 'file')} checked, {failed} failed; {describe_found(*found)}"
    missed: dict[str, list[str]] = {}
    for path, reason in reasons.items():
        missed.setdefault(_REASONS[reason], []).append(path)
    for why, paths in missed.items():
        names = list_names(sorted(map(show_name, paths)), _MOST_NAMES)
        yield "files", f"{count(len(paths), 'file')} measured, {why}: {names}"


def describe_phases(phases: Phases) -> tuple[NoteKind, str]:
    """Return how long the phases of a run took, and the whole run."""
    parts = (f"{name} {part:.3f} s" for name, part in phases.seconds.items())
    return "phases", f"{', '.join(parts)}, {phases.total():.3f} s in total"


def iter_debug_lines(lines: LogLines) -> Iterator[str]:
    """Yield log lines in the format of ``--debug``."""
    return (f"debug: {said}" for _, said in lines)


def log_known(verdicts: Iterable[Verdict]) -> None:
    """Log verdicts that were known before the run."""
    logs_all = is_logged(DEBUG)
    for verdict in verdicts:
        # Most files of a large tree pass by the stat index, and have one measurement in common.
        if logs_all or (verdict.measurement is not LEFT_TO_STORE and verdict.errors):
            log_outcome(Outcome(verdict))


def log_outcome(outcome: Outcome) -> None:
    """Log the outcome of one source, in the process that writes the log."""
    verdict, worker, process = outcome.verdict, outcome.worker, outcome.process
    error = next(iter(verdict.errors), None)
    if outcome.seconds > SLOW or outcome.traceback:
        _trace_outcome(outcome)
    for warning in outcome.warnings:
        log_event(WARNING, "warning", warning.text, worker=worker, process=process)
    if error is not None:
        level = INFO if error.kind in LASTING_ERRORS else WARNING  # INFO if the content decides
        level, said = ERROR if outcome.traceback else level, f"not measured ({error.kind}): {error.message}"
    elif is_logged(DEBUG):
        found = _name_way(verdict)
        time = f" in {outcome.seconds:.3f} s" if outcome.seconds else ""  # the gate does not time its files
        level, said = DEBUG, f"{found}{time}, {count(len(verdict.violations), 'violation')}"
    else:
        return
    log_event(
        level, "file", said, path=verdict.path, worker=worker, process=process, traceback=outcome.traceback
    )


def _name_way(verdict: Verdict) -> str:
    """Return how the values of a source were obtained; the index or a memo knows a brief verdict."""
    if verdict.is_brief:
        return "unchanged"
    return {"store": "looked up", "copy": "copied", "measured": "measured"}[verdict.origin]


def _trace_outcome(outcome: Outcome) -> None:
    verdict, error = outcome.verdict, outcome.verdict.error
    record_slow_file(
        verdict.path,
        outcome.seconds,
        {
            "process.pid": outcome.process,
            "antipasta.worker": outcome.worker or NAMELESS,
            "antipasta.found": _name_way(verdict),
            "antipasta.violations": len(verdict.violations),
        },
        began=outcome.began,
        error=error.kind if error else "",
        traceback=outcome.traceback,
    )
