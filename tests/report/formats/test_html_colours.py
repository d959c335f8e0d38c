"""The colours of the maps: who sees red and green alike tells them apart, light and dark."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_antipasta.report.formats.html_page import assembly

STYLES = (Path(assembly.__file__).parent / "page.css").read_text(encoding="utf-8")
SCHEMES = ("light", "dark")


def find_palette(name: str, scheme: str) -> list[str]:
    """Return the colours of a palette, in the order of its steps."""
    rule = rf"^\.{name}-\d {{ background-color: light-dark\((#\w{{6}}), (#\w{{6}})\) "
    pairs = re.findall(rule, STYLES, re.MULTILINE)
    return [pair[SCHEMES.index(scheme)] for pair in pairs]


Colour: TypeAlias = tuple[float, float, float]

# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
SIGHTS: dict[str, tuple[Colour, Colour, Colour]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def find_lab(colour: str, sight: str) -> Colour:
    """Return a colour such as ``#1f6f9f`` in CIELAB (D65), as it is seen."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    red, green, blue = (
        min(1.0, max(0.0, sum(map(float.__mul__, map(float, row), linear)))) for row in SIGHTS[sight]
    )
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    a, b, c = map(_bend, (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


def _bend(part: float) -> float:
    return part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("palette", "number", "least"), [("step", 6, 12), ("change", 7, 20)])
def test_neighbours_are_distinguished(palette: str, number: int, least: float, scheme: str) -> None:
    for sight in SIGHTS:
        colours = [find_lab(colour, sight) for colour in find_palette(palette, scheme)]
        assert len(colours) == number
        assert min(math.dist(one, other) for one, other in pairwise(colours)) >= least, sight


@pytest.mark.parametrize(("scheme", "is_rising"), [("light", False), ("dark", True)])
def test_the_worse_a_number_the_farther_is_its_colour_from_the_ground(scheme: str, is_rising: bool) -> None:
    for sight in SIGHTS:
        lightness = [find_lab(colour, sight)[0] for colour in find_palette("step", scheme)]
        assert lightness == sorted(lightness, reverse=not is_rising), sight


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_value_is_grey_then_amber_then_red(scheme: str) -> None:
    """Within its limit it has hardly any colour, and what is over it gets redder in both themes."""
    labs = [find_lab(colour, "usual") for colour in find_palette("step", scheme)]
    assert all(math.hypot(a, b) < 15 for _, a, b in labs[:2])
    hues = [math.degrees(math.atan2(b, a)) for _, a, b in labs[2:]]
    assert hues == sorted(hues, reverse=True)
    assert 60 < hues[0] < 95 and hues[-1] < 50
