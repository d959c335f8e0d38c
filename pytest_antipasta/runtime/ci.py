"""CI services: recognized by their environment variables."""

from __future__ import annotations

import os

# Variables set by CI services: most of them, then Jenkins and TeamCity, then Azure Pipelines.
_SERVICES = ("CI", "BUILD_NUMBER", "TF_BUILD")


def is_ci() -> bool:
    """Return whether a CI service runs this process."""
    return any(map(os.environ.get, _SERVICES))
