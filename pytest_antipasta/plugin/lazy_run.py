"""A run that starts when pytest needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_antipasta.engine import Ledger
from pytest_antipasta.files import Source
from pytest_antipasta.plugin.items import SUFFIX, make_node_id


class LazyRun:
    """A run that starts when it is needed.

    Attributes:
        has_begun: whether it has started.
    """

    def __init__(self, begin: Callable[[], Ledger]) -> None:
        """Take the function that opens the run."""
        self._begin = begin
        self._opened: Ledger | None = None

    @property
    def opened(self) -> Ledger:
        """The run, started on first use."""
        if self._opened is None:
            self._opened = self._begin()
        return self._opened

    @property
    def has_begun(self) -> bool:
        """Whether the run has started."""
        return self._opened is not None

    def close(self) -> None:
        """Close the store, which a session that does not finish leaves open."""
        if self._opened is not None:
            self._opened.close()

    def find_source(self, rootpath: Path, nodeid: str) -> Source | None:
        """Return the file of a node id, or ``None`` for a test of the user, whatever its name."""
        if not nodeid.endswith(SUFFIX):
            return None
        return next(
            (source for source in self.opened.plan.sources if make_node_id(source, rootpath) == nodeid), None
        )
