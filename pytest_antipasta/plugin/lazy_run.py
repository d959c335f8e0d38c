"""A run that starts when pytest needs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
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

    @cached_property
    def opened(self) -> Ledger:
        """The run, started on first use."""
        return self._begin()

    @property
    def has_begun(self) -> bool:
        """Whether the run has started."""
        return "opened" in self.__dict__

    def close(self) -> None:
        """Close the store, which a session that does not finish leaves open."""
        if self.has_begun:
            self.opened.close()

    def find_source(self, rootpath: Path, nodeid: str) -> Source | None:
        """Return the file of a node id, or ``None`` for a test of the user, whatever its name."""
        if not nodeid.endswith(SUFFIX):
            return None
        return next(
            (source for source in self.opened.plan.sources if make_node_id(source, rootpath) == nodeid), None
        )
