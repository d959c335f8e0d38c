"""What this process is run by: versions of packages and of Python, and whether it is a CI service."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pytest_antipasta.runtime.imports import trusted_first

VERSION = "0.1.0"
"""Version of this package."""


def python_minor() -> str:
    """Return the minor version of Python, such as ``3.11``."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


@cache
def installed_version(package: str) -> str:
    """Return the version of an installed package.

    The version is in the name of a folder next to the package. ``importlib.metadata`` is used only if it is
    not: importing it takes longer than looking up the measurements of a commit.
    """
    with trusted_first():  # `glob` is imported when it is first used, from Python 3.15 on
        spec = find_spec(package)  # finds a top-level package without importing it
        place = spec.origin if spec is not None else None
        found = list(Path(place).parent.parent.glob(f"{package}-*.dist-info")) if place is not None else []
    if len(found) == 1:
        return found[0].name.removeprefix(f"{package}-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version(package)


def find_home() -> str | None:
    """Return the address of the repository that this package was installed from; ``None`` if unknown.

    It is in the file ``direct_url.json`` of PEP 610. User names and passwords are left out.
    """
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit

    try:
        found = json.loads(distribution("pytest-antipasta").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError, OSError):
        return None
    if not isinstance(found, dict) or "vcs_info" not in found:
        return None
    parts = urlsplit(str(found.get("url", "")))
    if parts.scheme not in ("http", "https"):
        return None
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


# Variables set by CI services: most of them, then Jenkins and TeamCity, then Azure Pipelines.
_SERVICES = ("CI", "BUILD_NUMBER", "TF_BUILD")


def is_ci() -> bool:
    """Return whether a CI service runs this process."""
    return any(map(os.environ.get, _SERVICES))
