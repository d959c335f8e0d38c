"""The runtime: Python (imports, garbage collector, versions, tracebacks, threads) and regular files."""

from __future__ import annotations

import _thread
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pytest_antipasta.runtime.background import *
    from pytest_antipasta.runtime.fileio import *
    from pytest_antipasta.runtime.scripts import *

VERSION = "0.1.0"
"""Version of this package."""
HOME = str(Path(__file__).parents[2])
"""The folder that contains this package."""
TRUSTED = (os.path.dirname(os.__file__), str(Path(msgspec.__file__).parent.parent))
"""The folders of the standard library and of our dependencies."""
_PATH_LOCK = _thread.RLock()  # "threading" would be one more import for a commit


@contextmanager
def trusted_first(others: Iterable[str] = (), *, is_alone: bool = False) -> Iterator[None]:
    """Prefer the standard library and the folders of our dependencies for imports in the block.

    Other folders stay on the path after these. With ``is_alone``, they are removed: for packages that import
    optional modules.

    pytest puts the folders of ``conftest.py`` files at the front of ``sys.path``, and Python the current
    folder. A ``git.py`` or a ``socket.py`` there would be imported and executed. A lock admits one thread at
    a time, as another would restore the wrong order.
    """
    with _PATH_LOCK:
        path, trusted = sys.path[:], trusted_folders(others)
        sys.path[:] = trusted if is_alone else dict.fromkeys((*trusted, *path))
        try:
            yield
        finally:
            sys.path[:] = path


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


@contextmanager
def gc_paused() -> Iterator[None]:
    """Disable the garbage collector for a block that creates many objects without cycles.

    The collector would visit all of them each time their number grows by a quarter, and find nothing. That
    takes 10 to 15 % of the time of measuring.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def gc_rarely() -> None:
    """Run the garbage collector less often, as our own process creates few cycles.

    Objects for each of a hundred thousand files would be visited several times while their number grows.
    """
    gc.set_threshold(1_000_000, 20, 100)


def gc_often() -> None:
    """Run the garbage collector as often as by default: in a long-running process, cycles add up."""
    gc.set_threshold(700, 10, 10)


def gc_freeze() -> None:
    """Freeze all objects so that the garbage collector skips them, in a process that is about to end.

    Python would visit all objects twice more, for a tenth of the time of a commit.
    """
    gc.freeze()


# Variables set by CI services: most of them, then Jenkins and TeamCity, then Azure Pipelines.
_SERVICES = ("CI", "BUILD_NUMBER", "TF_BUILD")


def is_ci() -> bool:
    """Return whether a CI service runs this process."""
    return any(map(os.environ.get, _SERVICES))


def python_minor() -> str:
    """Return the minor version of Python, such as ``3.11``."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


@cache
def installed_version(package: str) -> str:
    """Return the version of an installed package.

    The version is in the name of a folder next to the package. ``importlib.metadata`` is used only if it is
    not: importing it takes longer than looking up the measurements of a commit.
    """
    with trusted_first():
        spec = find_spec(package)  # finds a top-level package without importing it
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent.parent
        found = [path.name for path in folder.glob(f"{package}-*.dist-info")]
        if len(found) == 1:
            return found[0].removeprefix(f"{package}-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version(package)


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return a module's ``__getattr__`` that imports names of a package on first use.

    Modules of the standard library needed for this are never searched for among a project's files first.

    ``homes`` are the package's modules, each with the names that it provides.
    """
    modules = {name: module for module, names in homes.items() for name in names.split()}

    def find(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with trusted_first():
            found: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, found)  # an import inside it would return here
        return found

    return find


def describe_failure(failure: BaseException) -> str:
    """Return an internal error in one line, with its place."""
    import traceback

    place = traceback.extract_tb(failure.__traceback__)[-1]
    return (
        f"{type(failure).__name__}: {failure} ({Path(place.filename).name}:{place.lineno}); this is a "
        "bug in pytest-antipasta; please report it"
    )


def format_failure(failure: BaseException) -> str:
    """Return the whole traceback of an internal error."""
    import traceback

    return "".join(traceback.format_exception(failure))


__getattr__ = lazy_names(
    __name__,
    {
        "background": "in_background",
        "fileio": (
            "FilePlace append_regular begin_file move_file open_found open_without_waiting read_ends "
            "read_regular replace_file replace_in_parts require_regular write_regular"
        ),
        "scripts": "HEAD_SIZE SOURCE_ENDINGS has_no_suffix is_source names_python starts_as_script",
    },
)
