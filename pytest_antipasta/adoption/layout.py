"""Which folders of a repository hold its own source."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

# A folder of these names holds source or tests even where it is no package.
_KNOWN_FOLDERS = ("src", "lib", "tests", "test", "testing")
# Modules beside the packages that belong to tools.
_TOOL_MODULES = (
    "setup.py",
    "conftest.py",
    "noxfile.py",
    "fabfile.py",
    "tasks.py",
    "versioneer.py",
    "manage.py",
)
# With more modules than this at its top a repository is a heap of scripts, and all of it is meant.
_MOST_MODULES = 10


class Layout(Struct, frozen=True):
    """The source folders of a repository.

    Attributes:
        paths: how many files are below each of the folders, and modules, that should be looked in.
        others: how many are in each of the rest.
    """

    paths: Mapping[str, int]
    others: Mapping[str, int]


def find_layout(root: Path, files: Iterable[str]) -> Layout:
    """Tell packages, ``src``, tests and modules of their own from what else has Python in it.

    Where there is nothing of the kind, or a heap of modules, the one path is the root.

    Args:
        root: the repository.
        files: paths of its source files, posix and relative to it.
    """
    tops = Counter(path.partition("/")[0] for path in files)
    paths = {top: count for top, count in sorted(tops.items()) if _is_source(root, top)}
    modules = [path for path in paths if path.endswith(".py")]
    if not paths or len(modules) > _MOST_MODULES:
        return Layout({".": tops.total()}, {})
    return Layout(paths, {top: count for top, count in sorted(tops.items()) if top not in paths})


def _is_source(root: Path, top: str) -> bool:
    if os.path.isdir(root / top):
        return top in _KNOWN_FOLDERS or os.path.isfile(root / top / "__init__.py")
    return top not in _TOOL_MODULES and os.path.isfile(root / top)
