"""What a run does and why, in words: for its log, and for ``--debug``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeAlias

from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.results import Result
from pytest_antipasta.files import Selection
from pytest_antipasta.logs import DEBUG, ERROR, INFO, WARNING, Kind, is_noted, note
from pytest_antipasta.messages import count
from pytest_antipasta.model import LASTING_ERRORS, Verdict, Workers
from pytest_antipasta.settings import Settings

Decisions: TypeAlias = Iterator[tuple[Kind, str]]


def describe_places(settings: Settings, cache_dir: Path | None) -> Decisions:
    """Yield where settings and store are."""
    yield "settings", f"root {settings.root}, settings from {settings.source or 'nowhere: defaults'}"
    yield "store", f"store {cache_dir or 'switched off'}"


def describe_files(number: int, selection: Selection) -> Decisions:
    """Yield which files a run is over, and how many."""
    of = "" if selection.total is None else f" of {selection.total}"
    narrowed = f", narrowed by {', '.join(selection.narrowed_by)}" if selection.narrowed_by else ""
    yield "files", f"{count(number, 'file')}{of}{narrowed}"


def describe_end(workers: Workers | None, verdicts: Collection[Verdict], phases: Phases) -> Decisions:
    """Yield what has become of a run."""
    if workers is not None:
        yield "workers", f"{count(workers.number, 'worker')}: {workers.reason}"
    yield describe_verdicts(verdicts)
    yield describe_phases(phases)


def describe_verdicts(verdicts: Collection[Verdict]) -> tuple[Kind, str]:
    """Return how many files were judged, and of how many the store had the numbers."""
    failed, hits = sum(one.failed for one in verdicts), sum(one.from_store for one in verdicts)
    copies = sum(one.is_coalesced for one in verdicts)
    found = f"{count(hits, 'hit')}, {count(len(verdicts) - hits - copies, 'miss', 'misses')}"
    found += f", {count(copies, 'copy', 'copies')} of other files" if copies else ""
    return "files", f"{count(len(verdicts), 'file')} judged, {failed} failed; {found}"


def describe_phases(phases: Phases) -> tuple[Kind, str]:
    """Return what the parts of a run and all of it took."""
    parts = (f"{name} {part:.3f} s" for name, part in phases.seconds.items())
    return "phases", f"{', '.join(parts)}, {phases.total():.3f} s in all"


def note_result(result: Result) -> None:
    """Note the result of one source, where it comes to the process that writes."""
    verdict, worker, process = result.verdict, result.worker, result.process
    error = verdict.measurement.error
    for warning in result.warnings:
        note(WARNING, "warning", warning, worker=worker, process=process)
    if error is not None:
        level = INFO if error.kind in LASTING_ERRORS else WARNING  # the content's, and the run's own
        level, said = ERROR if result.traceback else level, f"not measured ({error.kind}): {error.message}"
    elif is_noted(DEBUG):
        found = "looked up" if verdict.from_store else "copied" if verdict.is_coalesced else "measured"
        level, said = (
            DEBUG,
            f"{found} in {result.seconds:.3f} s, {count(len(verdict.violations), 'violation')}",
        )
    else:
        return
    note(level, "file", said, path=verdict.path, worker=worker, process=process, traceback=result.traceback)
