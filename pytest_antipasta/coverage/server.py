"""Process that reads coverage.py's settings and data, and analyses sources with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from pytest_antipasta.coverage.analysis import Analysis
from pytest_antipasta.coverage.data import Data, DataFiles, locate
from pytest_antipasta.coverage.project import ProjectSettings, read_project
from pytest_antipasta.coverage.reading import (
    Analyse,
    Analysed,
    DataFacts,
    Done,
    Failed,
    Open,
    ReaderAnswer,
    ReaderRequest,
)
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.processes.serving import Answering, answer_requests
from pytest_antipasta.runtime.garbage import gc_rarely

_decode = msgspec.msgpack.Decoder(ReaderRequest).decode


def serve() -> None:
    """Answer requests until the pipe is closed."""
    answer_requests(_prepare)


def _prepare(_: bytes) -> Answering:
    """Return the function that answers requests."""
    gc_rarely()
    reader = _Reader()

    def answer(request: bytes) -> Iterator[bytes]:
        try:
            for found in reader.answer(_decode(request)):
                yield msgspec.msgpack.encode(found)
        except UsageError as error:
            yield msgspec.msgpack.encode(Failed(str(error).encode(errors="surrogatepass")))

    return answer


class _Reader:
    """What has been read of a root's coverage."""

    _project: ProjectSettings
    _data: Data
    _by_location: Mapping[str, list[str]]

    def answer(self, request: ReaderRequest) -> Iterator[ReaderAnswer]:
        """Yield the answers to a request; :class:`UsageError` is raised if something can't be read."""
        return self._open(request) if isinstance(request, Open) else self._analyse(request)

    def _open(self, request: Open) -> Iterator[ReaderAnswer]:
        root, folder, files = Path(os.fsdecode(request.root)), Path(os.fsdecode(request.folder)), DataFiles()
        self._project = read_project(root)
        yield Done()
        for number, path in enumerate(request.paths):
            files.add(Path(os.fsdecode(path)), folder / str(number), request.max_size_mb)
            yield Done()
        self._data = data = files.combine()
        self._by_location = locate(data.paths, root, self._project)
        yield DataFacts(data.has_branches, data.written, data.paths[0], self._project.plugins)

    def _analyse(self, request: Analyse) -> Iterator[ReaderAnswer]:
        location = os.path.normcase(os.path.realpath(os.fsdecode(request.location)))
        executed = self._data.find(self._by_location.get(location, ()))
        yield Done()
        if executed is None:
            yield Analysed("absent")
            return
        try:
            analysis = Analysis(request.content, executed, self._project.patterns)
            functions = None if analysis.is_stale else dict(analysis.iter_functions())
        except ValueError:  # the content was measured, so only coverage.py can't parse it
            functions = None
        yield Analysed("stale") if functions is None else Analysed("known", functions)
