"""Source files as pytest items, and their names."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import pytest
from msgspec.structs import asdict

from pytest_antipasta.engine.outcome import Judge, Outcome
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.source import Source
from pytest_antipasta.messages import show_name
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileError
from pytest_antipasta.plugin.longrepr import FailureText, find_file_line
from pytest_antipasta.plugin.pytest_internals import find_hooked_folder

ITEM_NAME = "antipasta"
SUFFIX = f"::{ITEM_NAME}"
# Markers that say whether a test runs, once or again, and whether its failure counts.
_OF_TESTS = ("flaky", "skip", "skipif", "xfail")
_HOOKS = pytest.StashKey[dict[str, Any]]()
Phase: TypeAlias = Literal["setup", "call", "teardown"]
OUTCOME = "antipasta_outcome"
"""Attribute of a report with the outcome of its file."""


class ItemFiles(NamedTuple):
    """The files that become items, and what the items need.

    Attributes:
        sources: the files.
        rootpath: folder that node ids are relative to.
        judge: judges a file when its item runs.
        read_whole: adds all values to a brief verdict; by default, all verdicts have them.
        others: the files of other shards, whose items are deselected.
    """

    sources: Sequence[Source]
    rootpath: Path
    judge: Judge
    read_whole: Callable[[Verdict], Verdict] = lambda verdict: verdict
    others: Sequence[Source] = ()


class OverLimitError(AssertionError):
    """Fails an item whose file was measured; for an error of another base, allure-pytest shows "broken"."""


class NotMeasuredError(Exception):
    """Fails an item whose file can't be measured."""


class SourceFile(pytest.File):
    """The parent of a source file's item: editors group items by its path, and ``-k`` sees its name.

    Its parent is the session: below a ``Package``, pytest would import the package.
    """

    def collect(self) -> list[pytest.Item]:
        """Return nothing: items are there before their parents."""
        return []


class SourceItem(pytest.Item):
    """One source file.

    It has the attributes of pytest's doctest items, which plugins and conftests expect of all items. Like
    those, it lacks ``callspec``, ``function``, ``module`` and the like, which plugins test for.

    Attributes:
        obj: ``None``, as there is no Python object.
        _parallel_custom_item: tells pytest-run-parallel that this is known, and needs no warning.
        source: the file.
        outcome: outcome of the file; ``None`` until it is judged.
    """

    obj: None = None
    _parallel_custom_item = True

    def __init__(self, *, source: Source, title: str, files: ItemFiles, **kwargs: Any) -> None:
        """Make an item of a file; see :func:`make_item`."""
        super().__init__(**kwargs)
        del vars(self)["path"], vars(self)["parent"]  # the session's
        self.source = source
        self.outcome: Outcome | None = None
        self._line = 0
        self._files = files
        self._title = title
        self.add_marker(_make_marker())

    def add_marker(self, marker: str | pytest.MarkDecorator, append: bool = True) -> None:
        """Add a marker, except those that conftests give all items for the sake of tests.

        For example, a file fails again if it runs again, and needs nothing that a test is skipped for.
        """
        if getattr(marker, "name", marker) not in _OF_TESTS:
            super().add_marker(marker, append)

    def iter_markers_with_node(self, name: str | None = None) -> Iterator[tuple[Any, pytest.Mark]]:
        """Yield all markers, also those of the session, with the same exceptions.

        The parent has none, and need not be made.
        """
        for node in (self, self.session):
            for mark in node.own_markers:
                if name in (None, mark.name) and mark.name not in _OF_TESTS:
                    yield node, mark

    def _initrequest(self) -> None:
        """Reset nothing: there are no fixtures. Plugins call it before an item runs again."""

    @cached_property
    def path(self) -> Path:  # type: ignore[override]  # a plugin may still set it
        """Path of the file, which few plugins use; the root for a path that breaks --nf."""
        location = self.source.location
        if self.config.getoption("newfirst", False) and not os.path.exists(location):
            return self.config.rootpath
        return Path(location)

    @cached_property
    def parent(self) -> pytest.Collector:  # type: ignore[override]  # a plugin may still set it
        """The file as a node of pytest's tree, made when it is asked for: half as much work as the item."""
        node: SourceFile = SourceFile.from_parent(
            self.session, path=self.path, name=self._title, nodeid=self.nodeid.removesuffix(SUFFIX)
        )
        return node

    @property
    def ihook(self) -> Any:
        """The hooks of all plugins and of the loaded conftests above the file, found once for its folder.

        pytest looks at the disk for each item. No collector yields this one, so that nothing asks before all
        conftests are loaded.
        """
        folder = os.path.dirname(self.source.location)
        known = self.session.stash.setdefault(_HOOKS, {})
        if folder not in known:
            known[folder] = self.session.gethookproxy(find_hooked_folder(self.config, Path(folder)))
        return known[folder]

    @cached_property
    def fixturenames(self) -> list[str]:
        """An empty list of fixture names; a new one for each item, as conftests add to it."""
        return []

    @cached_property
    def funcargs(self) -> dict[str, object]:
        """An empty mapping of fixtures."""
        return {}

    @property
    def location(self) -> tuple[str, int | None, str]:
        """Place and title of a report: the line of the failure, if known, counted from 0."""
        return self.nodeid.removesuffix(SUFFIX), self._line, self._title

    def runtest(self) -> None:
        """Judge the file.

        Raises:
            OverLimitError: it has a violation or an invalid comment.
            NotMeasuredError: it can't be measured.
            pytest.skip.Exception: it is a notebook in another language.
        """
        if not self.user_properties:  # otherwise it runs again, as in pytest-retry
            self.add_numbers()
        outcome = self.judge()
        if outcome.failed:
            error = NotMeasuredError if outcome.verdict.is_unmeasured else OverLimitError
            raise error(self.failure_text().reprcrash.message)
        if (skip := self.describe_skip()) is not None:
            pytest.skip(skip[2])

    def add_numbers(self) -> None:
        """Add the file's values for JUnit and others."""
        measurement = self._files.read_whole(self.judge().verdict).measurement
        numbers = [(name, value) for name, value in asdict(measurement.metrics).items() if value is not None]
        self.user_properties += numbers
        if measurement.error is not None and numbers:
            self.user_properties.append(("partial", True))

    def make_report(
        self, phase: Phase, keywords: Mapping[str, Literal[1]] | None = None
    ) -> pytest.TestReport:
        """Judge the file and return the report of a phase, without the hooks of a test's phases.

        Only the call can fail. Keywords of source items are equal for all; they are computed if omitted.
        """
        is_call = phase == "call"
        outcome = self.judge() if is_call else None
        failed = outcome is not None and outcome.failed
        skip = self.describe_skip() if is_call else None
        stop = time.time()
        start = stop - (0.0 if outcome is None else outcome.seconds)
        report = pytest.TestReport(
            nodeid=self.nodeid,
            location=self.location,
            keywords=dict(keywords or dict.fromkeys(self.keywords, 1)),
            outcome="failed" if failed else "skipped" if skip else "passed",
            longrepr=self.failure_text() if failed else skip,
            when=phase,
            duration=stop - start,
            start=start,
            stop=stop,
            user_properties=self.user_properties,
        )
        if outcome is not None:
            setattr(report, OUTCOME, outcome)
        return report

    def describe_skip(self) -> tuple[str, int, str] | None:
        """Return what pytest prints of a skipped test, file, line and reason; ``None`` for a judged file."""
        if self.outcome is None or self.outcome.verdict.other_kernel is None:
            return None
        from pytest_antipasta.report.failure import format_headline

        return self.source.location, 1, format_headline(self.outcome.verdict)

    def failure_text(self) -> Any:
        """Return the text about the file, which fails."""
        return FailureText(self.judge(), self.source.location, self.config)

    def judge(self) -> Outcome:
        """Return the outcome of the file, computed once."""
        if self.outcome is None:
            try:
                self.outcome = outcome = self._files.judge(self.source)
            except pytest.fail.Exception as stopped:  # by another plugin, such as pytest-timeout
                self.outcome = outcome = make_stopped(self.source, str(stopped))
            if outcome.failed or outcome.verdict.measurement.error is not None:
                self._line = (find_file_line(outcome.verdict) or 1) - 1
        return self.outcome

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the failure's text; for unexpected errors pytest's own."""
        if isinstance(excinfo.value, (OverLimitError, NotMeasuredError)):
            return self.failure_text()
        if isinstance(excinfo.value, pytest.fail.Exception) and self.outcome is None:
            # Another plugin has stopped it, such as pytest-timeout: our traceback would not help.
            return f"{self._title}: not measured: {excinfo.value}"
        return super().repr_failure(excinfo, style)


def make_stopped(source: Source, reason: str) -> Outcome:
    """Return the outcome of a file whose item another plugin has stopped."""
    return Outcome(Verdict.of(source.path, FileError("internal", reason)))


def make_item(session: pytest.Session, source: Source, files: ItemFiles) -> SourceItem:
    """Return the item of one of some files."""
    root, title = files.rootpath, show_name(source.path)
    # Making the node id from the location takes several times as long.
    is_below = source.location == f"{root}{os.sep}{source.path}"
    item: SourceItem = SourceItem.from_parent(
        session,
        name=ITEM_NAME,
        nodeid=_make_id(title) if is_below else make_node_id(source, root),
        source=source,
        title=title,
        files=files,
    )
    return item


def make_node_id(source: Source, rootpath: Path) -> str:
    """Return the node id of a file's item."""
    return _make_id(show_name(display_path(rootpath, source.location)))


def _make_id(title: str) -> str:
    """Return the node id of a file: pytest puts it into the environment, which may lack characters of it."""
    encoding = sys.getfilesystemencoding()
    return title.encode(encoding, "backslashreplace").decode(encoding) + SUFFIX


def make_judged_item(session: pytest.Session, source: Source, outcome: Outcome) -> SourceItem:
    """Return the item of a file that was judged elsewhere."""
    files = ItemFiles([source], session.config.rootpath, lambda _: outcome)
    item = make_item(session, source, files)
    item.add_numbers()
    return item


@cache
def _make_marker() -> pytest.MarkDecorator:
    return pytest.mark.antipasta
