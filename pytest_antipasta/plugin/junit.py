"""Test cases in JUnit XML: the names of files, and a case of what no file fails for."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_antipasta.plugin.arguments import is_list_asked_for
from pytest_antipasta.plugin.checker import Checker
from pytest_antipasta.plugin.items import SUFFIX
from pytest_antipasta.plugin.pytest_internals import find_junit


class JUnitCases:
    """Names cases of source files by their paths, and adds one for new waivers that fail.

    pytest would use the items' common name, and no item fails for waivers.
    """

    _xml: Any | None = None

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Find the JUnit writer, which is configured after this plugin."""
        self._xml = find_junit(session.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set the name, as the fixture ``record_xml_attribute`` does for a test."""
        if self._xml is not None and report.nodeid.endswith(SUFFIX):
            self._xml.node_reporter(report).add_attribute("name", report.location[2])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Add a case for new waivers that fail the session, before the XML is written."""
        is_failing = not session.config.getoption("antipasta_exit_zero")
        if self._xml is None or not is_failing or not self._checker.has_begun:
            return
        judged = self._checker.ledger.plan.gate_verdict
        if judged is not None and judged.waivers.fails and not is_list_asked_for(session.config):
            from pytest_antipasta.report.waivers import format_waivers

            text, location = "\n".join(format_waivers(judged.waivers)), (".", None, "new waivers")
            report = pytest.TestReport("antipasta::new waivers", location, {}, "failed", text, "call")
            self._xml.pytest_runtest_logreport(report)
