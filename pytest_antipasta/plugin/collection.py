"""Collect source files as pytest items."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_antipasta.plugin.arguments import is_list_asked_for
from pytest_antipasta.plugin.items import SourceItem, make_item
from pytest_antipasta.plugin.pytest_internals import is_spreading, select_unsorted
from pytest_antipasta.runtime.collector import gc_paused

if TYPE_CHECKING:
    from pytest_antipasta.engine.ledger import Ledger
    from pytest_antipasta.plugin.worker_judge import WorkerRun


class Collection:
    """Collects source files, together with the tests or instead of them."""

    def __init__(self, open_run: Callable[[], Ledger | WorkerRun], rootpath: Path, *, only: bool) -> None:
        """Collect files that are searched for, and judged, only when needed.

        Args:
            open_run: returns the run with the files.
            rootpath: folder that node ids are relative to.
            only: whether no tests are collected.
        """
        self._open_run = open_run
        self._rootpath = rootpath
        self._only = only

    def pytest_collection(self, session: pytest.Session) -> bool | None:
        """Replace the whole collection, so that pytest reads no file itself."""
        if not self._only or is_spreading(session.config):
            return None
        config, hook = session.config, session.config.hook
        session.items = self._make_items(session)
        try:
            select_unsorted(config)(session=session, config=config, items=session.items)
        finally:
            hook.pytest_collection_finish(session=session)
        session.testscollected = len(session.items)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Append source files to the tests, before other plugins select and order items."""
        if not self._only:
            items.extend(self._make_items(session))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Start judging the files that are left after other plugins have selected items."""
        sources = [item.source for item in session.items if isinstance(item, SourceItem)]
        if sources and not is_list_asked_for(session.config):
            self._open_run().begin(sources)
        return (yield)

    def _make_items(self, session: pytest.Session) -> list[pytest.Item]:
        run = self._open_run()
        with gc_paused():
            make = partial(
                make_item,
                session,
                judge=run.judge_one,
                read_whole=run.read_whole,
                rootpath=self._rootpath,
            )
            items: list[pytest.Item] = list(map(make, run.sources))
            others = list(map(make, run.others))
        hook = session.config.hook
        # Without a report, they would be missing in "collected 12 items".
        hook.pytest_collectreport(report=pytest.CollectReport("", "passed", None, [*items, *others]))
        if others:
            hook.pytest_deselected(items=others)
        return items
