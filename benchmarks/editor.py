"""How long the language server takes from a keystroke to an answer: ``python -m benchmarks.editor``.

A client of pygls edits a file of 1,000 lines with a hundred functions. It asks for code actions after each
edit, so that the server does not wait for a pause. Memory is that of the server: on Python 3.11 and 3.12,
complexipy 8.3 leaks 64 bytes for each function that it returns.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.editor.client import edit

_FUNCTION = """\
def price_{}(order):
    if order:
        if order.price:
            return 1
    for one in order:
        if one.price > 100:
            return 2
    return None


"""
_TIMED, _EDITS, _STEP = 50, 2000, 500


async def _measure(root: Path) -> None:
    path = root / "shop.py"
    text = "".join(map(_FUNCTION.format, range(100)))
    walls: list[float] = []
    memory: list[int] = []
    async with edit(root) as editor:
        await editor.open(path, text)
        began = _read_processor(editor.pid)
        for number in range(_EDITS + 1):
            start = time.perf_counter()
            editor.put(path, f"{text}a = {number}\n")
            await editor.ask(path, 0)
            walls.append(time.perf_counter() - start)
            if number == _TIMED:
                processor = (_read_processor(editor.pid) - began) / _TIMED
            if number % _STEP == 0:
                memory.append(_read_memory(editor.pid))
    lines, half = text.count("\n"), statistics.median(walls)
    print(f"{lines} lines: median {half * 1000:.0f} ms, of the processor {processor * 1000:.0f} ms")
    print(f"resident memory after each {_STEP} edits, in MB: {', '.join(map(str, memory))}")


def _read_processor(pid: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _read_memory(pid: int) -> int:
    """Return the megabytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def main() -> None:
    """Measure the server over a repository with limits."""
    with tempfile.TemporaryDirectory(prefix="antipasta-") as folder:
        root = Path(folder)
        (root / "pyproject.toml").write_text(
            "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 3\n"
        )
        subprocess.run(["git", "init", "--quiet", "."], cwd=root, check=True)
        asyncio.run(_measure(root))


if __name__ == "__main__":
    main()
