"""Find and load installed distributions with an extension: only those in folders of installed packages.

Packages in a project's folder, on ``PYTHONPATH`` or in folders that a test configuration adds to ``sys.path``
do not count. A checked repository must not run its own code.
"""

from __future__ import annotations

import os
import site
from functools import cache
from pathlib import Path

from pytest_antipasta.extension.loaded import PACKAGE, Extensions
from pytest_antipasta.model.measured import FOREIGN
from pytest_antipasta.runtime.imports import HOME

LIZARD = "lizard"
LIZARD_PREFIX = f"{LIZARD}{FOREIGN}"
"""Prefix of the names of lizard's languages and metrics."""
LIZARD_WANTED = "lizard>=1.24"
"""The versions of lizard that support all of its languages used here."""
# Modules of this package that make other distributions work as extensions.
_ADAPTERS = {LIZARD: f"{PACKAGE}.extension.lizard_adapter"}
_OURS = f"{PACKAGE}-"
_ANY_GROUP = f"[{PACKAGE}.".encode()
# Maximum size; far more than any list of entry points.
_LARGEST = 1_000_000


@cache
def find_distributions() -> tuple[Path, ...]:
    """Return the ``*.dist-info`` folders of distributions with an extension, of any version.

    Importing ``importlib.metadata`` would take longer than looking up a commit. Twenty distributions, as in
    an environment of pre-commit, take 0.2 ms; three hundred take 2 ms.
    """
    found = (path for folder in site_folders() for path in _list_folder(folder))
    return tuple(Path(path) for path in found if _has_extension(path))


@cache
def load_extensions() -> Extensions:
    """Load all installed extensions once; a fault in one does not affect others."""
    distributions = find_distributions()
    if not distributions:
        return Extensions()
    from pytest_antipasta.extension.loading import load_all

    return load_all(distributions, site_folders(), _ADAPTERS)


def site_folders() -> list[str]:
    """Return the folders of this Python's installed packages, and the one where this package is installed.

    ``uv run --with`` adds the environment of a project to one of its own by a ``.pth`` file.
    """
    folders = site.getsitepackages()
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    if HOME not in folders and any(os.path.basename(path).startswith(_OURS) for path in _list_folder(HOME)):
        folders.append(HOME)
    return list(dict.fromkeys(folders))


def _list_folder(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(os.path.join(folder, name) for name in names if name.endswith(".dist-info"))


def _has_extension(path: str) -> bool:
    if os.path.basename(path).partition("-")[0] in _ADAPTERS:
        return True
    try:
        file = os.open(os.path.join(path, "entry_points.txt"), os.O_RDONLY)
    except OSError:
        return False  # most distributions have no entry points
    try:
        return _ANY_GROUP in os.read(file, _LARGEST)
    except OSError:
        return False
    finally:
        os.close(file)
