"""Judge files again when the worker of pytest-xdist that ran their item has crashed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.files.source import Source
from pytest_antipasta.logs.notes import WARNING, log_event
from pytest_antipasta.plugin.checker import Checker
from pytest_antipasta.plugin.items import make_judged_item
from pytest_antipasta.plugin.pytest_internals import leave_out_of_junit


class CrashRecovery:
    """Judges such files again in a separate process: most workers crash for other reasons."""

    _session: pytest.Session

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._last: dict[object, pytest.TestReport] = {}
        self._collected: set[str] = set()
        self._done: set[str] = set()
        self._has_recovered = False

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Store the parent node of items."""
        self._session = session

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """Record the items that are to run."""
        self._collected.update(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record the last report of a worker."""
        self._last[getattr(report, "node", None)] = report
        self._done.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let the session fail if items are left: xdist relies on the failure of the item that crashed."""
        is_stopped = session.shouldfail or session.shouldstop
        if self._has_recovered and not is_stopped and not self._collected <= self._done:
            session.shouldfail = "workers of pytest-xdist crashed before all items ran"
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_handlecrashitem(self, crashitem: str, report: Any) -> None:
        """Report the file's own verdict; xdist's report becomes that of an empty teardown."""
        source = self._checker.find_source(crashitem)
        if source is None or report.outcome != "failed":
            return  # a test, or another plugin runs it again
        self._has_recovered = True
        worker = report.node.gateway.id
        log_event(WARNING, "workers", "crashed while checking this file", path=source.path, worker=worker)
        last = self._last.get(report.node)
        if last is None or last.nodeid != crashitem or last.when == "setup":
            ending = self._report_again(source, report)
        else:  # the worker crashed between the report and its confirmation
            verdict = self._checker.ledger.verdicts[source.path]
            item = make_judged_item(self._session, source, Outcome(verdict))
            ending = item.make_report("setup" if last.when == "teardown" else "teardown")
            if last.when == "teardown":
                leave_out_of_junit(self._session.config, report)
        vars(report).update(vars(ending))

    def _report_again(self, source: Source, report: Any) -> pytest.TestReport:
        """Judge a file, report it, and return the report that is left to send."""
        item = make_judged_item(self._session, source, self._checker.ledger.judge_apart(source))
        call: Any = item.make_report("call")
        call.node = report.node
        item.config.hook.pytest_runtest_logreport(report=call)
        return item.make_report("teardown")
