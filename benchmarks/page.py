"""The benchmark page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.claims import EMPTY, IMPORT_GIT, Claim
from benchmarks.figures import describe_machine
from benchmarks.phases import Profile, format_profiles
from benchmarks.shares import Shares, Weight
from benchmarks.timing import Series

_NOTES = Path(__file__).with_name("notes.md")


class Results(NamedTuple):
    """What a run of the benchmarks has found.

    Attributes:
        tables: for each tree, by its number of files, its commands.
        commits: likewise, for commits.
        shares: of the parts of measuring a file.
        weight: of the records of the same files.
        claims: what was promised, and what came of it.
        floors: what two processes gain that only parse the largest tree, once that is known.
        profiles: where the time of runs over it goes.
    """

    tables: dict[int, dict[str, Series]]
    commits: dict[int, dict[str, Series]]
    shares: Shares
    weight: Weight
    claims: list[Claim]
    floors: list[Claim]
    profiles: list[Profile]


def format_page(results: Results, versions: Sequence[str], rounds: int) -> str:
    """Return the page as Markdown."""
    return "\n".join(_iter_lines(results, versions, rounds)) + "\n"


def _iter_lines(results: Results, versions: Sequence[str], rounds: int) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield (
        "Written by `python -m benchmarks` "
        f"on {describe_machine()}, in one run. Machines differ, so only ratios mean something."
    )
    yield from ("", "## What is promised", "")
    yield (
        "Two commands run one right after the other, taking turns in going first, for as many rounds as "
        "there is time for; the ratio is taken in each round, and its median counts."
    )
    yield ""
    yield "| ratio | measured | at most | | range | rounds |"
    yield "|---|---:|---:|---|---|---:|"
    yield from map(_format_claim, results.claims)
    yield from ("", _NOTES.read_text(encoding="utf-8").rstrip(), "")
    yield from _iter_bounds(results)
    yield from ("## What a file costs", "")
    yield "All files of django in one process, collector off, as a multiple of `ast.parse` (medians)."
    yield from ("", "![shares](benchmark-shares.svg)", "")
    yield "| part | share |"
    yield "|---|---:|"
    yield from (f"| {name} | {median(ratios):.3f} |" for name, ratios in results.shares.items())
    yield ""
    yield _format_weight(results.weight)
    yield from ("", "## Runs over a tree", "", "![cost over number of files](benchmarks.svg)", "")
    yield f"Medians of {rounds} rounds in which the commands of a table ran in turn. Slow peers have fewer,"
    yield "and do not run in the largest tree. `processors` are the seconds of all processes together."
    for files, series in results.tables.items():
        yield from ("", f"### {files:,} files", "")
        yield from _iter_table(series, EMPTY, "by an empty pytest run")
    yield from ("", "## Commits", "")
    yield "Each commit adds a function to as many files, which nobody has measured before."
    for files, series in results.commits.items():
        yield from ("", f"### In a repository of {files:,} files", "")
        yield from _iter_table(series, IMPORT_GIT, "by importing GitPython")
    yield from ("", "## Versions", "", ", ".join(versions))


def _iter_bounds(results: Results) -> Iterator[str]:
    """Yield what says where time goes that is not ours to save."""
    for floor in results.floors:
        yield (
            f"Two processes that only parse the largest tree take {floor.value:.2f} of the time of one "
            f"({floor.low:.2f} to {floor.high:.2f} in {floor.rounds} rounds)."
        )
    if results.profiles:
        yield from ("", "Where the time of runs over it goes, as `--debug` tells it:", "")
        yield from format_profiles(results.profiles)
        yield ""


def _format_weight(weight: Weight) -> str:
    return (
        f"The records of these {weight.files} files take {weight.plain / 1e3:.0f} kB, and "
        f"{weight.packed / 1e3:.0f} kB where large ones are packed (`cache_compression`), which is "
        f"{1 - weight.packed / weight.plain:.0%} less."
    )


def _format_claim(claim: Claim) -> str:
    mark = "holds" if claim.holds else "**missed**"
    return (
        f"| {claim.text} | {claim.value:.3f} | {claim.limit:.3f} | {mark} "
        f"| {claim.low:.3f} to {claim.high:.3f} | {claim.rounds} |"
    )


def _iter_table(series: Mapping[str, Series], floor: str, title: str) -> Iterator[str]:
    yield f"| command | seconds | spread | {title} | processors | peak memory |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, one in series.items():
        ratio = one.seconds / series[floor].seconds
        cells = f"{one.seconds:.2f} | {one.spread:.0%} | {ratio:.2f} | {one.processor:.2f}"
        yield f"| {name} | {cells} | {one.peak / 1e6:.0f} MB |"
