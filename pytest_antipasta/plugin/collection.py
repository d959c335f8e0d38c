"""Collect source files as pytest items."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_antipasta.plugin.items import ItemFiles, make_item
from pytest_antipasta.plugin.pytest_internals import is_spreading, report_collected, select_unsorted
from pytest_antipasta.runtime.garbage import gc_paused


class Collection:
    """Collects source files, together with the tests or instead of them."""

    def __init__(self, find_files: Callable[[], ItemFiles], *, only: bool) -> None:
        """Collect files that are searched for, and judged, only when needed.

        ``only`` is whether no tests are collected.
        """
        self._find_files = find_files
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

    def _make_items(self, session: pytest.Session) -> list[pytest.Item]:
        files = self._find_files()
        with gc_paused():
            items: list[pytest.Item] = [make_item(session, source, files) for source in files.sources]
            others = [make_item(session, source, files) for source in files.others]
        report_collected(session.config, [*items, *others])
        hook = session.config.hook
        # Without a report, they would be missing in "collected 12 items".
        hook.pytest_collectreport(report=pytest.CollectReport("", "passed", None, [*items, *others]))
        if others:
            hook.pytest_deselected(items=others)
        return items
