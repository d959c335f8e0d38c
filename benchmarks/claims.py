"""What has to hold, each a ratio of two commands that were timed in turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from benchmarks.timing import Command, Series, time_duel

_OURS_COLD = "pytest --antipasta-only -n auto, cold"
_OURS_WARM = "pytest --antipasta-only, warm"
EMPTY = "pytest, empty folder"
IMPORT_GIT = "python -c 'import git'"
_MOST_MEMORY = 250e6
# Seconds that a duel may take about, and its rounds.
_ENOUGH_SECONDS = 12.0
_FEWEST_ROUNDS, _MOST_ROUNDS = 5, 21
# A peer that takes minutes is told apart in one round.
_LONG_SECONDS = 60.0


class Promise(Struct, frozen=True):
    """A ratio and the most that it may be.

    Attributes:
        files: of the tree.
        text: what is compared.
        numerator: the name of a command.
        denominator: likewise.
        limit: the most that is promised.
    """

    files: int
    text: str
    numerator: str
    denominator: str
    limit: float


class Claim(Struct, frozen=True):
    """A promise and what was measured.

    Attributes:
        text: what is compared.
        value: the median of the ratios of all rounds.
        limit: the most that is promised.
        low: the smallest ratio of a round.
        high: the largest.
        rounds: how many there were.
    """

    text: str
    value: float
    limit: float
    low: float
    high: float
    rounds: int

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit


PROMISES = (
    Promise(885, "cold run of django by antipasta 1.2.0", _OURS_COLD, "antipasta 1.2.0, cold", 1 / 10),
    Promise(
        6725, "cold run of homeassistant by antipasta 1.2.0", _OURS_COLD, "antipasta 1.2.0, cold", 1 / 20
    ),
    Promise(
        6725,
        "cold run of homeassistant with -n 2 by -n 0",
        "pytest --antipasta-only -n 2, cold",
        "pytest --antipasta-only -n 0, cold",
        0.65,
    ),
    Promise(
        6725,
        "cold run of homeassistant with -n auto by -n 0",
        _OURS_COLD,
        "pytest --antipasta-only -n 0, cold",
        0.65,
    ),
    Promise(10, "cold run of 10 files by an empty pytest run", _OURS_COLD, EMPTY, 1.6),
    Promise(50, "cold run of 50 files by an empty pytest run", _OURS_COLD, EMPTY, 2.5),
    Promise(200, "cold run of 200 files by an empty pytest run", _OURS_COLD, EMPTY, 4),
    Promise(
        885, "warm run of django by antipasta 1.2.0's warm one", _OURS_WARM, "antipasta 1.2.0, warm", 1 / 4
    ),
    Promise(
        6725, "warm run of homeassistant by pytest with empty items", _OURS_WARM, "pytest, empty items", 0.7
    ),
    Promise(6725, "warm check of homeassistant by complexipy", "check, warm", "complexipy", 0.25),
    Promise(6725, "run after a changed threshold by a warm one", "threshold changed", _OURS_WARM, 1.1),
    Promise(6725, "run after one changed file by a warm one", "one file changed", _OURS_WARM, 1.15),
    Promise(885, "commit of 5 files in 885 by importing GitPython", "hook, 5 files", IMPORT_GIT, 2.5),
    Promise(6725, "commit of 5 files in 6,725 by importing GitPython", "hook, 5 files", IMPORT_GIT, 2.5),
    Promise(6725, "commit of 100 files in 6,725 by importing GitPython", "hook, 100 files", IMPORT_GIT, 10),
    Promise(
        6725,
        "check --diff of 500 new files with --jobs 2 by --jobs 1",
        "check --diff --jobs 2, 500 new files",
        "check --diff --jobs 1, 500 new files",
        0.65,
    ),
    Promise(
        6725,
        "pytest --antipasta-diff of 500 new files by check --diff",
        "pytest --antipasta-diff -n 0, 500 new files",
        "check --diff --jobs 1, 500 new files",
        1.15,
    ),
    Promise(
        6725,
        "pytest --antipasta-diff of 500 new files with -n 2 by -n 0",
        "pytest --antipasta-diff -n 2, 500 new files",
        "pytest --antipasta-diff -n 0, 500 new files",
        0.8,
    ),
    Promise(
        6725,
        "check of 30 files above max_file_size_mb by 30 small ones",
        "check of 30 files, above max_file_size_mb",
        "check of 30 files, small",
        1.2,
    ),
)


def keep_promises(files: int, commands: Mapping[str, Command]) -> Iterator[Claim]:
    """Time what the promises for a tree compare, and yield what came of each."""
    for promise in PROMISES:
        if promise.files == files:
            ratios = time_duel(commands[promise.numerator], commands[promise.denominator], _choose_rounds)
            yield _make_claim(promise.text, ratios, promise.limit)


def claim_engine(ratios: list[float]) -> Claim:
    """Return the claim of the engine alone, from its ratio to ``ast.parse`` in each round."""
    return _make_claim("engine alone by ast.parse of the same files", ratios, 2.0)


def claim_memory(series: Mapping[str, Series]) -> Claim:
    """Return the claim of peak memory, from the cold runs of the largest tree."""
    peak = series["pytest --antipasta-only -n 0, cold"].peak / _MOST_MEMORY
    return _make_claim("peak memory of a cold run of homeassistant by 250 MB", [peak], 1.0)


def _make_claim(text: str, ratios: list[float], limit: float) -> Claim:
    from statistics import median

    return Claim(text, median(ratios), limit, min(ratios), max(ratios), len(ratios))


def _choose_rounds(seconds: float) -> int:
    """Return how many rounds are enough beside a first one that took so long: quick commands vary more."""
    if seconds > _LONG_SECONDS:
        return 0
    return max(_FEWEST_ROUNDS, min(_MOST_ROUNDS, int(_ENOUGH_SECONDS / seconds)))
