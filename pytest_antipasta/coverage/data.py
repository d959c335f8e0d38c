"""Read coverage data: a data file of coverage.py, several of one run, or the report of ``coverage json``.

Data files are read by coverage.py itself from a copy, as it adds its tables to every file that it opens.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
from coverage import CoverageData
from coverage.exceptions import ConfigError
from coverage.files import PathAliases

from pytest_antipasta.coverage.analysis import Arc, Executed
from pytest_antipasta.coverage.project import ProjectSettings
from pytest_antipasta.messages import format_path
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import read_regular

_SQLITE = b"SQLite format 3\0"
_WRITE_AGAIN = (
    "create it with `coverage run -m pytest`, or name another data file or a report of `coverage json`"
)


class Data(NamedTuple):
    """The content of coverage data.

    Attributes:
        paths: paths of the measured files, as in the data.
        find: returns the executed lines of some of these paths, which may belong to one file.
        has_branches: whether branches were measured.
        written: when the data was written, in seconds since 1970.
    """

    paths: Sequence[str]
    find: Callable[[Iterable[str]], Executed]
    has_branches: bool
    written: float


@contextmanager
def open_data(path: Path) -> Iterator[Data]:
    """Yield the data at a path: a data file, a report of ``coverage json``, or the data files of a folder.

    If there is no such file, data files of parallel runs with its name and a suffix are used.

    Raises:
        UsageError: the data is missing or unreadable.
    """
    found = _find_files(path)
    with TemporaryDirectory(prefix="antipasta-", ignore_cleanup_errors=True) as folder:
        contents = map(_read, found)
        first = next(contents)
        if first.lstrip()[:1] == b"{":
            yield _read_json(found[0], first)
            return
        with ExitStack() as opened:
            databases = [
                opened.enter_context(_open_database(path, content, Path(folder, str(number))))
                for number, (path, content) in enumerate(zip(found, chain((first,), contents), strict=True))
            ]
            with _refusing_damage(", ".join(map(format_path, found[:3]))):
                combined = _combine(found, databases)
            yield combined


@contextmanager
def _refusing_damage(name: str, copy: str = "") -> Iterator[None]:
    """Reject data that can't be read to its end.

    Args:
        name: of the data, as it is shown.
        copy: name of a temporary copy that coverage.py reads; replaced by `name` in messages.

    Raises:
        UsageError: coverage.py raises any error for damaged data.
    """
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        reason = str(error).replace(copy, name) if copy else error
        raise UsageError(f"{name} can't be read as coverage data: {reason}; {_WRITE_AGAIN}") from error


def _find_files(path: Path) -> list[Path]:
    """Return the files at a path."""
    if path.is_dir():
        found = sorted(item for item in path.glob(".coverage*") if _is_data(item, ".coverage"))
        if not found:
            raise UsageError(f"no coverage data files (.coverage, .coverage.*) in {format_path(path)}")
        return found
    if os.path.lexists(path):
        return [path]
    found = sorted(
        item for item in path.parent.glob(f"{glob.escape(path.name)}.*") if _is_data(item, path.name)
    )
    if not found:
        raise UsageError(f"coverage data not found: {format_path(path)}; {_WRITE_AGAIN}")
    return found


def _is_data(path: Path, name: str) -> bool:
    """Return whether a file is data of a parallel run, and not settings or a file of SQLite."""
    suffix = path.name.removeprefix(name)
    return path.is_file() and (not suffix or suffix[0] == ".") and not path.name.endswith("-journal")


def _read(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        UsageError: the file can't be read.
    """
    try:
        return read_regular(path)
    except OSError as error:
        raise UsageError(f"can't read {format_path(path)}: {error.strerror}") from error


@contextmanager
def _open_database(path: Path, content: bytes, copy: Path) -> Iterator[CoverageData]:
    """Yield the data of one file, which coverage.py reads from a copy.

    Raises:
        UsageError: the file is not coverage data.
    """
    name = format_path(path)
    if not content:
        raise UsageError(f"{name} is empty; {_WRITE_AGAIN}")
    if not content.startswith(_SQLITE):
        raise UsageError(
            f"{name} is not coverage data; name a data file of coverage.py or a report of `coverage json`"
        )
    copy.write_bytes(content)
    data = CoverageData(os.fspath(copy))
    try:
        with _refusing_damage(name, os.fspath(copy)):
            data.read()
        yield data
    finally:
        if hasattr(data, "close"):  # early versions of 7 close their database after each use
            data.close()


def _combine(paths: Sequence[Path], databases: Sequence[CoverageData]) -> Data:
    """Return the combined data of several files.

    Raises:
        UsageError: the files are empty, or only some have branches.
    """
    full = [database for database in databases if database.measured_files()]
    names = ", ".join(map(format_path, paths[:3]))
    if not full:
        raise UsageError(f"{names}: no file was measured; {_WRITE_AGAIN}")
    kinds = {item.has_arcs() for item in full}
    if len(kinds) > 1:
        raise UsageError(f"{names}: can't be combined, because only some have branch data")

    measured = sorted({path for item in full for path in item.measured_files() if not item.file_tracer(path)})
    find = partial(_find_executed, full, has_arcs=True in kinds)
    return Data(measured, find, True in kinds, max(item.stat().st_mtime for item in paths))


def _find_executed(databases: Iterable[CoverageData], measured: Iterable[str], *, has_arcs: bool) -> Executed:
    """Return the executed lines of some measured paths, in all contexts of all data files.

    Raises:
        UsageError: the data can't be read.
    """
    lines: set[int] = set()
    arcs: set[Arc] = set()
    with _refusing_damage("the coverage data"):
        for database in databases:
            for path in measured:
                lines.update(database.lines(path) or ())
                arcs.update(database.arcs(path) or ())
    return Executed(frozenset(lines), frozenset(arcs) if has_arcs else None)


class _Meta(msgspec.Struct):
    version: str
    branch_coverage: bool = False


class _File(msgspec.Struct):
    executed_lines: list[int]
    missing_lines: list[int]
    excluded_lines: list[int]
    missing_branches: list[Arc] | None = None


class _Document(msgspec.Struct):
    """The necessary part of the report of ``coverage json``, in all of its formats."""

    meta: _Meta
    files: dict[str, _File]


def _read_json(path: Path, content: bytes) -> Data:
    """Return the data of a report.

    Raises:
        UsageError: it is another document.
    """
    try:
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(
            f"{format_path(path)} is not a report of `coverage json` ({error}); {_WRITE_AGAIN}"
        ) from error
    has_branches = document.meta.branch_coverage

    def find(measured: Iterable[str]) -> Executed:
        (name,) = list(measured)[:1]
        file = document.files[name]
        return Executed(
            frozenset(file.executed_lines),
            None,
            frozenset(file.excluded_lines),
            frozenset(file.missing_branches or ()) if has_branches else None,
        )

    return Data(sorted(document.files), find, has_branches, path.stat().st_mtime)


def locate(paths: Iterable[str], root: Path, project: ProjectSettings) -> Mapping[str, list[str]]:
    """Return the measured paths by the real location of each file.

    Args:
        paths: paths in the data; relative ones are below the root.
        root: folder of the settings.
        project: settings with earlier locations of sources.

    Raises:
        UsageError: a pattern in the settings is invalid.
    """
    aliases = PathAliases(relative=project.is_relative)
    try:
        for tree in project.paths:
            for pattern in tree[1:]:
                is_loose = project.is_relative or pattern.startswith("*") or os.path.isabs(pattern)
                aliases.add(pattern if is_loose else os.fspath(root / pattern), os.fspath(root / tree[0]))
    except ConfigError as error:
        raise UsageError(f"coverage.py's setting `paths`: {error}") from error
    found: dict[str, list[str]] = {}
    for path in paths:
        location = os.path.realpath(root / aliases.map(path))
        found.setdefault(os.path.normcase(location), []).append(path)
    return found
