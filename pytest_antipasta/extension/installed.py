"""Which installed distributions have an extension: those beside Python's own packages, and no others.

What lies in the folder of a project, on ``PYTHONPATH`` or in what a test configuration puts into ``sys.path``
is no installed distribution: a repository that is checked runs no code of its own.
"""

from __future__ import annotations

import os
import site
from functools import cache
from pathlib import Path

from pytest_antipasta.model import FOREIGN

PACKAGE = "pytest_antipasta"
GROUP = f"{PACKAGE}.v1"
"""The group of entry points, with the version of what extensions are asked for."""
LIZARD = "lizard"
LIZARD_PREFIX = f"{LIZARD}{FOREIGN}"
"""What the names of its languages and metrics begin with."""
LIZARD_WANTED = "lizard>=1.24"
"""The releases with all languages of ours."""
ADAPTERS = {LIZARD: f"{PACKAGE}.extension.lizard_adapter"}
"""Distributions that know nothing of us, and the modules of ours that make extensions of them."""
_ANY_GROUP = f"[{PACKAGE}.".encode()
# Far more than any list of entry points.
_LARGEST = 1_000_000


@cache
def find_distributions() -> tuple[Path, ...]:
    """Return the ``*.dist-info`` folders of distributions with an extension, of whatever version.

    ``importlib.metadata`` would take longer to be imported than a commit is looked up. Twenty distributions,
    which an environment of pre-commit has, take 0.2 ms, three hundred take 2.
    """
    found = (path for folder in site_folders() for path in _list_folder(folder))
    return tuple(Path(path) for path in found if _has_extension(path))


def site_folders() -> list[str]:
    """Return the folders that this Python has its installed packages in."""
    folders = site.getsitepackages()
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return list(dict.fromkeys(folders))


def _list_folder(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(os.path.join(folder, name) for name in names if name.endswith(".dist-info"))


def _has_extension(path: str) -> bool:
    if os.path.basename(path).partition("-")[0] in ADAPTERS:
        return True
    try:
        file = os.open(os.path.join(path, "entry_points.txt"), os.O_RDONLY)
    except OSError:
        return False  # most have no entry points
    try:
        return _ANY_GROUP in os.read(file, _LARGEST)
    except OSError:
        return False
    finally:
        os.close(file)
