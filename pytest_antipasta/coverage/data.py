"""Read coverage data: data files of coverage.py, or the report of ``coverage json``.

Data files are read by coverage.py itself from a copy, as it adds its tables to every file that it opens.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
from coverage import CoverageData
from coverage.exceptions import ConfigError
from coverage.files import PathAliases, isabs_anywhere

from pytest_antipasta.coverage.analysis import Arc, Executed
from pytest_antipasta.coverage.project import ProjectSettings
from pytest_antipasta.coverage.reading import WRITE_AGAIN
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import open_regular

_SQLITE = b"SQLite format 3\0"
# Everything in a database but tables and their indexes, which have pages of their own.
_OTHERS = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR rootpage = 0"


class Data(NamedTuple):
    """The content of coverage data.

    Attributes:
        paths: paths of the measured files, as in the data.
        find: returns the executed lines of some of these paths, which may belong to one file; ``None`` if
            they have none, as for templates measured by a plugin.
        has_branches: whether branches were measured.
        written: when the data was written, in seconds since 1970.
    """

    paths: Sequence[str]
    find: Callable[[Iterable[str]], Executed | None]
    has_branches: bool
    written: float


class DataFiles:
    """Data files of one run, or a report; a :class:`UsageError` says what can't be read."""

    def __init__(self) -> None:
        self._paths: list[Path] = []
        self._databases: list[CoverageData] = []
        self._report: Data | None = None

    def add(self, path: Path, copy: Path, max_size_mb: float) -> None:
        """Read a file, unless a report was read, which contains all data.

        Args:
            path: path of the file.
            copy: path for a temporary copy of a database.
            max_size_mb: maximum size in MB.
        """
        if self._report is not None:
            return
        name = format_path(path)
        with _open(path, max_size_mb) as file:
            start = file.read(len(_SQLITE))
            file.seek(0)
            if start.lstrip()[:1] == b"{":
                self._report = _read_report(path, file.read())
                return
            if start != _SQLITE:
                wrong = "empty" if not start else "not coverage data"
                raise UsageError(f"{name} is {wrong}; {WRITE_AGAIN}")
            with copy.open("wb") as target:
                shutil.copyfileobj(file, target)
        with _refusing_damage(name, os.fspath(copy)):
            _require_tables(name, copy)
            database = CoverageData(os.fspath(copy))
            database.read()
        self._databases.append(database)
        self._paths.append(path)

    def combine(self) -> Data:
        """Return the data of all files."""
        if self._report is not None:
            return self._report
        names = ", ".join(map(format_path, self._paths[:3]))
        with _refusing_damage(names):
            return _combine(names, self._paths, self._databases)


@contextmanager
def _open(path: Path, max_size_mb: float) -> Iterator[BinaryIO]:
    """Open a regular file up to a maximum size.

    Raises:
        UsageError: the file can't be read, or is too large.
    """
    name = format_path(path)
    try:
        with open(path, "rb", opener=open_regular) as file:
            size = os.fstat(file.fileno()).st_size / 1e6
            if size > max_size_mb:
                limit = f"max_file_size_mb = {max_size_mb:.4g}"
                raise UsageError(f"{name}: {size:.4g} MB is over {limit}; raise max_file_size_mb")
            yield file
    except OSError as error:
        raise UsageError(f"can't read {name}: {error.strerror}") from error


@contextmanager
def _refusing_damage(name: str, copy: str = "") -> Iterator[None]:
    """Reject data that can't be read to its end.

    Args:
        name: of the data, as it is shown.
        copy: path of a temporary copy that coverage.py reads and quotes; replaced by `name` in messages.

    Raises:
        UsageError: coverage.py raises any error for damaged data.
    """
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        reason = str(error).replace(repr(copy), f"'{name}'") if copy else str(error)
        raise UsageError(f"{name} can't be read as coverage data: {reason:.500}; {WRITE_AGAIN}") from error


def _require_tables(name: str, copy: Path) -> None:
    """Check that a database has only tables: a view can be a query that never ends.

    Raises:
        UsageError: the database has something else.
    """
    with closing(sqlite3.connect(copy)) as database:
        other = database.execute(_OTHERS).fetchone()
    if other is not None:
        kind, called = other
        kind = "virtual table" if kind == "table" else kind
        raise UsageError(
            f"{name} is not coverage data: it has a {kind} {called}, and coverage.py writes only tables; "
            f"{WRITE_AGAIN}"
        )


def _combine(names: str, paths: Sequence[Path], databases: Sequence[CoverageData]) -> Data:
    """Return the combined data of several files.

    Raises:
        UsageError: the files are empty, or only some have branches.
    """
    full = [database for database in databases if database.measured_files()]
    kinds = {item.has_arcs() for item in full}
    if len(kinds) > 1:
        raise UsageError(f"{names}: can't be combined, because only some have branch data")
    measured = _sort_paths(names, {path for item in full for path in item.measured_files()})
    find = partial(_find_executed, names, full, has_arcs=True in kinds)
    return Data(measured, find, True in kinds, max(item.stat().st_mtime for item in paths))


def _sort_paths(name: str, measured: Iterable[str]) -> list[str]:
    """Return the measured paths.

    Raises:
        UsageError: there are none, or a file can't have such a path.
    """
    for path in measured:
        if not isinstance(path, str) or "\0" in path:
            raise UsageError(f"{name} has a path that no file can have: {path!r:.200}; {WRITE_AGAIN}")
    if not measured:
        raise UsageError(f"{name}: no file was measured; {WRITE_AGAIN}")
    return sorted(measured)


def _find_executed(
    name: str, databases: Iterable[CoverageData], measured: Iterable[str], *, has_arcs: bool
) -> Executed | None:
    """Return the executed lines of some measured paths, in all contexts of all data files.

    Lines that a plugin has measured, as of a template, are not lines of Python.

    Raises:
        UsageError: the data can't be read.
    """
    lines: set[int] = set()
    arcs: set[Arc] = set()
    is_measured = False
    with _refusing_damage(name):
        for database in databases:
            for path in measured:
                if not database.file_tracer(path):
                    is_measured = True
                    lines.update(database.lines(path) or ())
                    arcs.update(database.arcs(path) or ())
    return Executed(frozenset(lines), frozenset(arcs) if has_arcs else None) if is_measured else None


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


def _read_report(path: Path, content: bytes) -> Data:
    """Return the data of a report.

    Raises:
        UsageError: it is another document.
    """
    try:
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(
            f"{format_path(path)} is not a report of `coverage json` ({error!s:.500}); {WRITE_AGAIN}"
        ) from error
    has_branches = document.meta.branch_coverage

    def find(measured: Iterable[str]) -> Executed | None:
        file = next((document.files[path] for path in measured), None)
        if file is None:
            return None
        return Executed(
            frozenset(file.executed_lines),
            None,
            frozenset(file.excluded_lines),
            frozenset(file.missing_branches or ()) if has_branches else None,
        )

    measured = _sort_paths(format_path(path), document.files)
    return Data(measured, find, has_branches, path.stat().st_mtime)


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
                is_loose = project.is_relative or pattern.startswith("*") or isabs_anywhere(pattern)
                aliases.add(pattern if is_loose else os.fspath(root / pattern), os.fspath(root / tree[0]))
    except ConfigError as error:
        raise UsageError(f"coverage.py's setting `paths`: {error}") from error
    found: dict[str, list[str]] = {}
    for path in paths:
        location = aliases.map(path)
        if location == path:  # patterns are absolute, and a path may be relative
            location = aliases.map(os.fspath(root / path))
        location = os.path.realpath(root / location)
        found.setdefault(os.path.normcase(location), []).append(path)
    return found
