"""The public interface for programs, re-exported by the package."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.measuring.measurer import measure_once
from pytest_antipasta.engine.opening import AskedFiles, open_run
from pytest_antipasta.engine.rules import Rules, read_rules
from pytest_antipasta.engine.storage.storage import find_store
from pytest_antipasta.files.selection import require_inside
from pytest_antipasta.logs.tracing import trace_call
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.measured import MeasuredFile
from pytest_antipasta.results.report import report_run
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.runtime.imports import guard_imports
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.gate.sides import Side


def measure(data: bytes, path: str | os.PathLike[str] = "-") -> MeasuredFile:
    """Return the values of one source, without reading, storing or judging anything.

    Args:
        data: content of the file; decoded as by Python.
        path: a name for the content; ``.ipynb`` at its end means a notebook.

    Returns:
        The values; for source that can't be measured, ``error`` says why, and nothing is raised.

    Raises:
        TypeError: the content is not bytes, or the name no path.
    """
    guard_imports()
    if not isinstance(data, bytes | bytearray | memoryview):
        hint = ": read the file in binary mode, or encode the text" if isinstance(data, str) else ""
        raise TypeError(f"measure() expects the source as bytes, got {type(data).__name__}{hint}")
    name = os.fspath(path)
    measurement = measure_once(bytes(data), name)
    return MeasuredFile(name, measurement.metrics, measurement.blocks, measurement.error)


@trace_call("antipasta check")
def check(
    paths: Iterable[str | os.PathLike[str]] | None = None,
    *,
    limits: Mapping[str, object] | None = None,
    jobs: int | None = 0,
    staged: bool = False,
    diff: str | None = None,
    progress: Callable[[int, int], object] = lambda *_: None,
    root: str | os.PathLike[str] = ".",
    config: str | os.PathLike[str] | None = None,
    use_store: bool = True,
) -> Report:
    """Judge source files by the settings that apply in a folder.

    Args:
        paths: files and folders to check; ``None`` for all, an empty list for none.
        limits: limits by metric, which replace those of the settings for every path: a number, a table as in
            the settings, or ``False`` for none.
        jobs: number of worker processes; 0 for this process only, ``None`` for automatic.
        staged: judge staged changes against HEAD.
        diff: judge changes since the common ancestor with this commit, or of a branch by ``REF..REF``.
        progress: called after each file with the number of judged files and the total; not for a change.
        root: the folder; relative paths start there too.
        config: read the settings from this file.
        use_store: whether to use the store.

    Returns:
        The findings sorted by path, facts about the run, the files with all values, and the effect of a
        change. What the command line warns of is a ``RuntimeWarning``.

    Raises:
        UsageError: the settings or limits are invalid, a path or the root does not exist, a folder is outside
            the root, or git can't determine the changes.
        TypeError: an argument has a wrong type, such as a single path instead of a list.
        ValueError: both ``staged`` and ``diff`` are given, or ``jobs`` is negative.
    """
    guard_imports()
    _check_arguments(limits, jobs, staged, diff)
    folder, named = _require_folder(root), None if config is None else Path(config)

    def load(files: RuleFiles) -> Rules:
        rules = read_rules(folder, named, files=files)
        return rules.with_limits(limits) if limits else rules

    is_change = staged or diff is not None
    side = _open_side(folder, diff, load) if is_change else None
    rules = load(DISK) if side is None else side.rules
    locations = _locate(rules.settings, folder, paths)
    cache_dir = find_store(rules.settings) if use_store else None
    if side is not None:
        ledger = _open_change(side, diff, locations, cache_dir, jobs)
    else:
        ledger = open_run(rules, cache_dir, AskedFiles(locations))
    run = ledger.judge_all(jobs, progress)
    # If warnings are errors, this raises; the store is closed already.
    _warn(find_warnings(run, is_brief=True, can_cover=False))
    report = report_run(run, ["plans"])
    return replace(report, findings=tuple(report.findings))


def _check_arguments(
    limits: Mapping[str, object] | None, jobs: int | None, staged: bool, diff: str | None
) -> None:
    """Raise an error for arguments of a wrong type, or that have no meaning."""
    for name, value, kind, expected in (
        ("limits", limits, Mapping, "a mapping"),
        ("jobs", jobs, int, "an integer"),
        ("diff", diff, str, "the name of a commit"),
    ):
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"check() expects {name} as {expected}, got {type(value).__name__}")
    if staged and diff is not None:
        raise ValueError("check() takes either staged or a diff, not both")
    if jobs is not None and jobs < 0:
        raise ValueError(f"check() expects a number of jobs >= 0, got {jobs}")
    if diff is not None and "\0" in diff:
        raise UsageError(f"unknown commit {make_printable(diff)}")


def _require_folder(root: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a root, which must exist, as the folders above it may have settings."""
    folder = Path(os.path.abspath(root))
    if not folder.is_dir():
        raise UsageError(f"not a folder: {make_printable(str(folder))}")
    return folder


def _warn(notes: Iterable[str]) -> None:
    """Warn of each note, at the line of the caller."""
    for note in notes:
        warnings.warn(note, RuntimeWarning, stacklevel=4)  # the caller of check(), which is decorated


def _open_side(folder: Path, diff: str | None, load: Callable[[RuleFiles], Rules]) -> Side:
    from pytest_antipasta.gate.sides import open_after

    return open_after(folder, diff, load)


def _locate(
    settings: Settings, folder: Path, paths: Iterable[str | os.PathLike[str]] | None
) -> list[str] | None:
    """Return absolute locations; ``None`` for all files."""
    if paths is None:
        return None
    if isinstance(paths, str | bytes | os.PathLike):
        raise TypeError(
            f"check() expects a list of paths, got {type(paths).__name__}; write check([{paths!r}])"
        )
    paths = [*paths]
    if "" in paths:
        raise UsageError("a path is empty; to check all files, pass None instead of paths")
    locations = [os.path.abspath(folder / os.fspath(path)) for path in paths]
    if missing := [location for location in locations if not os.path.lexists(location)]:
        raise UsageError(f"no such file or folder: {make_printable(missing[0])}")
    require_inside(settings, locations)
    return locations


def _open_change(
    side: Side,
    diff: str | None,
    locations: list[str] | None,
    cache_dir: Path | None,
    jobs: int | None,
) -> Ledger:
    from pytest_antipasta.gate.opening import AskedChange, open_change_run

    return open_change_run(side, diff, AskedChange(locations=locations), cache_dir, jobs)
