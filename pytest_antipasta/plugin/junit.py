"""Names of test cases in JUnit XML."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_antipasta.plugin.items import SUFFIX
from pytest_antipasta.plugin.pytest_internals import find_junit


class CaseNames:
    """Names test cases of source files by their paths; pytest would use the items' common name."""

    _xml: Any | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Find the JUnit writer, which is configured after this plugin."""
        self._xml = find_junit(session.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set the name, as the fixture ``record_xml_attribute`` does for a test."""
        if self._xml is not None and report.nodeid.endswith(SUFFIX):
            self._xml.node_reporter(report).add_attribute("name", report.location[2])
