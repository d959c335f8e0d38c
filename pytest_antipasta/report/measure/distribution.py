"""The distribution of a metric over a code base: median, 90th percentile, worst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_antipasta.extension import default_comparison, is_of_blocks
from pytest_antipasta.messages import count, printable_lines
from pytest_antipasta.model import Measurement, Number, number_getter
from pytest_antipasta.report.wording import format_number, format_place


class RankedValue(NamedTuple):
    """A value of a file or a block.

    Attributes:
        value: the value.
        path: path of the file.
        line: line of the block; ``None`` for the file.
        name: qualified name of the block; empty for the file.
        kind: kind of the block; empty for the file.
        cell: cell of a notebook that contains the line.
    """

    value: Number
    path: str
    line: int | None = None
    name: str = ""
    kind: str = ""
    cell: int | None = None

    def __str__(self) -> str:
        """Return the location as text."""
        return format_place(self.path, self.cell, self.line)


class Distribution(NamedTuple):
    """The distribution of a metric's values; by nearest rank, so that each is a value in the code.

    Attributes:
        number: number of values.
        median: half of them are as good or better.
        ninetieth: nine in ten of them are as good or better.
        worst: the worst, and where it is.
    """

    number: int
    median: Number
    ninetieth: Number
    worst: RankedValue


def find_distribution(places: Iterable[RankedValue], metric: str) -> Distribution | None:
    """Return the distribution of values; ``None`` without values."""
    ranked = sort_places(places, metric)
    if not ranked:
        return None
    # Sorted from worst to best: skip this many values; the next one is the best of the rest.
    median, ninetieth = (ranked[len(ranked) * worse // 100] for worse in (50, 10))
    return Distribution(len(ranked), median.value, ninetieth.value, ranked[0])


def sort_places(places: Iterable[RankedValue], metric: str) -> list[RankedValue]:
    """Return values of a metric, worst first; equal values keep their order."""
    sign = 1 if default_comparison(metric) == ">=" else -1
    return sorted(places, key=lambda place: sign * place.value)


def iter_places(
    measurements: Mapping[str, Measurement], metric: str, of_blocks: bool
) -> Iterator[RankedValue]:
    """Yield the values of all blocks except classes, or of all measured files, sorted by path."""
    find = number_getter(metric)
    for path in sorted(path for path in measurements if measurements[path].error is None):
        measurement = measurements[path]
        if not of_blocks:
            value = find(measurement.metrics)
            if value is not None:
                yield RankedValue(value, path)
            continue
        for block in measurement.blocks:
            value = find(block)
            if value is not None and block.kind != "class":
                cell, line = measurement.locate(block.line)
                yield RankedValue(value, path, line, block.qualified_name, block.kind, cell)


@printable_lines
def iter_distributions(measurements: Mapping[str, Measurement], metrics: Iterable[str]) -> Iterator[str]:
    """Yield a line for each metric with several values: complexities of functions, others of files."""
    for metric in metrics:
        of_blocks = is_of_blocks(metric)
        found = find_distribution(iter_places(measurements, metric, of_blocks), metric)
        if found is not None and found.number > 1:
            yield _format_distribution(metric, found, "function" if of_blocks else "file")


def _format_distribution(metric: str, found: Distribution, noun: str) -> str:
    place = str(found.worst)
    where = f"{place} {found.worst.name}" if found.worst.name else place
    median, ninetieth, worst = map(format_number, (found.median, found.ninetieth, found.worst.value))
    numbers = f"median {median}, 90th percentile {ninetieth}, worst {worst}"
    return f"{metric} of {count(found.number, noun)}: {numbers} ({where})"
