"""Parses all Python files of a folder in one process or several, and does nothing else with them."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from pathlib import Path


def main(folder: str, processes: int, number: int | None = None) -> None:
    """Parse the files of one process, or start all of them and wait."""
    if number is None and processes > 1:
        line = [sys.executable, "-I", __file__, folder, str(processes)]
        started = [subprocess.Popen([*line, str(number)]) for number in range(processes)]
        for process in started:
            process.wait()
        return
    gc.disable()
    for path in sorted(Path(folder).rglob("*.py"))[number or 0 :: processes]:
        ast.parse(path.read_bytes())


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
