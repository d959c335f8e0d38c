"""What has to hold, each a ratio of two medians of the same run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from benchmarks.timing import Series

Results = Mapping[int, Mapping[str, Series]]
"""By files of the tree, then by command."""

_OURS_COLD = "pytest --antipasta-only -n auto, cold"
_OURS_WARM = "pytest --antipasta-only, warm"
_EMPTY = "pytest, empty folder"


class Claim(Struct, frozen=True):
    """A ratio and the most that it may be.

    Attributes:
        text: what is compared.
        value: the ratio as measured.
        limit: the most that is promised.
    """

    text: str
    value: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit


# Files of the tree, what is promised, its numerator, its denominator, the most.
_RATIOS = (
    (885, "cold run of django by antipasta 1.2.0", _OURS_COLD, "antipasta 1.2.0, cold", 1 / 10),
    (6725, "cold run of homeassistant by antipasta 1.2.0", _OURS_COLD, "antipasta 1.2.0, cold", 1 / 20),
    (
        6725,
        "cold run of homeassistant with two workers by one without",
        "pytest --antipasta-only -n 2, cold",
        "pytest --antipasta-only -n 0, cold",
        0.65,
    ),
    (10, "cold run of 10 files by an empty pytest run", _OURS_COLD, _EMPTY, 1.6),
    (50, "cold run of 50 files by an empty pytest run", _OURS_COLD, _EMPTY, 2.5),
    (200, "cold run of 200 files by an empty pytest run", _OURS_COLD, _EMPTY, 4),
    (885, "warm run of django by antipasta 1.2.0's warm one", _OURS_WARM, "antipasta 1.2.0, warm", 1 / 4),
    (6725, "warm run of homeassistant by pytest with empty items", _OURS_WARM, "pytest, empty items", 0.7),
    (6725, "warm check of homeassistant by complexipy", "check, warm", "complexipy", 0.25),
    (6725, "run after a changed threshold by a warm one", "threshold changed", _OURS_WARM, 1.1),
    (6725, "run after one changed file by a warm one", "one file changed", _OURS_WARM, 1.1),
)
_MOST_MEMORY = 250e6


def check_claims(results: Results, shares: Mapping[str, float]) -> Iterator[Claim]:
    """Yield the claims that this run has figures for."""
    yield Claim("engine alone by ast.parse of the same files", shares["measure"] / shares["ast.parse"], 2.0)
    for files, text, numerator, denominator, limit in _RATIOS:
        series = results.get(files, {})
        if numerator in series and denominator in series:
            yield Claim(text, series[numerator].seconds / series[denominator].seconds, limit)
    cold = results.get(6725, {}).get("pytest --antipasta-only -n 0, cold")
    if cold:
        yield Claim("peak memory of a cold run of homeassistant by 250 MB", cold.peak / _MOST_MEMORY, 1.0)
