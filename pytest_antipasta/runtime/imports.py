"""Imports of our own modules: never from a project that only has a module of the same name."""

from __future__ import annotations

import _thread
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

import msgspec

from pytest_antipasta.runtime.library import LIBRARY

HOME = str(Path(__file__).parents[2])
"""The folder that contains this package."""
TRUSTED = (*LIBRARY, str(Path(msgspec.__file__).parent.parent))
"""The folders of the standard library and of our dependencies."""
_OURS = "pytest_antipasta."
# Modules between an import and a finder; the first two are the same, before and after importlib is imported.
_MACHINERY = ("_frozen_importlib", "importlib._bootstrap", "importlib", "importlib.util")
_LOCK = _thread.RLock()  # "threading" would be one more import for a commit
# Paths to restore, one for each block that is entered, in any thread.
_BEFORE: list[list[str]] = []


class ImportGuard:
    """A finder for imports by our own modules, and for these modules.

    What they import is found, and executed, as in :func:`trusted_first`. Imports by all other code are left
    to other finders.

    Our own modules are found as usual. Otherwise pytest would find them, which rewrites assertions in all
    modules of a plugin: ours have none, and rewriting takes longer than a warm check of a small project.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, or ``None`` to leave that to other finders."""
        if name.startswith(_OURS):
            return PathFinder.find_spec(name, path)
        if name in sys.builtin_module_names or not _find_importer().startswith(_OURS):
            return None
        with trusted_first():
            spec = PathFinder.find_spec(name, path)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _TrustingLoader(spec.loader.name, spec.loader.path)
        return spec


_GUARD = ImportGuard()


def guard_imports() -> None:
    """Find what our modules import, at any time, in trusted folders first; see :class:`ImportGuard`.

    Every entry to the package calls this. It stays for the life of the process.
    """
    finders = sys.meta_path
    if finders[0] is not _GUARD:  # a second session of pytest puts its own finder first
        finders[:] = [_GUARD, *(finder for finder in finders if finder is not _GUARD)]


class _TrustingLoader(SourceFileLoader):
    """Executes a module, whose own imports are not those of a module of ours, in a trusted block.

    From Python 3.15 on, a module may delay imports until a name is used, which may be after the block. They
    are executed in it.
    """

    def exec_module(self, module: ModuleType) -> None:
        with trusted_first(), _without_lazy_imports():
            super().exec_module(module)


def _find_importer() -> str:
    """Return the name of the module that is importing another."""
    frame = sys._getframe(2)
    while True:
        name: str = frame.f_globals.get("__name__", "")
        if frame.f_back is None or name not in _MACHINERY:
            return name
        frame = frame.f_back


@contextmanager
def _without_lazy_imports() -> Iterator[None]:
    """Execute import statements in the block at once, in all modules."""
    if sys.version_info < (3, 15):
        yield
        return
    before = sys.get_lazy_imports_filter()
    sys.set_lazy_imports_filter(lambda *_: False)
    try:
        yield
    finally:
        sys.set_lazy_imports_filter(before)


@contextmanager
def trusted_first(others: Iterable[str] = (), *, is_alone: bool = False) -> Iterator[None]:
    """Prefer the standard library and the folders of our dependencies for imports in the block.

    Other folders stay on the path after these. With ``is_alone``, they are removed: for packages that import
    optional modules. An import statement of ours needs no block, see :func:`guard_imports`; a call of other
    code that imports something does.

    pytest puts the folders of ``conftest.py`` files at the front of ``sys.path``, and Python the current
    folder. A ``git.py`` or a ``socket.py`` there would be imported and executed.

    Blocks of several threads may overlap, as a lock held during an import might wait for an import that waits
    for the lock. The last block to end restores the path from before the first.
    """
    with _LOCK:
        before, trusted = sys.path[:], trusted_folders(others)
        sys.path[:] = trusted if is_alone else dict.fromkeys((*trusted, *before))
        _BEFORE.append(before)
    try:
        yield
    finally:
        with _LOCK:
            place = next(place for place, each in enumerate(_BEFORE) if each is before)
            del _BEFORE[place]
            later = _BEFORE[place] if place < len(_BEFORE) else sys.path
            later[:] = before


def trusted_folders(others: Iterable[str] = ()) -> list[str]:
    """Return the folders of ``sys.path`` without files of a project; those of ``TRUSTED`` first."""
    trusted = (*TRUSTED, *others)
    first = [entry for entry in sys.path if entry.startswith(trusted)]
    rest = [entry for entry in sys.path if not entry.startswith(trusted)]
    try:
        here = os.getcwd()
    except OSError:
        return first  # its contents are unknown
    return [*first, *(entry for entry in rest if _is_installed(entry, here))]


@cache
def _is_installed(folder: str, here: str) -> bool:
    """Return whether a folder contains an installed package, as Nix, Bazel and pex install each separately.

    Folders in a repository, or below the current folder, do not count.
    """
    place = Path(os.path.realpath(folder))
    if not os.path.isabs(folder) or place.is_relative_to(os.path.realpath(here)):
        return False
    try:
        is_place = any(name.endswith(".dist-info") for name in os.listdir(place))
    except OSError:
        return False  # such as a ZIP file
    return is_place and not any((above / ".git").exists() for above in (place, *place.parents))


def import_name(package: str, homes: Mapping[str, str], name: str) -> object:
    """Return a name that a package shows to others, as its ``__getattr__``: it is imported on first use.

    Args:
        package: with the name.
        homes: modules of ours, each with the names that it provides.
        name: to import.

    Raises:
        AttributeError: there is no such name.
    """
    modules = [module for module, names in homes.items() if name in names.split()]
    if not modules:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    with trusted_first():
        found: object = getattr(import_module(f"pytest_antipasta.{modules[0]}"), name)
    return found
