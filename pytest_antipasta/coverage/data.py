"""Reading coverage data: a data file of coverage.py, several of one run, or the report of ``coverage json``.

Data files are read by coverage.py itself from a copy, as it writes its tables into whatever it opens.
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
    "run the tests under coverage.py again, and name its data file or the report of `coverage json`"
)


class Data(NamedTuple):
    """What was measured.

    Attributes:
        paths: of the measured files, as the data has them.
        find: returns what ran of some of these paths, which may be of one file.
        has_branches: whether branches were measured.
        written: when the data was written, in seconds since 1970.
    """

    paths: Sequence[str]
    find: Callable[[Iterable[str]], Executed]
    has_branches: bool
    written: float


@contextmanager
def open_data(path: Path) -> Iterator[Data]:
    """Yield the data of a path: a data file, a report of ``coverage json``, or the data files of a folder.

    Where there is no such file, those of parallel runs beside it count, which have its name and a suffix.

    Raises:
        UsageError: there is none, or it can't be read.
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
    """Refuse data that can't be read to its end.

    Args:
        name: of the data, as it is shown.
        copy: of a file that coverage.py reads in place of the data, and that the user knows nothing of.

    Raises:
        UsageError: coverage.py fails with whatever SQLite and damaged values make of it.
    """
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        reason = str(error).replace(copy, name) if copy else error
        raise UsageError(f"{name} can't be read as coverage data: {reason}; {_WRITE_AGAIN}") from error


def _find_files(path: Path) -> list[Path]:
    """Return the files that a path stands for."""
    if path.is_dir():
        found = sorted(one for one in path.glob(".coverage*") if _is_data(one, ".coverage"))
        if not found:
            raise UsageError(f"no coverage data files (.coverage, .coverage.*) in {format_path(path)}")
        return found
    if os.path.lexists(path):
        return [path]
    found = sorted(one for one in path.parent.glob(f"{glob.escape(path.name)}.*") if _is_data(one, path.name))
    if not found:
        raise UsageError(f"coverage data not found: {format_path(path)}; {_WRITE_AGAIN}")
    return found


def _is_data(path: Path, name: str) -> bool:
    """Whether a file beside another is data of a parallel run, and no settings nor what SQLite keeps."""
    suffix = path.name.removeprefix(name)
    return path.is_file() and (not suffix or suffix[0] == ".") and not path.name.endswith("-journal")


def _read(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        UsageError: it can't be read.
    """
    try:
        return read_regular(path)
    except OSError as error:
        raise UsageError(f"can't read {format_path(path)}: {error.strerror}") from error


@contextmanager
def _open_database(path: Path, content: bytes, copy: Path) -> Iterator[CoverageData]:
    """Yield the data of one file, for which coverage.py reads a copy of it.

    Raises:
        UsageError: it is no such data.
    """
    name = format_path(path)
    if not content:
        raise UsageError(f"{name} is empty; {_WRITE_AGAIN}")
    if not content.startswith(_SQLITE):
        raise UsageError(f"{name} is neither a data file of coverage.py nor a report of `coverage json`")
    copy.write_bytes(content)
    data = CoverageData(os.fspath(copy))
    try:
        with _refusing_damage(name, os.fspath(copy)):
            data.read()
        yield data
    finally:
        if hasattr(data, "close"):  # the first versions of 7 close their database after each use
            data.close()


def _combine(paths: Sequence[Path], databases: Sequence[CoverageData]) -> Data:
    """Return the data of several files as one.

    Raises:
        UsageError: there is none in them, or some have branches and others don't.
    """
    full = [one for one in databases if one.measured_files()]
    names = ", ".join(map(format_path, paths[:3]))
    if not full:
        raise UsageError(f"{names}: no file was measured; {_WRITE_AGAIN}")
    kinds = {one.has_arcs() for one in full}
    if len(kinds) > 1:
        raise UsageError(f"{names}: some have branches and others do not, so that they can't be combined")

    measured = sorted({path for one in full for path in one.measured_files() if not one.file_tracer(path)})
    find = partial(_find_executed, full, has_arcs=True in kinds)
    return Data(measured, find, True in kinds, max(one.stat().st_mtime for one in paths))


def _find_executed(databases: Iterable[CoverageData], measured: Iterable[str], *, has_arcs: bool) -> Executed:
    """Return what ran of some measured paths, in all contexts of all data files.

    Raises:
        UsageError: they can't be read.
    """
    lines: set[int] = set()
    arcs: set[Arc] = set()
    with _refusing_damage("the coverage data"):
        for one in databases:
            for path in measured:
                lines.update(one.lines(path) or ())
                arcs.update(one.arcs(path) or ())
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
    """The part of the report of ``coverage json`` that is needed, in all of its formats."""

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
    """Return the measured paths by the real location of the file that each is about.

    Args:
        paths: as the data has them; relative ones are below the root.
        root: the folder that has the settings.
        project: says where sources that are elsewhere by now were.

    Raises:
        UsageError: a pattern of these settings is wrong.
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
