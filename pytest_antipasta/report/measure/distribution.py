"""The distribution of a metric over a code base: median, 90th percentile, worst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_antipasta.extension import default_comparison, is_of_blocks
from pytest_antipasta.messages import count, printable_lines
from pytest_antipasta.model import Measurement, Number, number_getter
from pytest_antipasta.report.wording import format_cell_place, format_number


class Place(NamedTuple):
    """A number of a file or a block.

    Attributes:
        value: the number.
        path: of the file.
        line: of the block; ``None`` for the file.
        name: the block's qualified name; empty for the file.
        kind: the block's; empty for the file.
        cell: of a notebook, which the line is one of.
    """

    value: Number
    path: str
    line: int | None = None
    name: str = ""
    kind: str = ""
    cell: int | None = None

    def __str__(self) -> str:
        """Return where it is."""
        return format_cell_place(self.path, self.cell, self.line)


class Distribution(NamedTuple):
    """How a metric's numbers are spread; nearest ranks, so that each is a number of the code.

    Attributes:
        number: how many there are.
        median: half of them are as good or better.
        ninetieth: nine in ten of them are as good or better.
        worst: the worst, and where it is.
    """

    number: int
    median: Number
    ninetieth: Number
    worst: Place


def find_distribution(places: Iterable[Place], metric: str) -> Distribution | None:
    """Return how numbers are spread; ``None`` where there are none."""
    ranked = sort_places(places, metric)
    if not ranked:
        return None
    # The worst come first: so many of them are left out, and the next one is the best of the rest.
    median, ninetieth = (ranked[len(ranked) * worse // 100] for worse in (50, 10))
    return Distribution(len(ranked), median.value, ninetieth.value, ranked[0])


def sort_places(places: Iterable[Place], metric: str) -> list[Place]:
    """Return numbers of a metric, the worst first; equal ones stay as they are."""
    sign = 1 if default_comparison(metric) == ">=" else -1
    return sorted(places, key=lambda place: sign * place.value)


def iter_places(measurements: Mapping[str, Measurement], metric: str, of_blocks: bool) -> Iterator[Place]:
    """Yield the numbers of all blocks but classes, or of all measured files, in the order of their paths."""
    find = number_getter(metric)
    for path in sorted(path for path in measurements if measurements[path].error is None):
        measurement = measurements[path]
        if not of_blocks:
            value = find(measurement.metrics)
            if value is not None:
                yield Place(value, path)
            continue
        for block in measurement.blocks:
            value = find(block)
            if value is not None and block.kind != "class":
                cell, line = measurement.find_cell(block.line) or (None, block.line)
                yield Place(value, path, line, block.qualified_name, block.kind, cell)


@printable_lines
def iter_distributions(measurements: Mapping[str, Measurement], metrics: Iterable[str]) -> Iterator[str]:
    """Yield a line for each metric with several numbers: of functions for the complexities, else of files."""
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
