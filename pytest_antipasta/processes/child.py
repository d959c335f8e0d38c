"""A child process that answers requests, and can be ended at any time.

It is started as a new process, never forked: this is equal on every system, and copies no open database or
threads. It imports nothing from the current folder, reads requests from a pipe, and ends when the pipe is
closed, also if its parent is killed.
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
from signal import Signals
from typing import IO, TypeAlias

from pytest_antipasta.processes.cgroups import count_oom_kills
from pytest_antipasta.processes.limits import Excess, ResourceLimits, Watch, compute_room, share_memory
from pytest_antipasta.runtime.imports import HOME, TRUSTED, trusted_folders

HEAD = "<d"
"""Start of the first message to a child: the seconds."""
MARK = b"\x00antipasta\x00"
"""Bytes that a child writes when it is ready; output of the interpreter may precede them."""
_LENGTH = 8
# Seconds between two checks of a lone process: it can exceed its limit by some ten megabytes in that time.
_TICK = 0.02
# Seconds that a killed process may take to end, and a thread to notice it. Neither happens if the process
# waits for an unreachable disk, or has forked one that holds its pipes open.
_GIVE_UP = 10.0
_KILLED = -9
# Seconds that a process may take to end after closing its pipes.
_ENDING = 1.0
# Bytes kept of a process's standard error, and maximum length of its last line.
_LONGEST_END, _LONGEST_WORDS = 4000, 200
STARTUP_LIMIT = 60.0
"""Maximum seconds for the start of a process, on a busy machine."""
# With -P, as Python 3.13 imports a module for -c, from the current folder. PYTHONPATH is before the library.
_BOOT = """\
import _signal
_signal.signal(_signal.SIGINT, _signal.SIG_IGN)
import sys
sys.path[:] = dict.fromkeys(filter(None, sys.argv[2:] + sys.path))
__import__(sys.argv[1], fromlist=["serve"]).serve()
"""
# Options that decide which modules Python finds, and the encoding of paths, must apply to the child too.
_FLAGS = {
    "isolated": "-I",
    "ignore_environment": "-E",
    "no_user_site": "-s",
    "dont_write_bytecode": "-B",
    "utf8_mode": "-Xutf8",
}

Answers: TypeAlias = "SimpleQueue[tuple[Child, bytes | None]]"
"""Answers of children; ``None`` if a child ended."""


class Child:
    """A child process.

    Attributes:
        pid: process id.
        began: start time, on the clock of ``time.monotonic``.
        last_words: last line of its standard error, after it has ended.
    """

    last_words = ""
    _code = 0

    def __init__(self, server: str, answers: Answers, seconds: float, orders: bytes = b"") -> None:
        """Start the process. Its first answer says that it is ready.

        The system ends it when a file takes more than ``seconds`` of processor time. ``orders`` configure the
        process; without them it measures contents.

        Raises:
            OSError: the process can't be started.
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
        from tempfile import TemporaryFile

        self._errors = TemporaryFile(buffering=0)  # noqa: SIM115 - until the process has ended
        self._oom_kills = count_oom_kills()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, *flags, "-P", "-c", _BOOT, server, *folders],
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
        """Queue a request and return at once; its ``count`` answers go to the queue.

        Raises:
            OSError: no thread can be started; the request is not sent.
        """
        with self._lock:
            self._requests.append((request, count))
            if self._is_exchanging:
                return
            self._is_exchanging = True
        # The thread runs only while answers are expected. A process with threads should not fork, and the
        # current process may belong to a program of others. `Thread.start` waits until the thread has
        # started; up to CPython 3.12, a Ctrl-C during this wait becomes a RuntimeError.
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

    def end(self) -> None:
        """End the process in any state.

        A process that the system can't end is left alone.
        """
        if self._is_ending:  # otherwise it would seem to have been killed
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING)
        with suppress(OSError):
            self._process.kill()
        try:
            self._code = self._process.wait(_GIVE_UP)
        except subprocess.TimeoutExpired:
            self._code = _KILLED
        self._read_errors()
        # The reading thread sees the end at once. Released again, as this may run more than once.
        if self._idle.acquire(timeout=_GIVE_UP):
            self._idle.release()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # unsent data is useless now
                    if pipe is not None:
                        pipe.close()
        # Otherwise a thread is using a pipe, and closing it would block.

    def describe_end(self) -> str:
        """Return the exit code or the signal of an ended process, with its last words."""
        reason = f"exit code {self._code}"
        if self._code < 0:
            reason = Signals(-self._code).name if -self._code in set(Signals) else f"signal {-self._code}"
        return f"{reason}: {self.last_words[:_LONGEST_WORDS]}" if self.last_words else reason

    def explain_kill(self, limits: ResourceLimits) -> Excess | None:
        """Return the limit if the system has killed it for lack of memory, or for its processor time."""
        if -self._code == getattr(Signals, "SIGKILL", None) and count_oom_kills() > self._oom_kills:
            return Excess("free_memory")
        return Excess("cpu", limits.seconds) if -self._code == getattr(Signals, "SIGXCPU", None) else None

    def _read_errors(self) -> None:
        """Store the last line of the process's standard error."""
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
    """A process that answers into its own queue, and is watched during each answer."""

    def __init__(self, server: str, seconds: float, deadline: float = float("inf")) -> None:
        """Start the process, and wait until it is ready for requests.

        Args:
            server: the module that runs in the process.
            seconds: processor time for one answer.
            deadline: end of the time for starting, on the clock of ``time.monotonic``.

        Raises:
            TimeoutError: the process was not ready by the deadline.
            OSError: the process can't be started, or ends at once.
        """
        super().__init__(server, SimpleQueue(), seconds)
        try:
            patience = max(0.0, min(STARTUP_LIMIT, deadline - time.monotonic()))
            ready = self._answers.get(timeout=patience)[1]
        except Empty:
            self.end()
            if time.monotonic() >= deadline:
                raise TimeoutError from None
            raise OSError(f"the process did not start within {STARTUP_LIMIT:g} s") from None
        except BaseException:
            self.end()
            raise
        if ready is None:
            self.end()
            raise OSError(self.describe_end())

    def wait(self, limits: ResourceLimits, deadline: float = float("inf")) -> bytes | Excess | None:
        """Return its next answer, or the limit that it exceeds; ``None`` if it has ended.

        The deadline is on the clock of ``time.monotonic``.
        """
        watch = Watch(self.pid, deadline)
        while True:
            try:
                return self._answers.get(timeout=_TICK)[1]
            except Empty:
                excess = watch.find_excess(share_memory(limits, compute_room([self.pid]), 1))
                if excess is not None:
                    return excess


def _skip_to_mark(source: IO[bytes]) -> None:
    seen = b""
    while not seen.endswith(MARK):
        byte = source.read(1)
        if not byte:
            raise EOFError
        seen = (seen + byte)[-len(MARK) :]


def write_frame(sink: IO[bytes], data: bytes) -> None:
    """Write a message for :func:`read_frame`."""
    sink.write(len(data).to_bytes(_LENGTH, "little"))
    sink.write(data)
    sink.flush()


def read_frame(source: IO[bytes]) -> bytes:
    """Return the next message.

    Raises:
        EOFError: there are no more messages.
    """
    head = source.read(_LENGTH)
    length = int.from_bytes(head, "little")
    data = source.read(length)
    if len(head) < _LENGTH or len(data) < length:
        raise EOFError
    return data
