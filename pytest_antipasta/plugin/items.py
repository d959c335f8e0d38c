"""Source files as pytest items: one item for each file or each folder, and their names."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import pytest
from msgspec.structs import asdict

from pytest_antipasta.engine import Judge, Outcome, Task, hand_out
from pytest_antipasta.files import display_path
from pytest_antipasta.messages import show_name
from pytest_antipasta.model import Verdict
from pytest_antipasta.plugin.longrepr import FailureText, find_file_line

ITEM_NAME = "antipasta"
SUFFIX = f"::{ITEM_NAME}"
Phase: TypeAlias = Literal["setup", "call", "teardown"]
OUTCOMES = "antipasta_results"
"""Attribute of a report with the outcomes of its files."""
Complete: TypeAlias = Callable[[Verdict], Verdict]
"""Adds the measurement to a brief verdict."""


class Group(NamedTuple):
    """The files of one item: a single file, or those directly in a folder.

    Attributes:
        path: path of the file or the folder in reports; ``.`` for the root.
        location: absolute path of the file or the folder.
        tasks: one task for each file.
    """

    path: str
    location: str
    tasks: tuple[Task, ...]

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, even with a single file in it."""
        return self.tasks[0].location != self.location

    @property
    def size(self) -> int:
        """Size of all files together, in bytes."""
        return sum(task.size for task in self.tasks)

    def make_node_id(self, rootpath: Path) -> str:
        """Return the item's node id; those of files and folders differ, as no path is both."""
        return show_name(display_path(rootpath, self.location)) + SUFFIX


class Grouping(NamedTuple):
    """Groups files into items.

    Attributes:
        by_folder: whether each folder has one item, instead of each file.
        apart: locations of named files, which always have their own item: an item of their folder would be
            judged by only some of its files.
    """

    by_folder: bool = False
    apart: frozenset[str] = frozenset()

    def group(self, tasks: Iterable[Task]) -> list[Group]:
        """Return the items' files, in the order of the first file of each."""
        if not self.by_folder:
            return [Group(task.path, task.location, (task,)) for task in tasks]
        found: dict[str, list[Task]] = {}
        for task in tasks:
            found.setdefault(self._find_location(task), []).append(task)
        return [_make_group(location, own) for location, own in found.items()]

    def _find_location(self, task: Task) -> str:
        return task.location if task.location in self.apart else os.path.dirname(task.location)


def _make_group(location: str, tasks: list[Task]) -> Group:
    first = tasks[0]
    path = first.path if first.location == location else os.path.dirname(first.path) or "."
    return Group(path, location, tuple(tasks))


class OverLimitError(Exception):
    """Fails an item; the verdicts on its files contain the reason."""


class SourceItem(pytest.Item):
    """One source file, or the files directly in a folder.

    Its parent is the session: below a ``Package``, pytest would import the package.

    It has the attributes of pytest's doctest items, which plugins and conftests expect of all items. Like
    those, it lacks ``callspec``, ``function``, ``module`` and the like, which plugins test for.

    Attributes:
        obj: ``None``, as there is no Python object.
        group: the files.
        outcomes: outcomes of the files judged so far, in the same order.
    """

    obj: None = None

    def __init__(self, *, group: Group, title: str, judge: Judge, complete: Complete, **kwargs: Any) -> None:
        """Make an item of files; see :func:`make_item`."""
        super().__init__(**kwargs)
        del vars(self)["path"]  # the session's
        self.group = group
        self.outcomes: list[Outcome] = []
        self._judge = judge
        self._complete = complete
        self._title = title
        self.extra_keyword_matches.add(group.path)
        if group.is_folder:
            self.extra_keyword_matches.update(task.path for task in group.tasks)
        self.add_marker(_make_marker())

    def __repr__(self) -> str:
        """Name the file or folder, as the item's name does not."""
        return f"<{type(self).__name__} {self._title}>"

    @cached_property
    def path(self) -> Path:  # type: ignore[override]  # a plugin may still set it
        """Path of the file or folder, which few plugins use; the root for a path that breaks --nf."""
        location = self.group.location
        if self.config.getoption("newfirst", False) and not os.path.exists(location):
            return self.config.rootpath
        return Path(location)

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
        line = None
        if self.outcomes and not self.group.is_folder:
            verdict = self.outcomes[0].verdict
            has_place = verdict.failed or verdict.measurement.error is not None
            line = find_file_line(verdict) if has_place else None
        return self.nodeid.removesuffix(SUFFIX), (line or 1) - 1, self._title

    def runtest(self) -> None:
        """Judge the files.

        Raises:
            OverLimitError: a file fails.
        """
        if not self.user_properties:  # otherwise it runs again, as in pytest-retry
            self.add_numbers()
        if self.has_failed():
            raise OverLimitError(self._title)

    def add_numbers(self) -> None:
        """Add values for JUnit and others: those of a file, or how many files of a folder fail."""
        outcomes = self.judge()
        if self.group.is_folder:
            failed = sum(outcome.verdict.failed for outcome in outcomes)
            self.user_properties += [("files", len(outcomes)), ("failed", failed)]
            return
        measurement = self._complete(outcomes[0].verdict).measurement
        numbers = [(name, value) for name, value in asdict(measurement.metrics).items() if value is not None]
        self.user_properties += numbers
        if measurement.error is not None and numbers:
            self.user_properties.append(("partial", True))

    def make_report(
        self, phase: Phase, keywords: Mapping[str, Literal[1]] | None = None
    ) -> pytest.TestReport:
        """Judge the files and return the report of a phase, without the hooks of a test's phases.

        Args:
            phase: phase to report; only the call can fail.
            keywords: keywords of source items, which are equal for all; computed if omitted.
        """
        is_call = phase == "call"
        failed = is_call and self.has_failed()
        stop = time.time()
        start = stop - (sum(outcome.seconds for outcome in self.outcomes) if is_call else 0.0)
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
            setattr(report, OUTCOMES, self.outcomes)
        return report

    def failure_text(self) -> Any:
        """Return the text about the failing files."""
        style = self.config.getoption("tbstyle", "auto")
        return FailureText(self.outcomes, style, self._title)

    def judge(self) -> Sequence[Outcome]:
        """Return the outcomes of the files, each computed once."""
        for task in self.group.tasks[len(self.outcomes) :]:
            self.outcomes.append(self._judge(task))
        return self.outcomes

    def has_failed(self) -> bool:
        """Judge the files and return whether one of them fails."""
        self.judge()
        return self.has_known_failure()

    def has_known_failure(self) -> bool:
        """Return whether one of the files judged so far fails."""
        return any(outcome.verdict.failed for outcome in self.outcomes)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the failure's text; for unexpected errors pytest's own."""
        if isinstance(excinfo.value, OverLimitError):
            return self.failure_text()
        if isinstance(excinfo.value, pytest.fail.Exception):
            # Another plugin has stopped it, such as pytest-timeout: our traceback would not help.
            known = [str(self.failure_text())] if self.has_known_failure() else []
            return "\n".join((*known, f"{self._title}: not measured: {excinfo.value}"))
        return super().repr_failure(excinfo, style)


def make_item(
    session: pytest.Session,
    group: Group,
    judge: Judge,
    complete: Complete = lambda verdict: verdict,
    rootpath: Path | None = None,
) -> SourceItem:
    """Return the item of some files.

    Args:
        session: session of the item.
        group: the files.
        judge: judges files one after another when the item runs.
        complete: adds all values to a brief verdict.
        rootpath: folder that the node id is relative to; ``None`` for pytest's root.
    """
    root, title = rootpath or session.config.rootpath, show_name(group.path)
    # Making the node id from the location takes several times as long.
    is_below = group.location == f"{root}{os.sep}{group.path}"
    item: SourceItem = SourceItem.from_parent(
        session,
        name=ITEM_NAME,
        nodeid=title + SUFFIX if is_below else group.make_node_id(root),
        group=group,
        title=title,
        judge=judge,
        complete=complete,
    )
    return item


def make_judged_item(session: pytest.Session, group: Group, outcomes: Sequence[Outcome]) -> SourceItem:
    """Return the item of files that were judged elsewhere."""
    item = make_item(session, group, hand_out(outcomes))
    item.add_numbers()
    return item


@cache
def _make_marker() -> pytest.MarkDecorator:
    """Return the marker of all items."""
    return pytest.mark.antipasta
