"""Real Redis servers on this machine, and other things that may listen where one is expected."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from tests.report.browser import give_up

if TYPE_CHECKING:
    import redis

_SECONDS = 20.0


class Server:
    """A Redis that runs.

    Attributes:
        port: of loopback; 0 for none.
        client: of another kind, for looking at what is there.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, client: redis.Redis) -> None:
        self._process = process
        self.port = port
        self.client = client

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}"

    def count_calls(self, command: str) -> int:
        """Return how often a command was called."""
        return int(self.client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Have it do nothing any more, and keep its connections."""
        self._process.send_signal(signal.SIGSTOP)


def find_free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serve(
    folder: Path, *options: str, port: int | None = None, password: str | None = None
) -> Iterator[Server]:
    """Run Debian's Redis with options; the password is for looking at it."""
    import redis

    program = shutil.which("redis-server")
    if program is None:
        give_up("needs `apt-get install redis-server`, whose service may be off")
    port = find_free_port() if port is None else port
    path = folder / f"{os.urandom(4).hex()}.sock"
    command = [str(program), "--port", str(port), "--unixsocket", str(path), "--save", "", *options]
    # A package that was unpacked and not installed has the libraries that it needs beside it.
    libraries = ":".join(map(str, Path(str(program)).parents[1].glob("lib/*-linux-gnu")))
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment) as process:
        client = redis.Redis(unix_socket_path=str(path), password=password)
        try:
            wait_for(lambda: _is_there(str(path)))
            yield Server(process, port, client)
        finally:
            client.close()
            process.kill()


def _is_there(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(path) == 0


def wait_for(ask: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _SECONDS
    while not ask():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


@contextmanager
def listen(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Listen in place of a Redis, let something answer each connection, and yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection = server.accept()[0]
                    Thread(target=_answer, args=(answer, connection), daemon=True).start()

        thread = Thread(target=accept, daemon=True)
        thread.start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"
        with suppress(OSError):  # Windows shuts down no socket that listens; closing it is enough there
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def _answer(answer: Callable[[socket.socket], object], connection: socket.socket) -> None:
    with connection, suppress(OSError):
        answer(connection)


@contextmanager
def relay(port: int, tell: Callable[[bytes], object]) -> Iterator[str]:
    """Stand before a Redis, and yield the address.

    Args:
        port: of the Redis.
        tell: is told all that is sent to it, before it gets that.
    """

    def forward(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = Thread(target=_pump, args=(server, connection, lambda _: None), daemon=True)
            back.start()
            _pump(connection, server, tell)
            server.shutdown(socket.SHUT_RDWR)
            back.join()

    with listen(forward) as url:
        yield url


def _pump(source: socket.socket, sink: socket.socket, tell: Callable[[bytes], object]) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 20):
            tell(data)
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
