"""Search for a plan that brings a function within its limits, with as few and as small steps as possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from pytest_antipasta.advice.aims import TASTE, Aims, Taste
from pytest_antipasta.advice.frameworks import is_alone, is_compiled
from pytest_antipasta.advice.layout import UnwritableError
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.new_functions import save_most, take_helper, take_two
from pytest_antipasta.advice.plan import Plan
from pytest_antipasta.advice.trials import Small, Trial
from pytest_antipasta.model.limits import strip_number

# Maximum number of proofs for one small step.
_MOST_PROOFS = 8
# Functions of more lines have no plan: it would take seconds, and two new functions change little.
_MOST_LINES = 1_000


def find_plan(
    module: Module,
    name: str,
    aims: Aims,
    taste: Taste = TASTE,
    given: Mapping[int, str] | None = None,
) -> Plan | None:
    """Return a plan for a function; ``None`` if it is within its limits, or nothing makes it simpler.

    There is none for functions that are inside another one, too long, or nested too deeply to look at; nor
    where a decorator compiles one to something else, which knows a part of Python only.

    Args:
        module: the module.
        name: qualified name of the function.
        aims: its limits, and those of new functions.
        taste: which steps the plan may have.
        given: names of new functions, by the lines of the steps that add them; others get proposed names.
    """
    if name not in module.functions:
        return None
    decorators = [*module.iter_decorators(name)]
    if is_compiled(decorators):
        return None
    if _forbids_helpers(module, name, decorators):
        taste = taste._replace(parameters=())
    try:
        snippet = module.cut(name)
        start = Trial(
            snippet,
            shift=snippet.lines[snippet.start - 1].origin - snippet.start,
            outer_shift=module.locate_outside(name) - snippet.outside,
            taken=module.words,
            given=given or {},
        )
        is_out = len(snippet.lines) > _MOST_LINES or aims.allow(start.numbers)
        return None if is_out else _find_best(start, aims, taste)
    except (UnwritableError, RecursionError):
        return None


def _forbids_helpers(module: Module, name: str, decorators: Sequence[str]) -> bool:
    """Return whether a helper would be missed, part a property's getter from its setter, or change a class.

    In some classes, its call may run ``__getattribute__``, of a base too, or be on another class's object.
    """
    is_property = f"{strip_number(name)}#2" in module.functions and module.functions[name].decorator_list
    has_hook = "." in name and any(each.endswith(".__getattribute__") for each in module.functions)
    return bool(is_property) or has_hook or is_alone(module, name, decorators)


def _find_best(start: Trial, aims: Aims, taste: Taste) -> Plan | None:
    """Return the first plan that reaches the limits, else one of the steps that save the most."""
    chain = [start]
    for version in _iter_attempts(chain, aims, taste):
        if version is not None and aims.allow(version.numbers):
            return Plan(version.steps, True, start.numbers, version.numbers)
    last = chain[: taste.few + 1][-1]
    if taste.parameters:
        last = save_most(last, aims, taste.parameters[0])
    if aims.excess(last.numbers) == aims.excess(start.numbers):
        return None  # only a value without a limit is lower
    return Plan(last.steps, aims.allow(last.numbers), start.numbers, last.numbers)


def _iter_attempts(chain: list[Trial], aims: Aims, taste: Taste) -> Iterator[Trial | None]:
    """Yield versions that may be within the limits, those with the fewest and smallest steps first.

    Args:
        chain: the version as it is; those after small steps are added to it.
        aims: the limits.
        taste: which steps there may be.
    """
    start = chain[0]
    yield _extend(chain, taste.few, aims, taste)
    for parameters in taste.parameters:
        yield take_helper(start, aims, parameters)
        if parameters == taste.parameters[0] and start.numbers.cyclomatic <= aims.cyclomatic:
            yield _extend(chain, taste.most, aims, taste)
        for version in chain[1 : taste.few + 1]:
            yield take_helper(version, aims, parameters)
        for version in chain[: taste.few + 1]:
            yield take_two(version, aims, parameters)


def _extend(chain: list[Trial], most: int, aims: Aims, taste: Taste) -> Trial:
    """Add versions after small steps to a chain, up to a number of steps or to the limit; return the last."""
    while len(chain) <= most and not aims.allow(chain[-1].numbers):
        version = _take_next(chain[-1], aims, taste)
        if version is None:
            break
        chain.append(version)
    return chain[-1]


def _take_next(version: Trial, aims: Aims, taste: Taste) -> Trial | None:
    """Return the version after the best small step; ``None`` without one that is worth it."""
    needed = version.numbers.cognitive - aims.cognitive
    allowed = [
        small
        for small in version.small
        if small.saved >= min(taste.worth, needed)
        and version.copied + small.rewrite.copies_return <= taste.copied
    ]
    reaching = [small for small in allowed if small.saved >= needed]
    reaching.sort(key=_rank_last)
    taken = map(version.take_small, islice(reaching or allowed, _MOST_PROOFS))
    return next((after for after in taken if after is not None), None)


def _rank_last(small: Small) -> tuple[bool, int]:
    """Return how little a step suggests itself if each reaches the limit."""
    return small.rewrite.copies_return, len(small.rewrite.change.lines)
