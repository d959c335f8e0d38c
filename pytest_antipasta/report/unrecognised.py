"""Find violations that may be recorded in the baseline under another name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from pytest_antipasta.metrics import find_stem
from pytest_antipasta.model import BaselineEntry, Verdict, Violation

_Clue: TypeAlias = tuple[str, str]
"""A file's path or a function's bare name, and a metric."""


def find_unrecognised(
    verdicts: Sequence[Verdict], unmoved: Sequence[BaselineEntry], root: Path
) -> list[Verdict]:
    """Return the files in which all violations were tolerated before, or may have been.

    A violation may have been tolerated if an entry for missing code has the same metric, and the same file or
    the same name.

    Args:
        verdicts: verdicts on files, including passing ones.
        unmoved: baseline entries that no moved code was matched with.
        root: folder that paths are relative to.
    """
    failing = [verdict for verdict in verdicts if verdict.violations]
    clues = set(_iter_clues_left(verdicts, unmoved, root)) if failing and unmoved else set()
    return [verdict for verdict in failing if _may_be_recorded(verdict, clues)]


def _iter_clues_left(
    verdicts: Sequence[Verdict], unmoved: Sequence[BaselineEntry], root: Path
) -> Iterator[_Clue]:
    """Yield the clues of violations that also belong to entries for missing code."""
    wanted = {clue for verdict in verdicts for clue in _iter_clues(verdict)}
    measured = {verdict.path: verdict for verdict in verdicts if verdict.error is None}
    for entry in unmoved:
        clues = wanted.intersection(_find_clues(entry.path, entry))
        if clues and not _is_there(entry, measured.get(entry.path), root):
            yield from clues


def _iter_clues(verdict: Verdict) -> Iterator[_Clue]:
    for violation in verdict.violations:
        yield from _find_clues(verdict.path, violation)


def _find_clues(path: str, violation: Violation | BaselineEntry) -> tuple[_Clue, _Clue]:
    name = find_stem((violation.qualified_name or "").rpartition(".")[2])
    return (f"{path}::", violation.metric), (name, violation.metric)


def _is_there(entry: BaselineEntry, verdict: Verdict | None, root: Path) -> bool:
    if verdict is None:
        return os.path.lexists(root / entry.path)
    return entry.qualified_name is None or entry.qualified_name in verdict.kinds


def _may_be_recorded(verdict: Verdict, clues: set[_Clue]) -> bool:
    return all(
        violation.was_recorded
        or (violation.recorded is None and not clues.isdisjoint(_find_clues(verdict.path, violation)))
        for violation in verdict.violations
    )
