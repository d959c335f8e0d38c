"""Where a project says what is measured and how it is judged.

``load_settings`` finds the settings of a folder, checks them and fills in the defaults. They stand in
the table ``[tool.pytest-antipasta]`` of a ``pyproject.toml``, or in an ``.antipasta.yaml`` where that
table is missing.
"""

from __future__ import annotations

from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.values import DEFAULT_THRESHOLDS, Override, Settings

__all__ = ["DEFAULT_THRESHOLDS", "Override", "Settings", "load_settings"]
