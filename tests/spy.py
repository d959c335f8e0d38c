"""Runs a program and counts what it does to source files, to the store, and with other programs.

The program is the code of the only argument. The last line of its standard error has the counts, and what it
has imported of what it may not need.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

_COUNTED = ("reads", "parses", "folders", "programs", "get", "get_many", "put_many", "records")
_PACKAGES = (
    "complexipy", "git", "logging", "multiprocessing", "pathspec", "pytest", "pytest_antipasta.gate.listing",
    "pytest_antipasta.gate.waiver_search", "radon", "yaml",
)  # fmt: skip
_PACKAGE = f"{os.sep}package"


def _is_git(command: str | list[str]) -> bool:
    """Return whether a program is git; on Windows, a command is one text."""
    program = command.partition(" -")[0].strip('"') if isinstance(command, str) else command[0]
    return os.path.basename(program) in ("git", "git.exe")


def count_events(counts: Counter[str]) -> None:
    """Count what Python tells of."""

    def spy(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and _PACKAGE in str(args[0]) and args[1] is None:  # os.open, below any other
            counts["reads"] += 1
        elif event == "compile" and "def counted" in str(args[0]):
            counts["parses"] += 1
        elif event == "os.scandir" and _PACKAGE in str(args[0]):
            counts["folders"] += 1
        elif event == "subprocess.Popen" and _is_git(args[1]):
            counts["programs"] += 1

    sys.addaudithook(spy)


def count_store(counts: Counter[str]) -> None:
    """Count what is asked of the store."""
    from pytest_antipasta.store.local import LocalStore

    def count(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(self: LocalStore, *args: Any) -> Any:
            counts[name] += 1
            counts["records"] += len(args[0]) if name == "get_many" else 0
            return method(self, *args)

        return counted

    for name in ("get", "get_many", "put_many"):
        setattr(LocalStore, name, count(name, getattr(LocalStore, name)))


def main() -> None:
    """Run the program, with files that count as old enough to be taken at their word."""
    counts = Counter(dict.fromkeys(_COUNTED, 0))
    count_events(counts)
    real_time = time.time_ns
    time.time_ns = lambda: real_time() + 10**10
    count_store(counts)
    exec(sys.argv[1], {})
    loaded = [name for name in _PACKAGES if name in sys.modules]
    print(json.dumps([counts, loaded]), file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
