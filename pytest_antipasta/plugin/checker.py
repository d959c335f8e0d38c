"""What checks the source files of one pytest session: a run that is opened when it is first needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.files.source import Source
from pytest_antipasta.plugin.arguments import count_asked
from pytest_antipasta.plugin.items import SUFFIX, make_node_id


class Checker:
    """The run of a session, in the main process.

    Attributes:
        only: whether no tests are collected.
    """

    def __init__(
        self, config: pytest.Config, begin_run: Callable[[int | None], Ledger], *, only: bool
    ) -> None:
        """Open nothing yet; ``begin_run`` opens the run, see :meth:`open`."""
        self.only = only
        self._config = config
        self._begin_run = begin_run
        self._opened: Ledger | None = None

    def open(self, jobs: int | None) -> Ledger:
        """Return the run, started on first use.

        Args:
            jobs: our own processes that judge a change: a verdict may need several files, and workers of
                pytest-xdist, which run single items, receive it. ``None`` for as many as are worth it.
        """
        if self._opened is None:
            self._opened = self._begin_run(jobs)
        return self._opened

    @property
    def opened(self) -> Ledger:
        """The run, started on first use with as many processes as pytest-xdist starts on this host."""
        return self._opened or self.open(count_asked(self._config, "popen"))

    @property
    def has_begun(self) -> bool:
        """Whether the run has started."""
        return self._opened is not None

    def close(self) -> None:
        """Close the store, which a session that does not finish leaves open."""
        if self._opened is not None:
            self._opened.close()

    def find_source(self, nodeid: str) -> Source | None:
        """Return the file of a node id, or ``None`` for a test of the user, whatever its name."""
        if not nodeid.endswith(SUFFIX):
            return None
        sources, root = self.opened.sources, self._config.rootpath
        return next((source for source in sources if make_node_id(source, root) == nodeid), None)
