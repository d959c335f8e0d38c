"""The figures of a run of the benchmarks as JSON, and those of two runs beside each other."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

from benchmarks.claims import EMPTY, IMPORT_GIT, Claim
from benchmarks.shares import Shares
from benchmarks.timing import Series


class Ratio(Struct, frozen=True):
    """What means something on other machines, too.

    Attributes:
        value: the median of all rounds.
        low: the smallest of a round.
        high: the largest.
    """

    value: float
    low: float
    high: float


class Figures(Struct, frozen=True):
    """What a run has measured.

    Attributes:
        machine: where it ran, and on which Python.
        ratios: by what is compared.
        seconds: of each command in each round.
        peaks: resident memory of each command's largest process, in bytes.
        schema_version: of the file.
    """

    machine: str
    ratios: dict[str, Ratio]
    seconds: dict[str, list[float]]
    peaks: dict[str, int]
    schema_version: int = 1


def collect_figures(
    claims: Sequence[Claim],
    trees: Mapping[int, Mapping[str, Series]],
    commits: Mapping[int, Mapping[str, Series]],
    shares: Shares,
) -> Figures:
    """Return the figures of a run from its promises, its commands and the parts of measuring a file."""
    figures = Figures(describe_machine(), {}, {}, {})
    figures.ratios.update((claim.text, Ratio(claim.value, claim.low, claim.high)) for claim in claims)
    figures.ratios.update((f"{part} by ast.parse", _summarise(ratios)) for part, ratios in shares.items())
    for tables, floor in ((trees, EMPTY), (commits, IMPORT_GIT)):
        for files, series in tables.items():
            for name, one in series.items():
                _add(figures, f"{name}, {files} files", one, series[floor])
    return figures


def describe_machine() -> str:
    """Return what the numbers of a run depend on."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return f"CPython {platform.python_version()}, {system}"


def write_figures(figures: Figures, path: Path) -> None:
    """Write them as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")


def read_figures(text: str) -> Figures:
    """Read the file of an earlier run, for an option.

    Raises:
        argparse.ArgumentTypeError: it can't be read, or is none.
    """
    try:
        return msgspec.json.decode(Path(text).read_bytes(), type=Figures)
    except (OSError, msgspec.DecodeError) as error:
        raise argparse.ArgumentTypeError(f"{text} has no figures of a run: {error}") from None


def compare_figures(before: Figures, after: Figures) -> Iterator[str]:
    """Yield what differs by more than the rounds of either run do, and how many ratios there are."""
    common = [name for name in before.ratios if name in after.ratios]
    apart = [name for name in common if _are_apart(before.ratios[name], after.ratios[name])]
    yield f"{len(apart)} of {len(common)} ratios differ from those on {before.machine}"
    for name in apart:
        old, new = before.ratios[name], after.ratios[name]
        change = f"{new.value / old.value - 1:+.0%}"
        yield f"{name}: {_format(old)} → {_format(new)}, {change}"
    for missing, there in (("here", before.ratios), ("before", after.ratios)):
        if names := [name for name in there if name not in common]:
            yield f"not measured {missing}: {'; '.join(names)}"


def _add(figures: Figures, name: str, series: Series, floor: Series) -> None:
    figures.seconds[name] = [sample.seconds for sample in series.samples]
    figures.peaks[name] = series.peak
    if series is not floor:
        # They ran in turn; a slow peer has fewer rounds.
        pairs = zip(series.samples, floor.samples, strict=False)
        ratios = [sample.seconds / its.seconds for sample, its in pairs]
        figures.ratios[f"{name}, by {floor.name}"] = _summarise(ratios)


def _summarise(ratios: Sequence[float]) -> Ratio:
    return Ratio(median(ratios), min(ratios), max(ratios))


def _are_apart(one: Ratio, other: Ratio) -> bool:
    return one.high < other.low or other.high < one.low


def _format(ratio: Ratio) -> str:
    return f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
