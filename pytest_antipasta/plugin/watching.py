"""Watch workers of pytest-xdist: an unresponsive one is ended, and its current files are judged again.

xdist itself waits forever for a worker that is stopped, or whose host is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import pytest

from pytest_antipasta.plugin.pytest_internals import break_connection

PATIENCE = 30.0
"""Seconds within which a worker must answer. Long measurements run in another process, so a worker can always
answer. A worker on another host has as long for reading a file."""
# Number of checks in one wait: a pause of this process and its workers by Ctrl-Z counts as one check.
_LOOKS = 10


class WorkerWatch:
    """Asks each worker every ten seconds whether it is alive."""

    def __init__(self, report: Callable[[str], None], is_reported: Callable[[Any], bool]) -> None:
        """Watch the workers of a session without tests, as a test may run long in C code.

        Args:
            report: called with a line about a worker that gave no answer.
            is_reported: whether another plugin reports the end of a node's worker.
        """
        self._report = report
        self._is_reported = is_reported
        self._ends: dict[Any, Event] = {}
        self._silent: set[Any] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """Watch a worker as soon as it is reached: xdist waits forever for its first message."""
        self._ends[gateway] = Event()
        Thread(target=self._watch, args=(gateway,), daemon=True).start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Stop watching a worker; report it if it gave no answer."""
        self._ends[node.gateway].set()
        if node.gateway in self._silent and not self._is_reported(node):
            self._report(
                f"{node.gateway.id} did not respond for {PATIENCE:g} s and was terminated; its files "
                "are measured again"
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Stop watching all workers, whatever has ended the session."""
        try:
            return (yield)
        finally:
            for end in self._ends.values():
                end.set()

    def _watch(self, gateway: Any) -> None:
        """Ask a worker repeatedly whether it is alive, and close the connection if it does not answer."""
        end = self._ends[gateway]
        while not end.wait(PATIENCE / 3):
            question = Thread(target=_ask, args=(gateway,), daemon=True)
            question.start()
            for _ in range(_LOOKS):
                question.join(PATIENCE / _LOOKS)
            if question.is_alive() and not end.is_set():
                self._silent.add(gateway)
                with suppress(OSError, AttributeError):  # closed before, or not yet open
                    break_connection(gateway)  # otherwise closing waits too, if sending does
                    gateway.node.channel.close()  # which xdist handles as a crash
                return


def _ask(gateway: Any) -> None:
    """Wait until a worker has answered (a separate thread does), or is known to be gone."""
    with suppress(OSError, EOFError):
        gateway.remote_status()
