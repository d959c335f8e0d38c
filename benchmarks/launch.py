"""Runs one command and prints what it took.

It is a program of its own because the peak memory that the system tells of a child begins with that of
its parent: beside this small one it says something, beside the benchmark it would not.
"""

from __future__ import annotations

import os
import sys
import time


def main(line: list[str]) -> None:
    """Print seconds, those of processors, and the peak memory in bytes; the command's output goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nowhere, descriptor) for descriptor in (0, 1, 2)]
    started = time.perf_counter()
    process = os.posix_spawnp(line[0], line, os.environ, file_actions=actions)
    _, _, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    # All processes that were waited for are in it, at any depth.
    print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


if __name__ == "__main__":
    main(sys.argv[1:])
