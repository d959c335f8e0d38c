"""The benchmark page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.claims import Claim
from benchmarks.figures import describe_machine
from benchmarks.shares import Shares
from benchmarks.timing import Series

_NOTES = Path(__file__).with_name("notes.md")


class Results(NamedTuple):
    """What a run of the benchmarks has found.

    Attributes:
        tables: for each tree, by its number of files, its commands.
        commits: likewise, for commits.
        shares: of the parts of measuring a file.
        claims: what was promised, and what came of it.
    """

    tables: dict[int, dict[str, Series]]
    commits: dict[int, dict[str, Series]]
    shares: Shares
    claims: list[Claim]


def format_page(results: Results, versions: Sequence[str], rounds: int) -> str:
    """Return the page as Markdown."""
    return "\n".join(_iter_lines(results, versions, rounds)) + "\n"


def _iter_lines(results: Results, versions: Sequence[str], rounds: int) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield (
        f"Written by `python -m benchmarks` on {describe_machine()}, in one run. "
        "On another machine only the ratios are similar."
    )
    yield from ("", "## Promises", "")
    yield (
        "Each ratio is a median; in each round the two commands ran one right after the other. "
        "[`benchmarks.json`](benchmarks.json) has all figures, with their ranges."
    )
    yield ""
    yield "| ratio | measured | at most | |"
    yield "|---|---:|---:|---|"
    yield from map(_format_claim, results.claims)
    yield from ("", _NOTES.read_text(encoding="utf-8").rstrip(), "")
    yield from ("## Runs over a tree", "", "![cost over number of files](benchmarks.svg)", "")
    yield f"Seconds, as medians of {rounds} rounds. Slow peers have fewer rounds."
    yield ""
    yield from _iter_seconds(results.tables)
    yield from ("", "## Commits", "")
    yield "Each commit adds a function to some files."
    yield ""
    yield from _iter_seconds(results.commits)
    yield from ("", "## Versions", "", ", ".join(versions))


def _format_claim(claim: Claim) -> str:
    mark = "holds" if claim.holds else "**missed**"
    return f"| {claim.text} | {claim.value:.3f} | {claim.limit:.3f} | {mark} |"


def _iter_seconds(tables: Mapping[int, Mapping[str, Series]]) -> Iterator[str]:
    """Yield a row per command: its time by the number of files, for the two largest trees, and its memory."""
    if not tables:
        return
    shown = sorted(tables)[-2:]
    largest = max(tables, key=lambda files: (len(tables[files]), files))
    yield f"| files | {' | '.join(f'{files:,}' for files in shown)} | MB, {largest:,} |"
    yield f"|---|{'---:|' * (len(shown) + 1)}"
    for name in dict.fromkeys(name for series in tables.values() for name in series):
        seconds = [f"{tables[files][name].seconds:.2f}" if name in tables[files] else "" for files in shown]
        cost = tables[largest].get(name)
        cells = [*seconds, f"{cost.peak / 1e6:.0f}" if cost else ""]
        yield f"| {name} | {' | '.join(cells)} |"
