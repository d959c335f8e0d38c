"""What a notebook costs beside the same code as a Python file, as a table.

All in one process: reading the notebooks of pinned source distributions,
measuring what was read, and measuring the same code without its cells. Those that this Python
does not parse are left out.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.files.notebooks import find_source
from pytest_antipasta.files.reading import UnreadableError
from tests.corpora import SDISTS
from tests.corpora import notebooks as list_notebooks

_CELLS = b"\0notebook cells "


class _Notebook(NamedTuple):
    """A notebook as it is, as it is measured, and its code alone."""

    data: bytes
    source: bytes
    code: bytes


def _read(path: Path) -> _Notebook | None:
    data = path.read_bytes()
    try:
        source = find_source(path.name, data)
    except UnreadableError:
        return None
    if not source.startswith(_CELLS) or measure(source).error is not None:
        return None
    return _Notebook(data, source, source.split(b"\0", 2)[2])


def _time(step: Callable[[_Notebook], object], notebooks: Sequence[_Notebook]) -> float:
    started = time.perf_counter()
    for notebook in notebooks:
        step(notebook)
    return time.perf_counter() - started


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.notebooks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of which the median is taken")
    args = parser.parse_args()
    found = (_read(path) for name in SDISTS for path in list_notebooks(name))
    notebooks = [one for one in found if one is not None]
    steps: dict[str, Callable[[_Notebook], object]] = {
        "reading": lambda one: find_source("a.ipynb", one.data),
        "measuring": lambda one: measure(one.source),
        "the same code": lambda one: measure(one.code),
    }
    rounds = [{name: _time(step, notebooks) for name, step in steps.items()} for _ in range(args.rounds)]
    size, code = (sum(len(one[place]) for one in notebooks) / 1e6 for place in (0, 2))
    print(f"| {len(notebooks)} notebooks | {size:.1f} MB, {code:.1f} MB of code |\n|---|---|")
    for name in steps:
        print(f"| {name} | {statistics.median(one[name] for one in rounds):.2f} s |")
    ratios = [one["measuring"] / one["the same code"] for one in rounds]
    print(f"| measuring by the same code | {statistics.median(ratios):.2f}, at most 1.5 |")


if __name__ == "__main__":
    main()
