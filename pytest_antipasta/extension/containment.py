"""Call code of extensions in this process, and undo its effects on the process."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import NoReturn

IMPORT_SECONDS = 60.0
"""Maximum seconds for importing an extension."""
_UNMEASURED = 3
_end = os._exit


@contextmanager
def contained() -> Iterator[None]:
    """Keep code in the block from ending the process or changing the current folder, and ignore its warnings.

    ``os._exit`` raises ``SystemExit``: it would end a check with any exit code, including 0. Threads become
    daemons, as Python waits for all others at its end, and always for those of ``concurrent.futures``. Forked
    processes, and code that saved the function, are not restricted.

    Tests may make errors of warnings. Filters are those of all threads, so only the main one sets them.
    """
    folder = _find_folder()
    pid, loader = os.getpid(), threading.get_ident()
    end, start = os._exit, threading.Thread.start
    is_over = False

    def refuse(status: int) -> NoReturn:
        if is_over or os.getpid() != pid:
            end(status)
        raise SystemExit(status)

    def start_daemon(thread: threading.Thread) -> None:
        if threading.get_ident() == loader and not is_over:
            thread.daemon = True
        start(thread)

    is_main = loader == threading.main_thread().ident
    os._exit, threading.Thread.start = refuse, start_daemon  # type: ignore[assignment,method-assign]
    try:
        with warnings.catch_warnings() if is_main else nullcontext():
            if is_main:
                warnings.simplefilter("ignore")
            yield
    finally:
        is_over = True
        os._exit, threading.Thread.start = end, start  # type: ignore[method-assign]
        if folder is not None:
            with suppress(OSError):
                os.chdir(folder)


def _find_folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # the folder does not exist any more
        return None


@contextmanager
def limited(name: str) -> Iterator[None]:
    """End the process if an extension is not loaded in time: nothing else ends an import."""
    timer = threading.Timer(IMPORT_SECONDS, _give_up, [name])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _give_up(name: str) -> None:
    message = f"error: extension {name} did not load within {IMPORT_SECONDS:g} s; upgrade or uninstall it\n"
    with suppress(OSError):
        os.write(2, message.encode())
    _end(_UNMEASURED)
