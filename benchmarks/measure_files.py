"""Measures all files of a folder in one process by the engine alone: no store, no limits, no report."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_antipasta.engine.measuring.measurement import measure


def main(folder: str) -> None:
    """Measure them."""
    for path in sorted(Path(folder).iterdir()):
        measure(path.read_bytes())


if __name__ == "__main__":
    main(sys.argv[1])
