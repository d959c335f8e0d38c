"""Collect source files as pytest items."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.engine import Judge
from pytest_antipasta.files import Source
from pytest_antipasta.plugin.arguments import is_list_asked_for
from pytest_antipasta.plugin.items import Complete, SourceItem, make_item
from pytest_antipasta.plugin.pytest_internals import is_spreading
from pytest_antipasta.runtime import gc_paused


class Collection:
    """Collects source files, together with the tests or instead of them."""

    def __init__(
        self,
        get_sources: Callable[[], Sequence[Source]],
        get_judge: Callable[[], Judge],
        only: bool,
        begin: Callable[[Sequence[Source]], None] | None = None,
        get_others: Callable[[], Sequence[Source]] = tuple,
        rootpath: Path | None = None,
        complete: Complete = lambda verdict: verdict,
    ) -> None:
        """Collect files that are searched for, and judged, only when needed.

        Args:
            get_sources: returns a source for each file.
            get_judge: returns the judge.
            only: whether no tests are collected.
            begin: called with the files that will be judged, in order.
            get_others: returns a source for each file of another shard; these are deselected.
            rootpath: folder that node ids are relative to, if another process decides.
            complete: adds all values to a brief verdict.
        """
        self._get_sources = get_sources
        self._get_judge = get_judge
        self._only = only
        self._begin = begin
        self._get_others = get_others
        self._rootpath = rootpath
        self._complete = complete

    def pytest_collection(self, session: pytest.Session) -> bool | None:
        """Replace the whole collection, so that pytest reads no file itself."""
        if not self._only or is_spreading(session.config):
            return None
        hook = session.config.hook
        session.items = self._make_items(session)
        try:
            hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
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
        if sources and self._begin is not None and not is_list_asked_for(session.config):
            self._begin(sources)
        return (yield)

    def _make_items(self, session: pytest.Session) -> list[pytest.Item]:
        with gc_paused():
            judge = self._get_judge()
            make = partial(make_item, session, judge=judge, complete=self._complete, rootpath=self._rootpath)
            items: list[pytest.Item] = list(map(make, self._get_sources()))
            others = list(map(make, self._get_others()))
        hook = session.config.hook
        # Without a report, they would be missing in "collected 12 items".
        hook.pytest_collectreport(report=pytest.CollectReport("", "passed", None, [*items, *others]))
        if others:
            hook.pytest_deselected(items=others)
        return items
