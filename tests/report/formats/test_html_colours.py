"""The colours of the maps: who sees red and green alike tells them apart, light and dark."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_antipasta.report.formats.html_page import assembly
from tests.report.colours import SIGHTS, find_difference, find_lab

STYLES = (Path(assembly.__file__).parent / "page.css").read_text(encoding="utf-8")
SCHEMES = ("light", "dark")


def find_palette(name: str, scheme: str) -> list[str]:
    """Return the colours of a palette, in the order of its steps."""
    pairs = re.findall(rf"--{name}-\d: light-dark\((#\w{{6}}), (#\w{{6}})\);", STYLES)
    return [pair[SCHEMES.index(scheme)] for pair in pairs]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Of the test data of Sharma, Wu and Dalal (2005).
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_of_the_standard(
    one: tuple[float, float, float], other: tuple[float, float, float], expected: float
) -> None:
    assert find_difference(one, other) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("palette", "number", "least"), [("step", 6, 10), ("change", 7, 15)])
def test_neighbours_are_distinguished(
    palette: str, number: int, least: float, scheme: str, sight: str
) -> None:
    colours = [find_lab(colour, sight) for colour in find_palette(palette, scheme)]
    assert len(colours) == number
    assert min(find_difference(one, other) for one, other in pairwise(colours)) >= least


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("scheme", "is_rising"), [("light", False), ("dark", True)])
def test_the_worse_a_number_the_farther_is_its_colour_from_the_ground(
    scheme: str, is_rising: bool, sight: str
) -> None:
    lightness = [find_lab(colour, sight)[0] for colour in find_palette("step", scheme)]
    assert lightness == sorted(lightness, reverse=not is_rising)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_value_is_grey_then_amber_then_red(scheme: str) -> None:
    """Within its limit it has hardly any colour, and what is over it gets redder in both themes."""
    labs = [find_lab(colour, "usual") for colour in find_palette("step", scheme)]
    assert all(math.hypot(a, b) < 15 for _, a, b in labs[:2])
    hues = [math.degrees(math.atan2(b, a)) for _, a, b in labs[2:]]
    assert hues == sorted(hues, reverse=True)
    assert 60 < hues[0] < 95 and hues[-1] < 50
