"""Find coverage data, and read it in a separate process within the limits of a file.

Data and coverage.py's settings belong to the checked project. A pattern can backtrack for years, and a data
file can contain more than fits into memory.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple, TypeAlias, TypeVar, cast

import msgspec
from msgspec import Struct

from pytest_antipasta.messages import format_path, make_printable
from pytest_antipasta.model.coverage import Covered, FileCoverage
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.processes.child import LoneChild
from pytest_antipasta.processes.limits import Excess, ResourceLimits
from pytest_antipasta.settings.values import Settings

SERVER = "pytest_antipasta.coverage.server"
"""The module that runs in the reading process."""
WRITE_AGAIN = (
    "create it with `coverage run -m pytest`, or name another data file or a report of `coverage json`"
)
"""What to do about data that can't be read."""


class Open(Struct, frozen=True, array_like=True, tag=True):
    """Read coverage.py's settings and all data.

    The answers are ``Done`` for the settings and for each file, and ``DataFacts``.

    Attributes:
        root: folder of the settings.
        paths: paths of the data files. A report has all data, and those after it are not read.
        folder: folder for temporary copies.
        max_size_mb: maximum size of each file in MB.
    """

    root: bytes
    paths: tuple[bytes, ...]
    folder: bytes
    max_size_mb: float


class Analyse(Struct, frozen=True, array_like=True, tag=True):
    """Analyse a file; the answers are ``Done``, when its data was read, and ``Analysed``.

    Attributes:
        location: location of the file.
        content: its content.
    """

    location: bytes
    content: bytes


class Done(Struct, frozen=True, array_like=True, tag=True):
    """A part of the request was carried out."""


class Failed(Struct, frozen=True, array_like=True, tag=True):
    """The settings or the data can't be read.

    Attributes:
        message: what the user is told.
    """

    message: bytes


class DataFacts(Struct, frozen=True, array_like=True, tag=True):
    """Facts about the data.

    Attributes:
        has_branches: whether branches were measured.
        written: when the data was written, in seconds since 1970.
        example: path of a measured file.
        plugins: names of coverage.py's plugins in the settings, which are not loaded.
    """

    has_branches: bool
    written: float
    example: str
    plugins: tuple[str, ...]


class Analysed(Struct, frozen=True, array_like=True, tag=True):
    """The coverage of a file: that of each function by the line of its ``def``.

    Attributes:
        state: as in :class:`FileCoverage`; without functions unless it is ``known``.
        functions: coverage by line.
    """

    state: Literal["known", "stale", "absent"]
    functions: dict[int, Covered] = {}


ReaderRequest: TypeAlias = Open | Analyse
ReaderAnswer: TypeAlias = Done | Failed | DataFacts | Analysed
_Kind = TypeVar("_Kind", DataFacts, Analysed)


class _Subject(NamedTuple):
    """What a request reads, and what to do if that exceeds a limit."""

    name: str
    advice: str


class Reader:
    """A process that reads settings, data and sources, one after the other."""

    def __init__(self, limits: ResourceLimits) -> None:
        """Start the process.

        Args:
            limits: limits of each answer.

        Raises:
            UsageError: the process can't be started.
        """
        self._limits = limits
        self._decode = msgspec.msgpack.Decoder(ReaderAnswer).decode
        try:
            self._child = LoneChild(SERVER, limits.seconds)
        except OSError as error:
            raise _no_process(error) from error

    def ask(self, request: ReaderRequest, kind: type[_Kind], *subjects: _Subject) -> _Kind:
        """Return the last answer to a request.

        Args:
            request: what to do.
            kind: type of the last answer.
            subjects: what each answer is about.

        Raises:
            UsageError: something can't be read, or exceeds a limit.
        """
        try:
            self._child.ask(msgspec.msgpack.encode(request), len(subjects))
        except OSError as error:
            raise _no_process(error) from error
        for subject in subjects:
            answer = self._wait(subject)
        return cast("_Kind", answer)

    def close(self) -> None:
        """End the process."""
        self._child.end()

    def _wait(self, subject: _Subject) -> ReaderAnswer:
        data = self._child.wait(self._limits)
        if data is None:
            self._child.end()
            data = self._child.explain_kill(self._limits)
            if data is None:
                raise UsageError(
                    f"the process that read {subject.name} ended ({self._child.describe_end()}); "
                    "run the check again"
                )
        if isinstance(data, Excess):
            raise UsageError(f"reading {subject.name} {data.phrase}; {subject.advice}")
        answer: ReaderAnswer = self._decode(data)
        if isinstance(answer, Failed):
            raise UsageError(answer.message.decode(errors="surrogatepass"))
        return answer


class Coverage:
    """Coverage data for the files of a root."""

    def __init__(self, reader: Reader, opened: DataFacts) -> None:
        self._reader = reader
        self._opened = opened

    @property
    def has_branches(self) -> bool:
        """Whether branches were measured."""
        return self._opened.has_branches

    @property
    def written(self) -> float:
        """When the data was written, in seconds since 1970."""
        return self._opened.written

    @property
    def example(self) -> str:
        """The path of a measured file."""
        return self._opened.example

    def analyse(self, verdict: Verdict, content: bytes, location: str) -> FileCoverage:
        """Return the coverage of a file.

        Args:
            verdict: verdict with all values of the file.
            content: judged content of the file.
            location: location of the file.

        Raises:
            UsageError: the data can't be read, or a limit is exceeded.
        """
        found = self.find_functions(verdict.path, content, location)
        functions = {
            block.qualified_name: found.functions[block.line]
            for block in verdict.measurement.blocks
            if block.kind != "class" and block.line in found.functions
        }
        return FileCoverage(found.state, functions)

    def find_functions(self, path: str, content: bytes, location: str) -> Analysed:
        """Return the coverage of a file's functions, by line; ``path`` is for messages."""
        name = f"coverage of {make_printable(path)}"
        data = _Subject(name, f"{WRITE_AGAIN}; or raise the limit")
        source = _Subject(
            name,
            "raise the limit, exclude the file, or simplify patterns such as `exclude_also` in coverage.py's "
            "settings",
        )
        return self._reader.ask(Analyse(os.fsencode(location), content), Analysed, data, source)

    def iter_notes(self) -> Iterator[str]:
        """Yield notes about the data."""
        if plugins := self._opened.plugins:
            yield f"coverage.py's settings name plugins ({', '.join(plugins)}), which are not loaded"


@contextmanager
def open_coverage(path: Path, settings: Settings) -> Iterator[Coverage]:
    """Yield the coverage data at a path, for the sources below a root.

    The path is a data file, a report of ``coverage json``, or a folder with data files. If there is no such
    file, data files of parallel runs with its name and a suffix are used.

    Args:
        path: path of the data.
        settings: settings of the root; the limits of a file are those of each data file.

    Raises:
        UsageError: the data or coverage.py's settings can't be read, or exceed a limit.
    """
    found = _find_files(path)
    limits = ResourceLimits(settings.file_timeout, settings.memory_limit_mb)
    with (
        TemporaryDirectory(prefix="antipasta-", ignore_cleanup_errors=True) as folder,
        closing(Reader(limits)) as reader,
    ):
        rules = _Subject("coverage.py's settings", "simplify them, or raise the limit")
        data = [
            _Subject(f"coverage data {format_path(item)}", f"{WRITE_AGAIN}; or raise the limit")
            for item in found
        ]
        paths = tuple(map(os.fsencode, found))
        request = Open(os.fsencode(settings.root), paths, os.fsencode(folder), settings.max_file_size_mb)
        yield Coverage(reader, reader.ask(request, DataFacts, rules, *data, data[-1]))


def _no_process(error: OSError) -> UsageError:
    return UsageError(f"can't start a process to read coverage data: {error}; run the check again")


def _find_files(path: Path) -> list[Path]:
    """Return the files at a path."""
    is_folder = path.is_dir()
    if not is_folder and os.path.lexists(path):
        return [path]
    first = path / ".coverage" if is_folder else path
    named = first.parent.glob(f"{glob.escape(first.name)}*")
    if found := sorted(item for item in named if _is_data(item, first.name)):
        return found
    if is_folder:
        raise UsageError(f"no coverage data files (.coverage, .coverage.*) in {format_path(path)}")
    raise UsageError(f"coverage data not found: {format_path(path)}; {WRITE_AGAIN}")


def _is_data(path: Path, name: str) -> bool:
    """Return whether a file is data of a parallel run, and not settings or a file of SQLite."""
    suffix = path.name.removeprefix(name)
    return path.is_file() and (not suffix or suffix[0] == ".") and not path.name.endswith("-journal")
