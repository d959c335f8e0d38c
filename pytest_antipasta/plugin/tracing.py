"""The trace of a pytest session, from the main process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.logs.tracing import Tracing
from pytest_antipasta.messages import make_printable


def keep_trace(config: pytest.Config) -> None:
    """Start recording spans, if traces are requested."""
    tracing = Tracing("antipasta pytest")
    config.add_cleanup(tracing.leave)  # a session that does not start does not finish
    config.pluginmanager.register(_SessionTrace(tracing, config.invocation_params.dir))


class _SessionTrace:
    """Sends a trace when the session ends, and reports errors."""

    def __init__(self, tracing: Tracing, folder: Path) -> None:
        self._tracing = tracing
        self._folder = folder
        self._trouble = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Find the tracer provider before code under test is imported, which may set another one."""
        self._tracing.prepare()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the trace."""
        self._trouble = self._tracing.end(int(session.exitstatus), self._describe_place)

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Report why there are no traces."""
        if self._trouble:
            terminalreporter.write_line(make_printable(f"warning: {self._trouble}"))
        if self._tracing.unmet and config.getoption("antipasta_debug"):
            terminalreporter.write_line(f"debug: {self._tracing.unmet}")

    def _describe_place(self) -> Mapping[str, str]:
        from pytest_antipasta.git.head import describe_head

        return describe_head(self._folder)
