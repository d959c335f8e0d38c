"""What all of it runs on: Python (imports, collector, versions, tracebacks, threads) and regular files."""

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

VERSION = "0.1.0"
"""Of this package."""
HOME = str(Path(__file__).parents[2])
"""The folder that has this package."""
TRUSTED = (os.path.dirname(os.__file__), str(Path(msgspec.__file__).parent.parent))
"""Where the standard library is, and where our own dependencies are."""
_PATH_LOCK = _thread.RLock()  # "threading" would be one more import for a commit


@contextmanager
def trusted_first(others: Iterable[str] = (), *, is_alone: bool = False) -> Iterator[None]:
    """Look for modules in the standard library and beside our dependencies before anywhere else.

    Other folders can be as good. Alone, there is no other place: for what imports whatever it finds.

    pytest puts the folders of ``conftest.py`` files at the head of ``sys.path``, and Python the current
    one: a ``git.py`` or a ``socket.py`` there would be imported, which is to say executed, in place of what
    we mean. One thread at a time does so: another would take the order of the moment for the one to restore.
    """
    with _PATH_LOCK:
        path, trusted = sys.path[:], trusted_folders(others)
        sys.path[:] = trusted if is_alone else dict.fromkeys((*trusted, *path))
        try:
            yield
        finally:
            sys.path[:] = path


def trusted_folders(others: Iterable[str] = ()) -> list[str]:
    """Return those of ``sys.path`` in which no project's files are; those of ``TRUSTED`` and others first."""
    trusted = (*TRUSTED, *others)
    first = [entry for entry in sys.path if entry.startswith(trusted)]
    rest = [entry for entry in sys.path if not entry.startswith(trusted)]
    try:
        here = os.getcwd()
    except OSError:
        return first  # what is below it can't be told
    return [*first, *(entry for entry in rest if _is_installed(entry, here))]


@cache
def _is_installed(folder: str, here: str) -> bool:
    """Whether packages are installed in a folder, as Nix, Bazel and pex do it: each in a folder of its own.

    It is none that is in a repository, or below the current folder.
    """
    place = Path(os.path.realpath(folder))
    if not os.path.isabs(folder) or place.is_relative_to(os.path.realpath(here)):
        return False
    try:
        is_place = any(name.endswith(".dist-info") for name in os.listdir(place))
    except OSError:
        return False  # a ZIP file, for one
    return is_place and not any((above / ".git").exists() for above in (place, *place.parents))


@contextmanager
def gc_paused() -> Iterator[None]:
    """Keep it off for a block in which much comes to be that has no cycles, such as a syntax tree.

    It would go through all of that whenever there is a quarter more of it, and find nothing, for 10 to 15 %
    of the time of measuring.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def gc_rarely() -> None:
    """Have it look less often: a process that is ours from beginning to end makes next to no cycles.

    Whatever holds for each of a hundred thousand files would be gone through several times while it grows.
    """
    gc.set_threshold(1_000_000, 20, 100)


def gc_often() -> None:
    """Have it look as often as Python does by itself: in a process that lasts, cycles add up."""
    gc.set_threshold(700, 10, 10)


def gc_freeze() -> None:
    """Have it pass over all that there is by now, in a process that is about to end.

    Python would go through all objects twice more, for a tenth of what a commit waits for.
    """
    gc.freeze()


# What CI services set: most of them, then Jenkins and TeamCity, then Azure Pipelines.
_SERVICES = ("CI", "BUILD_NUMBER", "TF_BUILD")


def is_ci() -> bool:
    """Whether a CI service runs this process."""
    return any(map(os.environ.get, _SERVICES))


def python_minor() -> str:
    """Return ``3.11`` and the like."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


@cache
def installed_version(package: str) -> str:
    """Return the version of an installed package.

    It stands in the name of a folder beside the package. ``importlib.metadata`` is asked only where
    it does not: importing that takes longer than looking up the measurements of a commit.
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
    """Return a module's ``__getattr__`` that imports a package's names when they are first asked for.

    A module of the standard library that this needs is never looked for among a project's files first.

    ``homes`` are the package's modules, each with the names of its own that the package offers.
    """
    modules = {name: module for module, names in homes.items() for name in names.split()}

    def find(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with trusted_first():
            found: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, found)  # a function-level import would come here every time
        return found

    return find


def describe_failure(failure: BaseException) -> str:
    """Return a mistake of ours in one line: what it is, and where."""
    import traceback  # here, because it is never needed

    place = traceback.extract_tb(failure.__traceback__)[-1]
    return (
        f"{type(failure).__name__}: {failure} ({Path(place.filename).name}:{place.lineno}); this is a "
        "bug in pytest-antipasta; please report it"
    )


def format_failure(failure: BaseException) -> str:
    """Return the whole traceback of a mistake of ours."""
    import traceback

    return "".join(traceback.format_exception(failure))


__getattr__ = lazy_names(
    __name__,
    {
        "background": "in_background",
        "fileio": (
            "Place SOURCE_ENDINGS append_regular begin_file is_source move_file open_found "
            "open_without_waiting read_ends read_regular replace_file replace_in_parts require_regular "
            "write_regular"
        ),
    },
)
