"""Notebooks: reading them, and joining the code of their cells to one Python source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.notebook.joining import *

__getattr__ = lazy_names(__name__, {"joining": "NotebookError join_notebook"})
