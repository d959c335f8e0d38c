"""The line ``next: …``, which suggests what to do after a failed run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.messages import format_argument, format_path, make_printable
from pytest_antipasta.metrics import find_stem
from pytest_antipasta.model import BaselineEntry, Verdict, Violation
from pytest_antipasta.report.blocks import find_rows, sort_rows

_Clue: TypeAlias = tuple[str, str]
"""A file's path or a function's bare name, and a metric."""


def suggest_next(
    verdicts: Sequence[Verdict], unmoved: Sequence[BaselineEntry], stand: Invocation
) -> str | None:
    """Return the suggested command: explain the worst function, or record renamed violations again.

    Return ``None`` if no file can be named: standard input has no name, and a name may not be printable.

    Args:
        verdicts: verdicts sorted by path.
        unmoved: baseline entries that no moved code was matched with.
        stand: where the user runs commands, with the necessary options.
    """
    if (step := _explain_worst(verdicts, stand)) is None:
        return None
    recording = _suggest_recording(find_unrecognised(verdicts, unmoved, stand.root), stand)
    return step if recording is None else f"{step}; {recording}"


def _suggest_recording(verdicts: Sequence[Verdict], stand: Invocation) -> str | None:
    if not verdicts:
        return None
    paths = " ".join(format_argument(format_path(stand.root / verdict.path)) for verdict in verdicts)
    command = f"{stand.format_command('baseline write', [])} {paths}"
    return f"if the baseline has this code under a different name, run `{command}`"


def _explain_worst(verdicts: Sequence[Verdict], stand: Invocation) -> str | None:
    failed = filter(_can_be_explained, verdicts)
    known = [verdict for verdict in failed if _can_be_typed(stand.root, verdict.path)]
    if not known:
        return None
    rows = sort_rows(find_rows(known))
    verdict, name = (rows[0].verdict, rows[0].name) if rows else (known[0], None)
    path = format_path(stand.root / verdict.path)
    explain = stand.format_command("explain", [])
    if verdict.error is not None:
        return f"`{explain} {format_argument(path)}` shows the line and the details"
    target = format_argument(make_printable(f"{path}::{name}" if name else path))
    return f"`{explain} {target}` shows how its values are calculated, and its limits"


def _can_be_explained(verdict: Verdict) -> bool:
    """Return whether a file fails in a way that ``explain`` can describe further."""
    error = verdict.error
    return verdict.failed and (error is None or (error.kind == "syntax" and error.line is not None))


def _can_be_typed(root: Path, path: str) -> bool:
    return path.isprintable() and os.path.lexists(root / path)


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
    wanted = {
        clue
        for verdict in verdicts
        for violation in verdict.violations
        for clue in _find_clues(verdict.path, violation)
    }
    measured = {verdict.path: verdict for verdict in verdicts if verdict.error is None}
    for entry in unmoved:
        clues = wanted.intersection(_find_clues(entry.path, entry))
        if clues and not _is_there(entry, measured.get(entry.path), root):
            yield from clues


def _find_clues(path: str, violation: Violation | BaselineEntry) -> tuple[_Clue, _Clue]:
    name = find_stem((violation.qualified_name or "").rpartition(".")[2])
    return (f"{path}::", violation.metric), (name, violation.metric)


def _is_there(entry: BaselineEntry, verdict: Verdict | None, root: Path) -> bool:
    if verdict is None:
        return os.path.lexists(root / entry.path)
    return entry.qualified_name is None or entry.qualified_name in verdict.by_name


def _may_be_recorded(verdict: Verdict, clues: set[_Clue]) -> bool:
    return all(
        violation.was_recorded
        or (violation.recorded is None and not clues.isdisjoint(_find_clues(verdict.path, violation)))
        for violation in verdict.violations
    )


class Invocation(Struct, frozen=True):
    """Where the user runs commands, and the options that commands need.

    Attributes:
        folder: the current folder.
        root: folder that the paths of verdicts are relative to.
        config: path of the settings, if an option names it.
        baseline: path of the baseline, if an option names it.
        is_committed: whether commits were judged, so that only a new commit can fix them.
    """

    folder: Path
    root: Path
    config: Path | None
    baseline: Path | None = None
    is_committed: bool = False

    def format_command(self, action: str, verdicts: Iterable[Verdict]) -> str:
        """Return a command about files, quoted for a shell."""
        named = {"--config": self.config, "--baseline": self.baseline}
        options = [f"{option} {self.format_path(path)}" for option, path in named.items() if path is not None]
        paths = [self.format_path(self.root / verdict.path) for verdict in verdicts]
        return " ".join(("pytest-antipasta", action, *options, *paths))

    def format_explain(self, path: str, name: str | None) -> str:
        """Return the command that explains a function of a file, or the file."""
        command = self.format_command("explain", [])
        target = f"{self.root / path}::{name}" if name else str(self.root / path)
        return f"{command} {self.format_path(Path(target))}"

    def format_staging(self, baseline: Path) -> list[str]:
        """Return the commands that stage a baseline, or commit it."""
        return [f"git add {self.format_path(baseline)}", *["git commit"] * self.is_committed]

    def format_path(self, path: Path) -> str:
        """Return a path as the user can type it."""
        try:
            return format_argument(os.path.relpath(path, self.folder))
        except ValueError:  # on another drive
            return format_argument(str(path))
