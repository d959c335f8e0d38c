"""Watching workers of pytest-xdist: one that gives no answer is ended, and what it was at is judged again.

xdist itself waits for a worker without end, whether it is stopped or its host is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import pytest

from pytest_antipasta.plugin.pytest_internals import break_connection

PATIENCE = 30.0
"""Seconds that a worker has to say that it lives, whatever it is at: what may take long is measured in a
process of its own. One in another place has as many to read a file."""
# One look of as many at whether it has: a pause of this process, which Ctrl-Z stops with its workers, counts
# as one.
_LOOKS = 10


class WorkerWatch:
    """Asks each worker every ten seconds whether it lives."""

    def __init__(self, tell: Callable[[str], None], is_told: Callable[[Any], bool]) -> None:
        """Watch the workers of a session without tests, as a test may take its time in C.

        Args:
            tell: called with a line on a worker that gave no answer.
            is_told: whether the end of a worker, of such a node, is told by another plugin.
        """
        self._tell = tell
        self._is_told = is_told
        self._ends: dict[Any, Event] = {}
        self._silent: set[Any] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """Watch a worker as soon as it is reached: xdist waits for what it says of itself without end."""
        self._ends[gateway] = Event()
        Thread(target=self._watch, args=(gateway,), daemon=True).start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Watch it no more; say so where it has given no answer."""
        self._ends[node.gateway].set()
        if node.gateway in self._silent and not self._is_told(node):
            self._tell(
                f"{node.gateway.id} did not respond for {PATIENCE:g} s and was terminated; its files "
                "are measured again"
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Watch no worker any more, whatever has ended the session."""
        try:
            return (yield)
        finally:
            for end in self._ends.values():
                end.set()

    def _watch(self, gateway: Any) -> None:
        """Ask a worker again and again whether it lives, and break with one that does not say so."""
        end = self._ends[gateway]
        while not end.wait(PATIENCE / 3):
            question = Thread(target=_ask, args=(gateway,), daemon=True)
            question.start()
            for _ in range(_LOOKS):
                question.join(PATIENCE / _LOOKS)
            if question.is_alive() and not end.is_set():
                self._silent.add(gateway)
                with suppress(OSError, AttributeError):  # broken before, or without a channel yet
                    break_connection(gateway)  # else closing waits, too, where a send does
                    gateway.node.channel.close()  # which xdist takes for a crash
                return


def _ask(gateway: Any) -> None:
    """Return when a worker has answered, which a thread of its own does, or when it is known to be gone."""
    with suppress(OSError, EOFError):
        gateway.remote_status()
