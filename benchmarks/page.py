"""The benchmark page."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.claims import Claim, Results
from benchmarks.timing import Series


def format_page(
    results: Results,
    shares: Mapping[str, float],
    claims: Iterable[Claim],
    versions: Sequence[str],
    rounds: int,
) -> str:
    """Return the page as Markdown."""
    return "\n".join(_iter_lines(results, shares, claims, versions, rounds)) + "\n"


def _iter_lines(
    results: Results,
    shares: Mapping[str, float],
    claims: Iterable[Claim],
    versions: Sequence[str],
    rounds: int,
) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield (
        f"Written by `python -m benchmarks`: medians of {rounds} rounds in which the commands of a table ran "
        f"in turn, on CPython {platform.python_version()}, {platform.system()} {platform.machine()}, "
        "in one run. Machines differ, so only ratios within a table mean something."
    )
    yield from ("", "## What is promised", "")
    yield "| ratio | measured | at most | |"
    yield "|---|---:|---:|---|"
    for claim in claims:
        mark = "holds" if claim.holds else "**missed**"
        yield f"| {claim.text} | {claim.value:.3f} | {claim.limit:.3f} | {mark} |"
    yield from ("", "## What a file costs", "")
    yield "All files of django in one process, collector off, as a multiple of `ast.parse`."
    yield ""
    yield "| part | share |"
    yield "|---|---:|"
    for name, seconds in shares.items():
        yield f"| {name} | {seconds / shares['ast.parse']:.3f} |"
    for files, series in results.items():
        yield from ("", f"## {files} files", "")
        yield from _iter_table(series)
    yield from ("", "![cost over number of files](benchmarks.svg)", "")
    yield from ("## Versions", "", ", ".join(versions))


def _iter_table(series: Mapping[str, Series]) -> Iterator[str]:
    empty = series["pytest, empty folder"].seconds
    yield "| command | seconds | spread | by an empty pytest run | peak memory |"
    yield "|---|---:|---:|---:|---:|"
    for name, one in series.items():
        ratio = one.seconds / empty
        yield f"| {name} | {one.seconds:.2f} | {one.spread:.0%} | {ratio:.2f} | {one.peak / 1e6:.0f} MB |"
