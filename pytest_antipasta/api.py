"""The public interface for other programs, which the package itself re-exports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pytest_antipasta.baseline import find_baseline
from pytest_antipasta.engine import Rules, measure_once, open_run
from pytest_antipasta.errors import UsageError
from pytest_antipasta.files import require_inside
from pytest_antipasta.model import MeasuredFile, Verdict
from pytest_antipasta.settings import load_settings
from pytest_antipasta.store import find_cache_dir


def measure(data: bytes, path: str = "-") -> MeasuredFile:
    """Return the numbers of one source; nothing is read, stored or judged.

    Args:
        data: the content as it is in the file; decoded as Python would.
        path: a name for it.

    Returns:
        The numbers; for source that can't be measured, ``error`` says why. Nothing is raised for it.

    Raises:
        TypeError: the content is no bytes.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        hint = ": read the file in binary mode, or encode the text" if isinstance(data, str) else ""
        raise TypeError(f"measure() takes the bytes of a source, not {type(data).__name__}{hint}")
    measurement = measure_once(bytes(data))
    return MeasuredFile(path, measurement.metrics, measurement.blocks, measurement.error)


def check(
    paths: Iterable[str | os.PathLike[str]] = (), *, config: Path | None = None, use_store: bool = True
) -> list[Verdict]:
    """Judge source files by the settings that apply in the current folder.

    Args:
        paths: files and folders to narrow the check to; none for all.
        config: read the settings from this file.
        use_store: look measurements up, and keep new ones.

    Returns:
        A verdict for each file, in the order of their paths.

    Raises:
        UsageError: the settings are wrong, a path is not there, or a folder is outside of the root.
        TypeError: there is a path where a list of them belongs.
    """
    if isinstance(paths, str | bytes | os.PathLike):
        raise TypeError(
            f"check() takes a list of paths, not {type(paths).__name__}: write check([{paths!r}])"
        )
    settings = load_settings(Path.cwd(), config).settings
    _, recorded = find_baseline(settings)
    locations = [os.path.abspath(path) for path in paths]
    missing = [location for location in locations if not os.path.lexists(location)]
    if missing:
        raise UsageError(f"no such file or folder: {missing[0]}")
    require_inside(settings, locations)
    cache_dir = find_cache_dir(None, settings.cache_dir) if use_store else None
    run = open_run(Rules(settings, recorded), locations or None, cache_dir)
    run.judge_all(workers=0)
    return run.tally.sorted_verdicts()
