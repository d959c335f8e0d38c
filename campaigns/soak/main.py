"""The soak: what a process has after many runs is what it had after some."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from statistics import median

from campaigns.options import make_parser
from campaigns.soak.changing_tree import ChangingTree
from campaigns.soak.gauges import COUNTS, Sample, find_growth, take_sample
from pytest_antipasta.cli import main as run_command
from tests.figures import write_figures

_PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
# Fewer runs have no quarter in which memory could be said to stand still.
_FEWEST_FOR_MEMORY = 80
# On CPython 3.11 and 3.12, complexipy never frees the objects that it returns: one megabyte in fifty runs. A
# list that keeps every verdict would take five.
_MEMORY_NOISE = 4_000_000
_HOURS = 6 * 3600.0
_MOST_ENTRIES = 500
# How often something is done that is not done at every run.
_HOSTILE, _POOL, _COMMIT, _COMPARISON = 8, 10, 7, 9
_ROWS = {
    "memory": "resident bytes",
    "handles": "open handles",
    "threads": "threads",
    "children": "child processes",
    "leftovers": "temporary files, journals and locks",
    "entries": f"entries of the store, {_MOST_ENTRIES} allowed",
    "store": "bytes of the store",
}


class Soak:
    """A tree, its store, and what was seen.

    Attributes:
        tree: that changes.
        samples: one a run.
        warnings: what is wrong, a line each.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        """Make the tree, and have the store and temporary files in a folder of their own."""
        self._cache, self._temporary = folder / "cache", folder / "temporary"
        self._temporary.mkdir()
        os.environ |= {"TMPDIR": str(self._temporary), "PYTEST_ANTIPASTA_CACHE_DIR": str(self._cache)}
        tempfile.tempdir = None
        self.tree = ChangingTree(folder / "tree", seed, _MOST_ENTRIES)
        self.samples: list[Sample] = []
        self.warnings: list[str] = []
        os.chdir(self.tree.root)

    def go(self, runs: int) -> None:
        """Do the runs, with some hours between them."""
        real = time.time
        for number in range(1, runs + 1):
            time.time = lambda number=number: real() + number * _HOURS  # type: ignore[misc]
            self._run(number)
            self.samples.append(take_sample(self._cache / "v1", self._temporary))
        time.time = real
        self._look(runs)

    def _run(self, number: int) -> None:
        self.tree.change()
        if number % _HOSTILE == 0:
            self.tree.welcome()
        self._call("check", "--jobs", "2" if number % _POOL == 0 else "1")
        self.tree.see_off()
        if number % _COMMIT == 0:
            self.tree.stage()
            self._call("hook")
            self.tree.commit()
        if number % _COMPARISON == 0:
            with_store, without = self._measure(), self._measure("--no-cache", "--jobs", "2")
            if with_store != without:
                self.warnings.append(f"run {number}: the store changes what is said")

    def _measure(self, *options: str) -> object:
        return json.loads(self._call("check", "--format", "json", *options))["files"]

    def _call(self, *arguments: str) -> str:
        output = io.BytesIO()
        said = io.TextIOWrapper(output, "utf-8")
        with redirect_stdout(said), redirect_stderr(io.StringIO()) as errors:
            code = run_command(arguments)
        said.flush()
        if code not in (0, 1, 3) or errors.getvalue():
            self.warnings.append(f"{' '.join(arguments)}: exit code {code}: {errors.getvalue()}")
        return output.getvalue().decode()

    def _look(self, runs: int) -> None:
        """Find what grew."""
        start = runs // 4  # before that, modules are imported
        for name in COUNTS:
            values = [getattr(sample, name) for sample in self.samples[start:]]
            if max(values) > values[0]:
                self.warnings.append(f"{name}: {values[0]}, later {max(values)}")
        if (most := max(sample.entries for sample in self.samples)) > 1.1 * _MOST_ENTRIES:
            self.warnings.append(f"the store has {most} entries, more than {_MOST_ENTRIES}")
        growth = find_growth(self.samples, "memory")
        if runs >= _FEWEST_FOR_MEMORY and growth > _MEMORY_NOISE:
            self.warnings.append(f"memory grew by {growth:,.0f} bytes")


def main(argv: list[str] | None = None) -> int:
    """Do as many runs as asked for; return 1 if something grew, or was said wrong."""
    parser = make_parser("soak", main.__doc__, steps=200)
    parser.add_argument("--write", action="store_true", help=f"write the figures to {_PAGE.name}")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="antipasta-soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), args.seed)
        soak.go(args.steps)
        os.chdir("/")
    figures = "".join(f"{line}\n" for line in _iter_figures(soak))
    print(figures)  # noqa: T201
    for trouble in soak.warnings:
        print(trouble, file=sys.stderr)  # noqa: T201
    if args.write:
        write_figures(
            _PAGE,
            "soak",
            f"`python -m campaigns soak --steps {args.steps} --write` wrote this table:\n\n{figures}",
        )
    return int(bool(soak.warnings))


def _iter_figures(soak: Soak) -> Iterator[str]:
    samples = soak.samples
    quarter = max(1, len(samples) // 4)
    yield "| after a run | in the third quarter | in the last quarter | maximum |"
    yield "|---|--:|--:|--:|"
    for name, text in _ROWS.items():
        values = [getattr(sample, name) for sample in samples]
        early, late = median(values[2 * quarter : 3 * quarter] or values), median(values[-quarter:])
        yield f"| {text} | {early:,.0f} | {late:,.0f} | {max(values):,.0f} |"
