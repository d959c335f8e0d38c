"""Source items beside pytest-forked, which runs each item in a copy of the process."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

from pytest_antipasta.plugin.collection import RESULT, SourceItem


class ForkedResults:
    """Judges files before they are forked, as only plain data comes back from there."""

    _item: SourceItem | None = None

    def __init__(self) -> None:
        """Note which process is no copy."""
        self._pid = os.getpid()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Judge a file here: what measures it, and the store, are no use to a copy."""
        self._item = item if isinstance(item, SourceItem) else None
        if self._item is not None:
            self._item.verdict()
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        """Leave the result out of a copy's report."""
        report = yield
        if os.getpid() != self._pid:
            vars(report).pop(RESULT, None)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Put the result on what a copy has reported."""
        item = self._item
        if item is None or report.nodeid != item.nodeid or report.when != "call" or hasattr(report, RESULT):
            return
        setattr(report, RESULT, item.result)
        if report.failed:
            report.longrepr = item.failure_text()
