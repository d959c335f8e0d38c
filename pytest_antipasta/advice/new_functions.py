"""Choose runs of statements that become new functions: one, or two of them.

All searches are bounded by numbers of candidates, never by time, so that the same source gives the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import TypeAlias

from pytest_antipasta.advice.aims import Aims, Scores
from pytest_antipasta.advice.edits import LineChange
from pytest_antipasta.advice.extraction import Run
from pytest_antipasta.advice.trials import Offer, Trial

# Maximum numbers of runs that are looked at, of proofs for one new function, and of pairs that are tried.
_MOST_OFFERS = 150
_MOST_PROOFS = 8
_MOST_PAIRS = 8
# A run that suggests itself less becomes no function.
_MOST_COST = 8
# The same number of proofs out of reach of the limits, where less depends on them.
_FEW_PROOFS = 3
# A new function out of reach of the limits takes at least as many points of both metrics.
_FEWEST_POINTS = 5
# And it suggests itself more, as it has to read better without reaching them.
_MOST_COST_APART = 5


_Pair: TypeAlias = tuple[Offer, Offer]
"""Two runs that become functions: the one that is moved first, which is earlier or inside; and the other."""


def take_helper(version: Trial, aims: Aims, parameters: int) -> Trial | None:
    """Return a version that one new function brings within the limits; ``None`` if there is none."""
    runs = [run for run in version.runs if aims.allow(_subtract(version.numbers, run.points))]
    offers = _find_offers(version, runs, aims, parameters)
    fitting = (offer for offer in offers if aims.allow(offer.after) and _is_allowed(offer, aims))
    best = sorted(fitting, key=lambda offer: offer.cost)
    return _take_first(version, best)


def _find_offers(version: Trial, runs: Iterable[Run], aims: Aims, parameters: int) -> list[Offer]:
    """Return which of some runs can become functions, those with the most points first."""
    most = _find_most(version, aims)
    small = sorted((run for run in runs if run.points.cyclomatic < most), key=lambda run: -sum(run.points))
    offers = (version.find_offer(run, parameters) for run in small[:_MOST_OFFERS])
    return [
        offer
        for offer in offers
        if offer is not None and offer.cost <= _MOST_COST and _is_narrow(offer, aims)
    ]


def _is_narrow(offer: Offer, aims: Aims) -> bool:
    """Return whether a new function has no more parameters than it may have."""
    return len(offer.extraction.parameters) <= _find_own(offer, aims).parameters


def _find_most(version: Trial, aims: Aims) -> float:
    """Return the cyclomatic limit of new functions before their names are known, in or outside of a class."""
    name = f"_{version.snippet.name}"
    return max(aims.of_new(each).cyclomatic for each in (name, version.snippet.qualify(name)))


def _is_allowed(offer: Offer, aims: Aims) -> bool:
    """Return whether a new function is within its limits."""
    return _find_own(offer, aims).allow(offer.helper)


def _find_own(offer: Offer, aims: Aims) -> Aims:
    decorator = offer.extraction.decorator
    return aims.of_new(offer.moved.snippet.helpers[-1], (decorator,) if decorator else ())


def take_two(version: Trial, aims: Aims, parameters: int) -> Trial | None:
    """Return a version that two new functions bring within the limits; ``None`` if there is none."""
    offers = _find_offers(version, version.runs, aims, parameters)
    pairs = sorted(_iter_pairs(version, offers, aims), key=lambda pair: pair[0].cost + pair[1].cost)
    taken = (_take_pair(version, pair, aims, parameters) for pair in pairs[:_MOST_PAIRS])
    return next((after for after in taken if after is not None), None)


def _iter_pairs(version: Trial, offers: Sequence[Offer], aims: Aims) -> Iterator[_Pair]:
    """Yield pairs of runs that may bring a function within its limits: apart, or one in the other."""
    small = [offer for offer in offers if _is_allowed(offer, aims)]
    small.sort(key=lambda offer: offer.extraction.run.first)
    for earlier, later in combinations(small, 2):
        is_apart = earlier.extraction.run.last < later.extraction.run.first
        if is_apart and aims.allow(_subtract(version.numbers, earlier.points, later.points)):
            yield earlier, later
    large = [offer for offer in offers if _is_too_large(offer, aims)]
    yield from (pair for pair in product(small, large) if _fits(*pair, aims))


def _is_too_large(offer: Offer, aims: Aims) -> bool:
    """Return whether a function is within its limits without a run, and the new function is not."""
    return aims.allow(offer.after) and not _is_allowed(offer, aims)


def _fits(inner: Offer, outer: Offer, aims: Aims) -> bool:
    """Return whether a run has another in it, and is small enough without it."""
    if not _is_inside(inner.extraction.run, outer.extraction.run):
        return False
    left = _subtract(outer.helper, Scores(inner.helper.cognitive, inner.points.cyclomatic))
    return _find_own(outer, aims).allow(left)


def _is_inside(inner: Run, outer: Run) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last


def _subtract(numbers: Scores, *points: Scores) -> Scores:
    for each in points:
        numbers = Scores(numbers.cognitive - each.cognitive, numbers.cyclomatic - each.cyclomatic)
    return numbers


def _take_pair(version: Trial, pair: _Pair, aims: Aims, parameters: int) -> Trial | None:
    first, second = pair
    middle = version.take_offer(first)
    if middle is None:
        return None
    shift = middle.snippet.start - version.snippet.start
    offer = _find_again(middle, shift, first.moved.call, second.extraction.run, parameters)
    if offer is None or not (aims.allow(offer.after) and _is_allowed(offer, aims)):
        return None
    return middle.take_offer(offer)


def _find_again(middle: Trial, shift: int, call: LineChange, run: Run, parameters: int) -> Offer | None:
    """Return the offer for the second run of a pair after the first was moved.

    ``None`` if there is none any more.

    Args:
        middle: the version after the first was moved.
        shift: how many lines the function has moved down.
        call: the call in place of the first run.
        run: the second run, as it was before.
        parameters: maximum number of parameters of the new function.
    """
    first = run.first + shift + (call.growth if run.first > call.last else 0)
    last = run.last + shift + len(call.lines) - (min(run.last, call.last) - call.first + 1)
    found = next((each for each in middle.runs if (each.first, each.last) == (first, last)), None)
    return found and middle.find_offer(found, parameters)


def save_most(version: Trial, aims: Aims, parameters: int) -> Trial:
    """Return a version out of reach of its limits after two new functions that bring it nearest."""
    for _ in range(2):
        runs = [run for run in version.runs if sum(run.points) >= _FEWEST_POINTS]
        found = _find_offers(version, runs, aims, parameters)
        offers = [offer for offer in found if _is_good_apart(offer) and _is_allowed(offer, aims)]
        offers.sort(key=lambda offer: (aims.excess(offer.after), offer.cost))
        version = _take_first(version, offers[:_FEW_PROOFS]) or version
    return version


def _is_good_apart(offer: Offer) -> bool:
    """Return whether a new function reads better without reaching the limits.

    That is not worth cutting a paragraph or joining several, nor a run that suggests itself little.
    """
    return not (offer.cuts or offer.is_mixed) and offer.cost <= _MOST_COST_APART


def _take_first(version: Trial, offers: Sequence[Offer]) -> Trial | None:
    """Return the version after the first of some offers that is proven."""
    taken = map(version.take_offer, offers[:_MOST_PROOFS])
    return next((after for after in taken if after is not None), None)
