"""What a store that machines share saves a fresh one: ``python -m benchmarks.shared_store``.

Django is checked by a machine that has measured nothing: without such a store; with a full one, whose answers
take some milliseconds longer; and with one that ends at the first question, in the middle, and when it is
written to. The ratio is the median of those of each round to the run without one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.timing import Command, time_once
from benchmarks.trees import make_tree
from tests.store.shared.servers import Server, serve

_FILES = 885
_WITHOUT = "none"
_MILLISECONDS = (0, 1, 5, 20)
# After how many of which command a server ends.
_ENDS = {
    "ends at the first question": (b"MGET", 1),
    "ends half-way": (b"MGET", 2),
    "ends at writing": (b"SET", 1),
}


async def _relay(port: int, seconds: float, word: bytes, times: int) -> None:
    """Stand before a Redis: hold back what goes either way for half of the time, and end with a command."""
    left = times

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        nonlocal left
        loop, waiting = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

        async def send() -> None:
            while True:
                when, data = await waiting.get()
                await asyncio.sleep(max(0.0, when - loop.time()))
                sink.write(data)

        sending = asyncio.create_task(send())
        while data := await source.read(1 << 16):
            left -= bool(word) and word in data
            if word and left <= 0:
                os._exit(0)
            waiting.put_nowait((loop.time() + seconds / 2, data))
        await asyncio.sleep(seconds)
        sending.cancel()
        sink.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, forth), pump(back, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def _stand_before(server: Server, seconds: float, word: bytes, times: int) -> Iterator[str]:
    """Yield the address of a relay in a process of its own."""
    options = [str(server.port), str(seconds), word.decode(), str(times)]
    command = [sys.executable, "-m", "benchmarks.shared_store", "--relay", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as relay:
        assert relay.stdout is not None  # noqa: S101 - for mypy
        yield f"redis://127.0.0.1:{relay.stdout.readline().strip()}"
        relay.kill()


class _Machine:
    """One that has measured nothing, again at each run."""

    def __init__(self, tree: Path, scratch: Path) -> None:
        self._tree = tree
        self._store = scratch / "store"

    def check(self, url: str = "") -> float:
        """Return the seconds that a run takes."""
        shutil.rmtree(self._store, ignore_errors=True)
        environment = {
            "PYTEST_ANTIPASTA_CACHE_DIR": str(self._store), "PYTEST_ANTIPASTA_SHARED_STORE": url
        }  # fmt: skip
        line = [sys.executable, "-m", "pytest_antipasta", "check", "--quiet"]
        return time_once(Command("check", line, self._tree, environment)).seconds


def _time_round(machine: _Machine, server: Server) -> Iterator[tuple[str, float]]:
    """Yield a name and the seconds of each run of a round."""
    yield _WITHOUT, machine.check()
    for milliseconds in _MILLISECONDS:
        with _stand_before(server, milliseconds / 1000, b"", 0) as url:
            yield f"full, {milliseconds} ms", machine.check(url)
    for name, (word, times) in _ENDS.items():
        if word == b"SET":
            server.client.flushall()
        with _stand_before(server, 0.0, word, times) as url:
            yield name, machine.check(url)
    machine.check(server.url)  # fills it for the next round


def main() -> None:
    """Print the table, or be a relay."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shared_store", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of which medians are taken")
    parser.add_argument("--relay", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.relay:
        port, seconds, word, times = args.relay
        asyncio.run(_relay(int(port), float(seconds), word.encode(), int(times)))
    rounds: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name, serve(Path(name)) as server:
        machine = _Machine(make_tree(_FILES, Path(name)), Path(name))
        machine.check(server.url)
        rounds += [dict(_time_round(machine, server)) for _ in range(args.rounds)]
    print(
        f"| shared store | seconds | by the run without | (medians of {args.rounds} rounds, {_FILES} files)"
    )
    print("|---|---|---|")
    for row in rounds[0]:
        seconds = median(one[row] for one in rounds)
        ratio = median(one[row] / one[_WITHOUT] for one in rounds)
        print(f"| {row} | {seconds:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
