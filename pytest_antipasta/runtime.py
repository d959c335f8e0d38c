"""What all of it runs on: Python, and regular files.

Trusted imports, lazy faces, garbage collection, versions and tracebacks; and files that are read and written
without waiting for a pipe, and never left half written.
"""

from __future__ import annotations

import _thread
import errno
import gc
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import msgspec

VERSION = "0.1.0"
"""Of this package."""
HOME = str(Path(__file__).parents[1])
"""The folder that has this package."""
TRUSTED = (os.path.dirname(os.__file__), str(Path(msgspec.__file__).parent.parent))
"""Where the standard library is, and where our own dependencies are."""
_PATH_LOCK = _thread.RLock()  # "threading" would be one more import for a commit


@contextmanager
def trusted_first(others: Iterable[str] = ()) -> Iterator[None]:
    """Look for modules in the standard library and beside our dependencies before anywhere else.

    Other folders can be as good.

    pytest puts the folders of ``conftest.py`` files at the head of ``sys.path``, and Python the current
    one: a ``git.py`` or a ``socket.py`` there would be imported, which is to say executed, in place of what
    we mean. One thread at a time does so: another would take the order of the moment for the one to restore.
    """
    with _PATH_LOCK:
        path, trusted = sys.path[:], (*TRUSTED, *others)
        sys.path[:] = sorted(path, key=lambda entry: not entry.startswith(trusted))
        try:
            yield
        finally:
            sys.path[:] = path


# Objects that are frozen from the start: CPython 3.12 has some hundred.
_OF_PYTHON = 1000


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


def gc_freeze() -> Callable[[], None]:
    """Let it pass over all that there is by now; return what takes that back.

    It is for a process that runs no tests.
    """
    if gc.get_freeze_count() > _OF_PYTHON:
        return lambda: None  # other code has done so, and knows for how long
    gc.freeze()
    return gc.unfreeze


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
    """Return a module's ``__getattr__`` that imports a package's names when they are asked for.

    ``homes`` are the package's modules, each with the names of its own that the package offers.
    """
    modules = {name: module for module, names in homes.items() for name in names.split()}

    def find(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return find


def describe_failure(failure: BaseException) -> str:
    """Return a mistake of ours in one line: what it is, and where."""
    import traceback  # here, because it is never needed

    place = traceback.extract_tb(failure.__traceback__)[-1]
    return (
        f"{type(failure).__name__}: {failure} ({Path(place.filename).name}:{place.lineno}); "
        "this is a mistake in pytest-antipasta, please report it"
    )


def format_failure(failure: BaseException) -> str:
    """Return the whole traceback of a mistake of ours."""
    import traceback

    return "".join(traceback.format_exception(failure))


# Windows refuses to rename what somebody has open, with ERROR_ACCESS_DENIED or ERROR_SHARING_VIOLATION. Virus
# scanners and indexers look at a new file for some hundredths of a second.
_IN_USE = (5, 32)
_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def open_without_waiting(path: str, flags: int) -> int:
    """Open a file, as an ``opener``; a pipe without a writer is opened at once."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def read_regular(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it can't be read, or is anything else.
    """
    with open(path, "rb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        return file.read()


def read_ends(path: Path) -> tuple[bytes, bytes]:
    """Return the first line of a regular file that has one, and its last byte.

    Raises:
        OSError: it can't be read, or is anything else.
    """
    with open(path, "rb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        first = file.readline()
        file.seek(-1, os.SEEK_END)
        return first, file.read(1)


def write_regular(path: Path, data: bytes) -> None:
    """Write a regular file, in place of what was in it.

    Raises:
        OSError: it can't be written, or something else is there.
    """
    # A pipe without a reader can't be opened for writing without waiting.
    with open(path, "wb", opener=open_without_waiting) as file:
        require_regular(file.fileno())
        file.write(data)


def append_regular(path: Path, data: bytes) -> int:
    """Write behind what a regular file has, in one piece unless the disk is full; return the file's size.

    Raises:
        OSError: it can't be written, or something else is there.
    """
    with open(path, "ab", buffering=0, opener=open_without_waiting) as file:
        require_regular(file.fileno())
        file.write(data)
        return file.tell()


def replace_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file beside another one and move it into its place, so that half of it is never read.

    ``mode`` are its rights; ``None`` for those of the file that is there, or of any new one.

    Raises:
        OSError: it can't be written; what was there stays.
    """
    # A name that can't be guessed, so that no link can be put in its place beforehand.
    temporary = path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        if mode is None and path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
        if mode is not None:
            temporary.chmod(mode)
        move_file(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def move_file(source: Path, target: Path) -> None:
    """Move a file into the place of another one; on Windows, wait a second for who has one of them open.

    Raises:
        OSError: it can't be moved.
    """
    for pause in _PAUSES:
        try:
            source.replace(target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _IN_USE:
                raise
            time.sleep(pause)
        else:
            return
    source.replace(target)


def require_regular(descriptor: int) -> None:
    """Make sure that an open file is a regular one.

    Raises:
        OSError: it is anything else.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
