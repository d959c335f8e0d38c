"""A child process that answers requests, and that can be ended at any time.

It is started anew, never forked: the same on every system, and no copy of an open database or of a user's
threads. It imports nothing from the current folder, reads requests from a pipe, and ends when that is closed,
which is also when its parent is killed.
"""

from __future__ import annotations

import _thread
import os
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, TypeAlias

from pytest_antipasta.model import FileError
from pytest_antipasta.processes.limits import ResourceLimits, Watch, describe_exit, find_room, share_memory
from pytest_antipasta.runtime import HOME, TRUSTED, trusted_folders

HEAD = "<d"
"""What a child's first message begins with: the seconds."""
MARK = b"\x00antipasta\x00"
"""What a child writes when it begins; before it stands what an interpreter prints when it starts."""
_LENGTH = 8
# Seconds between two looks at a lone one: in that time it takes some ten megabytes more than it may.
_TICK = 0.02
# Seconds that a process that is killed may take to end, and a thread to see that it has. Neither does where
# the process waits for a disk that is gone, or has forked one that holds its pipes open.
_GIVE_UP = 10.0
_KILLED = -9
# Seconds that a process may take to end that has closed its pipes.
_ENDING = 1.0
# Bytes of what a process has written to its standard error.
_LONGEST_END = 4000
STARTUP = 60.0
"""Seconds that a process may take to begin, on a machine that has much else to do."""
# Python puts the current folder first, as an empty string, and what PYTHONPATH says before its own library.
_BOOT = """\
import _signal
_signal.signal(_signal.SIGINT, _signal.SIG_IGN)
import sys
sys.path[:] = dict.fromkeys(filter(None, sys.argv[2:] + sys.path))
__import__(sys.argv[1], fromlist=["serve"]).serve()
"""
# What decides which modules Python finds must hold for the child, too.
_FLAGS = {"isolated": "-I", "ignore_environment": "-E", "no_user_site": "-s", "dont_write_bytecode": "-B"}

Answers: TypeAlias = "SimpleQueue[tuple[Child, bytes | None]]"
"""What children have answered; ``None`` says that one has ended."""


class Child:
    """One such process.

    Attributes:
        pid: its id.
        began: when it was started, on the clock of ``time.monotonic``.
        last_words: the last line that it has written to its standard error, once it has ended.
    """

    last_words = ""

    def __init__(self, server: str, answers: Answers, seconds: float, orders: bytes = b"") -> None:
        """Start it. Its first answer says that it is ready.

        The system ends it when a file takes more seconds of processor time. ``orders`` say what to do with
        a request; without them it measures contents.

        Raises:
            OSError: the system can't start it.
        """
        self._answers = answers
        self._requests: deque[tuple[bytes, int]] = deque()
        self._is_exchanging = self._is_ending = False
        self._lock = threading.Lock()
        self._idle = threading.Lock()
        self._is_marked = False
        folders = [*TRUSTED, HOME, *trusted_folders()]
        flags = [flag for name, flag in _FLAGS.items() if getattr(sys.flags, name)]
        if not sys.executable:
            raise OSError("can't find the path of the Python interpreter (sys.executable)")
        self._errors = _open_errors()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, *flags, "-c", _BOOT, server, *folders],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
            )
        except BaseException:
            self._errors.close()
            raise
        self.pid = self._process.pid
        self.began = time.monotonic()
        try:
            self.ask(struct.pack(HEAD, seconds) + orders, 1)
        except BaseException:
            self.end()
            raise

    def ask(self, request: bytes, count: int) -> None:
        """Send a request after those before it and return at once; ``count`` answers come into the queue.

        Raises:
            OSError: there can be no more threads; the request is not sent.
        """
        with self._lock:
            self._requests.append((request, count))
            if self._is_exchanging:
                return
            self._is_exchanging = True
        # It lives as long as there are answers to come: a process that has threads should not fork, and
        # the one that we are in may not be ours. `Thread.start` waits until the thread says that it
        # has begun, and up to CPython 3.12 a Ctrl-C that meets it there becomes a RuntimeError.
        self._idle.acquire()
        try:
            _thread.start_new_thread(self._converse, ())
        except BaseException as error:
            self._requests.clear()
            self._is_exchanging = False
            self._idle.release()
            if isinstance(error, RuntimeError):
                raise OSError(str(error)) from error
            raise

    def end(self) -> int:
        """End it, whatever it does; return its exit code, negative for the signal that ended it.

        A process that the system does not end is left to it.
        """
        if self._is_ending:  # else it would seem to have been killed
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING)
        with suppress(OSError):
            self._process.kill()
        try:
            code = self._process.wait(_GIVE_UP)
        except subprocess.TimeoutExpired:
            code = _KILLED
        self._read_errors()
        # What reads from it sees its end at once. Released again, as it may be ended more than once.
        if self._idle.acquire(timeout=_GIVE_UP):
            self._idle.release()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # what could not be sent is of no use any more
                    if pipe is not None:
                        pipe.close()
        # Else a thread is inside of a pipe, and closing that would wait for it.
        return code

    def _read_errors(self) -> None:
        """Note the last line of what it has written to its standard error."""
        if self._errors.closed:
            return
        with self._errors:
            end = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, end - _LONGEST_END))
            lines = self._errors.read().decode(errors="backslashreplace").split("\n")
        self.last_words = next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _converse(self) -> None:
        sink, source = self._process.stdin, self._process.stdout
        try:
            while sink is not None and source is not None and (request := self._next_request()):
                write_frame(sink, request[0])
                if not self._is_marked:
                    _skip_to_mark(source)
                    self._is_marked = True
                for _ in range(request[1]):
                    self._answers.put((self, read_frame(source)))
        except (OSError, EOFError):
            self._is_ending = True
            self._answers.put((self, None))
        finally:
            self._idle.release()

    def _next_request(self) -> tuple[bytes, int] | None:
        with self._lock:
            self._is_exchanging = bool(self._requests)
            return self._requests.popleft() if self._requests else None


class LoneChild(Child):
    """One process that answers into a queue of its own, and is watched while it does."""

    def __init__(
        self, server: str, seconds: float, orders: bytes = b"", deadline: float = float("inf")
    ) -> None:
        """Start it, and wait until it is ready for requests.

        Args:
            server: the module that answers.
            seconds: of processor time, that one answer may take.
            orders: what it is to do.
            deadline: on the clock of ``time.monotonic``, until when it may take to begin.

        Raises:
            TimeoutError: it was not ready by the deadline.
            OSError: the system can't start it, or it ends at once.
        """
        super().__init__(server, SimpleQueue(), seconds, orders)
        try:
            patience = max(0.0, min(STARTUP, deadline - time.monotonic()))
            ready = self._answers.get(timeout=patience)[1]
        except Empty:
            self.end()
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            raise OSError(f"the process did not start within {STARTUP:g} s") from None
        except BaseException:
            self.end()
            raise
        if ready is None:
            raise OSError(describe_exit(self.end(), self.last_words))

    def wait(self, watch: Watch, limits: ResourceLimits) -> bytes | FileError | None:
        """Return its next answer, or what it takes too much of; ``None`` where it has ended."""
        while True:
            try:
                return self._answers.get(timeout=_TICK)[1]
            except Empty:
                error = watch.find_excess(share_memory(limits, find_room([self.pid]), 1))
                if error is not None:
                    return error


def _open_errors() -> IO[bytes]:
    """Return a file without a name for what a process writes to its standard error; nobody has to read it."""
    from tempfile import TemporaryFile

    try:
        return TemporaryFile(buffering=0)
    except OSError:  # no folder for temporary files can be written to
        return open(os.devnull, "r+b", 0)


def _skip_to_mark(source: IO[bytes]) -> None:
    seen = b""
    while not seen.endswith(MARK):
        byte = source.read(1)
        if not byte:
            raise EOFError
        seen = (seen + byte)[-len(MARK) :]


def write_frame(sink: IO[bytes], data: bytes) -> None:
    """Write what :func:`read_frame` reads."""
    sink.write(len(data).to_bytes(_LENGTH, "little"))
    sink.write(data)
    sink.flush()


def read_frame(source: IO[bytes]) -> bytes:
    """Return the next message.

    Raises:
        EOFError: there is none.
    """
    head = source.read(_LENGTH)
    length = int.from_bytes(head, "little")
    data = source.read(length)
    if len(head) < _LENGTH or len(data) < length:
        raise EOFError
    return data
