"""The public interface for other programs, which the package itself re-exports."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.engine import Rules, Run, open_run, read_rules
from pytest_antipasta.engine.measuring import measure_once
from pytest_antipasta.engine.stats import describe_run, find_changes
from pytest_antipasta.files import require_inside
from pytest_antipasta.logs import trace_call
from pytest_antipasta.model import MeasuredFile, Report, UsageError
from pytest_antipasta.report import make_report
from pytest_antipasta.settings import Settings, with_limits
from pytest_antipasta.store import find_cache_dir


def measure(data: bytes, path: str = "-") -> MeasuredFile:
    """Return the numbers of one source; nothing is read, stored or judged.

    Args:
        data: the content as it is in the file; decoded as Python would.
        path: a name for it; one that ends in ``.ipynb`` is that of a notebook.

    Returns:
        The numbers; for source that can't be measured, ``error`` says why. Nothing is raised for it.

    Raises:
        TypeError: the content is no bytes.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        hint = ": read the file in binary mode, or encode the text" if isinstance(data, str) else ""
        raise TypeError(f"measure() expects the source as bytes, got {type(data).__name__}{hint}")
    measurement = measure_once(bytes(data), path)
    return MeasuredFile(path, measurement.metrics, measurement.blocks, measurement.error)


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
    config: Path | None = None,
    use_store: bool = True,
) -> Report:
    """Judge source files by the settings that apply in a folder.

    Args:
        paths: files and folders to narrow the check to; ``None`` for all, an empty list for nothing.
        limits: by metric, in place of those of the settings for every path: a number, a table as in the
            settings, or ``False`` for none.
        jobs: worker processes; 0 for this one, ``None`` for as many as the work is worth.
        staged: judge what is staged, beside HEAD.
        diff: judge what changed since the common ancestor with this commit, or what a branch does in
            ``REF..REF``.
        progress: is called with how many files were judged, and how many there are, after each of them.
        root: the folder, in which relative paths are, too.
        config: read the settings from this file.
        use_store: look measurements up, and keep new ones.

    Returns:
        The findings in the order of the files' paths, facts about the run, the files with all of their
        numbers, and what a change does. What an extension has not measured is a ``RuntimeWarning``.

    Raises:
        UsageError: the settings or limits are wrong, a path is not there, a folder is outside of the root, or
            git does not know what changed.
        TypeError: there is a path where a list of them belongs.
        ValueError: both ``staged`` and ``diff`` are asked for, or ``jobs`` is negative.
    """
    if staged and diff is not None:
        raise ValueError("check() takes either staged or a diff, not both")
    if jobs is not None and jobs < 0:
        raise ValueError(f"check() expects a number of jobs >= 0, got {jobs}")
    folder = Path(os.path.abspath(root))
    rules = _load_rules(folder, config, staged=staged)
    if limits:
        rules = replace(rules, settings=with_limits(rules.settings, limits))
    locations = _locate(rules.settings, folder, paths)
    cache_dir = find_cache_dir(None, rules.settings.cache_dir) if use_store else None
    if staged or diff is not None:
        run = _open_change(rules, folder, diff, locations, cache_dir, jobs)
    else:
        run = open_run(rules, locations, cache_dir)
    run.judge_all(jobs, lambda _: progress(len(run.verdicts), len(run.tasks)))
    _warn(run.rules)  # where warnings are errors, this raises, and the store is closed by now
    report = make_report(run.sorted_verdicts(), describe_run(run), find_changes(run))
    return replace(report, findings=tuple(report.findings))


def _warn(rules: Rules) -> None:
    """Say what no file is judged by."""
    for fault in rules.find_faults():
        warnings.warn(fault, RuntimeWarning, stacklevel=4)  # who has called check(), which is decorated


def _load_rules(folder: Path, config: Path | None, *, staged: bool) -> Rules:
    """Return the rules of a folder, for a commit those that are staged."""
    if not staged:
        return read_rules(folder, config)
    # Here, because it brings git with it.
    from pytest_antipasta.gate import load_staged

    return load_staged(folder, lambda find: read_rules(folder, config, find=find))


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
    locations = [os.path.abspath(folder / path) for path in paths]
    if missing := [location for location in locations if not os.path.lexists(location)]:
        raise UsageError(f"no such file or folder: {missing[0]}")
    require_inside(settings, locations)
    return locations


def _open_change(
    rules: Rules,
    folder: Path,
    diff: str | None,
    locations: list[str] | None,
    cache_dir: Path | None,
    jobs: int | None,
) -> Run:
    # Here, because it brings git with it.
    from pytest_antipasta.gate import AskedChange, open_change_run

    return open_change_run(rules, AskedChange(folder, diff, locations), cache_dir, jobs)
