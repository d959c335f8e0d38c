"""Running source items with one report each, where nobody needs more.

A test has three phases, each with its hooks, its call record and its report, because fixtures are set up
and torn down around it. A source file has no fixtures. Where all plugins that take part in the phases
are known to have no business with it, an item runs with a report for the call alone, in a third of the time.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cached_property
from typing import Any

import pytest

from pytest_antipasta.collection import RESULT, Phase, SourceItem

# The plugins that come with pytest, xdist, ourselves, and those that look at test functions only.
_INDIFFERENT = (
    "_pytest.",
    "xdist.",
    "pytest_antipasta.",
    "_hypothesis_pytestplugin",
    "anyio.pytest_plugin",
    "pytest_asyncio.plugin",
)
_PHASE_HOOKS = (
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
    "pytest_runtest_logreport",
    "pytest_report_teststatus",
)
_PHASE_OPTIONS = ("usepdb", "trace", "setuponly", "setupshow", "setupplan")


class BareProtocol:
    """Answers for source items in place of pytest's own three phases."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the session's options and plugins."""
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run one source item; the last item of all is pytest's, which tears down what tests left."""
        if not isinstance(item, SourceItem) or nextitem is None or not self._suffices:
            return None
        hook = self._config.hook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in item.make_reports(self._phases):
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @cached_property
    def _suffices(self) -> bool:
        """Whether nobody needs the phases."""
        if any(self._config.getoption(name, False) for name in _PHASE_OPTIONS):
            return False
        relay: Any = self._config.hook
        return all(
            implementation.function.__module__.startswith(_INDIFFERENT)
            for name in _PHASE_HOOKS
            for implementation in getattr(relay, name).get_hookimpls()
        )

    @cached_property
    def _phases(self) -> tuple[Phase, ...]:
        """The phases to report: JUnit's properties are taken from the last one."""
        return ("call", "teardown") if self._config.getoption("xmlpath", None) else ("call",)


class ResultTag:
    """Puts results on reports, in whatever process runs the items."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Add the result to the report of the call."""
        report = yield
        if call.when == "call" and isinstance(item, SourceItem) and item.result is not None:
            setattr(report, RESULT, item.result)
        return report
