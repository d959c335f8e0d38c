"""Migrating the settings of other tools, and of antipasta 1, to ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.setup.migration.migrate import *

__getattr__ = lazy_names(
    __name__,
    {
        "migrate": "FILES find_migration require_known",
    },
)
