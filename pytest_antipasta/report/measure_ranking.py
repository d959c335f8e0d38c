"""Blocks or files in the order of one metric, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_antipasta.model import BLOCK_METRICS, Measurement
from pytest_antipasta.report.distribution import Place, iter_places, sort_places
from pytest_antipasta.report.measure_csv import make_block_row, make_file_row, write_rows
from pytest_antipasta.report.wording import format_number, format_place

_WIDTH = 10


def rank(measurements: Mapping[str, Measurement], metric: str, top: int | None) -> list[Place]:
    """Return the blocks by a metric that blocks have, the files by any other.

    Classes are left out: what they have is an average.
    """
    places = iter_places(measurements, metric, metric in BLOCK_METRICS)
    return sort_places(places, metric)[:top]


def iter_ranking_lines(places: Sequence[Place], metric: str) -> Iterator[str]:
    """Yield the metric, and a line for each place."""
    yield metric
    for place in places:
        block = f" {place.kind} {place.name}" if place.name else ""
        yield f"{format_number(place.value):>{_WIDTH}}  {format_place(place.path, place.line)}{block}"


def format_ranking_csv(measurements: Mapping[str, Measurement], places: Sequence[Place]) -> bytes:
    """Return the places' rows; files without numbers stand before them."""
    errors = (path for path in sorted(measurements) if measurements[path].error is not None)
    rows = [make_file_row(path, measurements[path]) for path in errors]
    for place in places:
        measurement = measurements[place.path]
        if place.name:
            blocks = (block for block in measurement.blocks if block.qualified_name == place.name)
            rows += [make_block_row(place.path, block) for block in blocks]
        else:
            rows.append(make_file_row(place.path, measurement))
    return write_rows(iter(rows))
