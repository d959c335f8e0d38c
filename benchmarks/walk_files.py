"""The floor of a run that knows all files: walking a tree and asking each file's status, in one process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator


def _iter_files(folder: str) -> Iterator[os.stat_result]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git":
                    yield from _iter_files(entry.path)
            elif entry.name.endswith(".py"):
                yield entry.stat()


def main() -> None:
    """Walk the folder that is named."""
    if not sum(1 for _ in _iter_files(sys.argv[1])):
        sys.exit("no file")


if __name__ == "__main__":
    main()
