"""A pytest plugin that collects as many empty items as ``EMPTY_ITEMS`` says: pytest's own cost."""

from __future__ import annotations

import os

import pytest


class EmptyItem(pytest.Item):
    """Does nothing, in the ordinary three phases."""

    def runtest(self) -> None:
        """Pass."""


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the items."""
    count = int(os.environ["EMPTY_ITEMS"])
    items += [EmptyItem.from_parent(session, name=f"empty_{number}") for number in range(count)]
