"""Collecting source files as pytest items."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest
from msgspec.structs import asdict

from pytest_antipasta.engine import Judge, Result, Task
from pytest_antipasta.files import display_path
from pytest_antipasta.messages import show_name
from pytest_antipasta.model import Verdict
from pytest_antipasta.plugin.longrepr import FailureText, find_file_line
from pytest_antipasta.plugin.pytest_internals import is_spreading
from pytest_antipasta.runtime import gc_freeze, gc_paused

ITEM_NAME = "antipasta"
SUFFIX = f"::{ITEM_NAME}"
Phase: TypeAlias = Literal["setup", "call", "teardown"]
RESULT = "antipasta_result"
"""The attribute of a report that holds the result of its file."""


class OverLimitError(Exception):
    """Fails an item; its verdict says why."""


class SourceItem(pytest.Item):
    """One source file.

    It hangs directly below the session: below a ``Package`` pytest would import the package.

    It has what pytest's doctest items have besides, as plugins and conftests expect that of any item. It
    lacks ``callspec``, ``function``, ``module`` and the like, as doctests do: plugins go by them.

    Attributes:
        obj: no Python object.
        result: of the file, once it is judged.
    """

    obj: None = None
    result: Result | None = None

    def __init__(self, *, task: Task, judge: Judge, **kwargs: Any) -> None:
        """Make an item of a file, which ``judge`` judges when the item runs."""
        super().__init__(**kwargs)
        self.task = task
        self._judge = judge
        self.extra_keyword_matches.add(task.path)
        self.add_marker(pytest.mark.antipasta)

    def __repr__(self) -> str:
        """Name the file, which the item's name does not."""
        return f"<{type(self).__name__} {show_name(self.task.path)}>"

    @cached_property
    def fixturenames(self) -> list[str]:
        """No names of fixtures; a list of its own, as conftests add to it."""
        return []

    @cached_property
    def funcargs(self) -> dict[str, object]:
        """No values of fixtures."""
        return {}

    @property
    def location(self) -> tuple[str, int | None, str]:
        """Place and title of a report: the line of what is wrong, once that is known, counted from 0."""
        line = find_file_line(self.result.verdict) if self.result else None
        return self.nodeid.removesuffix(SUFFIX), (line or 1) - 1, show_name(self.task.path)

    def runtest(self) -> None:
        """Judge the file.

        Raises:
            OverLimitError: it fails.
        """
        if not self.user_properties:  # else it is run again, as pytest-retry does
            self.note_numbers()
        if self.verdict().failed:
            raise OverLimitError(show_name(self.task.path))

    def note_numbers(self) -> None:
        """Put the file's numbers where JUnit and others look for them, and whether they are all."""
        measurement = self.verdict().measurement
        numbers = [(name, value) for name, value in asdict(measurement.metrics).items() if value is not None]
        self.user_properties += numbers
        if measurement.error is not None and numbers:
            self.user_properties.append(("partial", True))

    def make_report(
        self, phase: Phase, keywords: Mapping[str, Literal[1]] | None = None
    ) -> pytest.TestReport:
        """Judge the file and return the report of a phase, without the hooks of a test's phases.

        Args:
            phase: the one to report; only the call can fail.
            keywords: those of source items, which are the same for all; left out, they are looked up.
        """
        is_call = phase == "call"
        failed = is_call and self.verdict().failed
        stop = time.time()
        start = stop - (self.result.seconds if is_call and self.result else 0.0)
        report = pytest.TestReport(
            nodeid=self.nodeid,
            location=self.location,
            keywords=dict(keywords or dict.fromkeys(self.keywords, 1)),
            outcome="failed" if failed else "passed",
            longrepr=self.failure_text() if failed else None,
            when=phase,
            duration=stop - start,
            start=start,
            stop=stop,
            user_properties=self.user_properties,
        )
        if is_call:
            setattr(report, RESULT, self.result)
        return report

    def failure_text(self) -> Any:
        """Return what the file shows when it fails."""
        traceback = self.result.traceback if self.result else ""
        return FailureText(self.verdict(), self.config.getoption("tbstyle", "auto"), traceback)

    def verdict(self) -> Verdict:
        """Return the verdict on the file, worked out once."""
        if self.result is None:
            self.result = self._judge(self.task)
        return self.result.verdict

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the failure's text; pytest's own for what should never happen."""
        if isinstance(excinfo.value, OverLimitError):
            return self.failure_text()
        if isinstance(excinfo.value, pytest.fail.Exception):
            # Another plugin has stopped it, as pytest-timeout does: a traceback of ours would not help.
            return f"{show_name(self.task.path)}: not measured: {excinfo.value}"
        return super().repr_failure(excinfo, style)


def make_node_id(rootpath: Path, location: str) -> str:
    """Return the node id of a file's item."""
    return show_name(display_path(rootpath, location)) + SUFFIX


def find_task(tasks: Iterable[Task], rootpath: Path, nodeid: str) -> Task | None:
    """Return the task of a node id, or ``None`` for a test of the user's, whatever its name."""
    if not nodeid.endswith(SUFFIX):
        return None
    return next((task for task in tasks if make_node_id(rootpath, task.location) == nodeid), None)


def make_item(session: pytest.Session, task: Task, judge: Judge, rootpath: Path | None = None) -> SourceItem:
    """Return the item of a file; its node id is relative to pytest's root, or to another process's."""
    item: SourceItem = SourceItem.from_parent(
        session,
        name=ITEM_NAME,
        nodeid=make_node_id(rootpath or session.config.rootpath, task.location),
        path=_find_path(session.config, task.location),
        task=task,
        judge=judge,
    )
    return item


def make_judged_item(session: pytest.Session, task: Task, result: Result) -> SourceItem:
    """Return the item of a file that was judged elsewhere."""
    item = make_item(session, task, lambda _: result)
    item.note_numbers()
    return item


def _find_path(config: pytest.Config, location: str) -> Path:
    """Return the path of an item: the file, or the root for one that --nf would stumble over."""
    if config.getoption("newfirst", False) and not os.path.exists(location):
        return config.rootpath
    return Path(location)


class Collection:
    """Collects source files, beside the tests or instead of them."""

    def __init__(
        self,
        get_tasks: Callable[[], Sequence[Task]],
        get_judge: Callable[[], Judge],
        only: bool,
        begin: Callable[[Sequence[Task]], None] | None = None,
        get_others: Callable[[], Sequence[Task]] = tuple,
        rootpath: Path | None = None,
    ) -> None:
        """Collect files that are found, and judged, only when that is needed.

        Args:
            get_tasks: returns one for each file.
            get_judge: returns what judges them.
            only: whether no tests are collected.
            begin: called with the files that will be judged, in their order.
            get_others: returns one for each file that another run judges; they are deselected.
            rootpath: what node ids are relative to, where that is another process's to say.
        """
        self._get_tasks = get_tasks
        self._get_judge = get_judge
        self._only = only
        self._begin = begin
        self._get_others = get_others
        self._rootpath = rootpath

    def pytest_collection(self, session: pytest.Session) -> bool | None:
        """Answer for the whole collection, so that pytest looks at no file itself."""
        if not self._only or is_spreading(session.config):
            return None
        hook = session.config.hook
        session.items = self._make_items(session)
        session.config.add_cleanup(gc_freeze())
        try:
            hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
        finally:
            hook.pytest_collection_finish(session=session)
        session.testscollected = len(session.items)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Put the source files behind the tests, before other plugins select and order."""
        if not self._only:
            items.extend(self._make_items(session))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Tell which files are left when all plugins have chosen."""
        tasks = [item.task for item in session.items if isinstance(item, SourceItem)]
        if tasks and self._begin is not None:
            self._begin(tasks)
        return (yield)

    def _make_items(self, session: pytest.Session) -> list[pytest.Item]:
        with gc_paused():
            judge = self._get_judge()
            make = partial(make_item, session, judge=judge, rootpath=self._rootpath)
            items: list[pytest.Item] = [make(task) for task in self._get_tasks()]
            others = [make(task) for task in self._get_others()]
        hook = session.config.hook
        # What is not reported is missing in "collected 12 items".
        hook.pytest_collectreport(report=pytest.CollectReport("", "passed", None, [*items, *others]))
        if others:
            hook.pytest_deselected(items=others)
        return items
