"""What a change has to be told about, and what it must not be, as far as that is sure.

Written from the pages alone, and without the gate: what follows from the numbers, names and bodies of both
sides is expected; where the pages leave a choice of which function another one was, nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from campaigns.hunt.commands import Number
from campaigns.hunt.facts import Facts, find_stem
from campaigns.hunt.trees import SETTINGS, Tree

Expected: TypeAlias = Literal["fails", "passes"] | None
"""``None`` where it is not sure."""


class Sides(NamedTuple):
    """A change, both sides of it by the limits that it leaves.

    Attributes:
        before: what was there.
        after: what is.
    """

    before: Facts
    after: Facts


def make_sides(before: Tree, after: Tree) -> Sides:
    """Return both sides of a change."""
    settings = after[SETTINGS]
    return Sides(Facts(before, settings), Facts(after, settings))


def expect(parents: Sequence[Tree], after: Tree) -> dict[Number, Expected]:
    """Return for every number that is over its limit what is to be said; of several parents the mildest."""
    all_sides = [make_sides(before, after) for before in parents]
    found: dict[Number, Expected] = {}
    for number, value in all_sides[0].after.find_over().items():
        said = [_expect(sides, number, value) for sides in all_sides]
        found[number] = "passes" if "passes" in said else None if None in said else "fails"
    return found


def has_failing(before: Tree, after: Tree) -> bool:
    """Whether something surely fails in a tree, by the limits of a later one."""
    facts = Facts(before, after[SETTINGS])
    return any(_is_tolerated(facts, number, value) is False for number, value in facts.find_over().items())


def find_faults(expected: Mapping[Number, Expected], failing: frozenset[Number]) -> list[str]:
    """Return what was said otherwise."""
    wrong = [f"has to pass: {number}" for number in failing if expected.get(number, "passes") == "passes"]
    wrong += [
        f"has to fail: {one}" for one, said in expected.items() if said == "fails" and one not in failing
    ]
    return sorted(wrong)


def _expect(sides: Sides, number: Number, value: float) -> Expected:
    tolerated = _is_tolerated(sides.after, number, value)
    if tolerated is not False:
        return _expect_tolerated(sides, number) if tolerated else None
    if number[1] is None:
        return _expect_of_file(sides, number)
    if _is_at_place(sides, number):
        return _expect_at_place(sides, number, value)
    return _expect_elsewhere(sides, number, value)


def _is_tolerated(facts: Facts, number: Number, value: float) -> bool | None:
    said = facts.is_suppressed(number, value), facts.is_recorded(number, value)
    return True if True in said else None if None in said else False


def _expect_tolerated(sides: Sides, number: Number) -> Expected:
    """An entry that a function took along before is no other's."""
    is_old_entry = number in sides.before.entries and sides.before.find(number) is None
    return None if is_old_entry else "passes"


def _expect_of_file(sides: Sides, number: Number) -> Expected:
    """A file's number fails where the file is new, or was within its limit, or has lost what tolerated it."""
    before = sides.before.find(number)
    if before is None:
        is_renamed = (
            number[0] not in sides.before.files and sides.before.files.keys() - sides.after.files.keys()
        )
        return None if is_renamed or number[0] in sides.before.files else "fails"
    if not sides.before.is_over(number, before):
        return "fails"
    tolerated = _is_tolerated(sides.before, number, before)
    return None if tolerated is None else "fails" if tolerated else "passes"


def _is_at_place(sides: Sides, number: Number) -> bool:
    path, name, _ = number
    has_both = name is not None and all(
        name in getattr(side.files.get(path), "functions", ()) for side in sides
    )
    return has_both and not any(side.is_ambiguous(path, name or "") for side in sides)


def _expect_at_place(sides: Sides, number: Number, value: float) -> Expected:
    """A function of the same place and name is the same one, unless it has the body of another."""
    path, name, _ = number
    before = sides.before.find(number)
    if before is None or name is None:
        return None
    others = sides.before.find_alike(sides.after.files[path].functions[name]) - {(path, name)}
    tolerated = _is_tolerated(sides.before, number, before) if sides.before.is_over(number, before) else True
    if tolerated is None:
        return None
    if tolerated or value > before:
        return None if others else "fails"
    return "passes" if all(_is_open(sides.before, (*other, number[2])) for other in others) else None


def _is_open(facts: Facts, number: Number) -> bool:
    """Whether a number is over its limit, and nothing tolerates it."""
    value = facts.find(number)
    return value is not None and facts.is_over(number, value) and _is_tolerated(facts, number, value) is False


def _has_passed(facts: Facts, number: Number) -> bool:
    """Whether a number is within its limit, or something tolerates it."""
    value = facts.find(number)
    return value is not None and (
        not facts.is_over(number, value) or _is_tolerated(facts, number, value) is True
    )


def _expect_elsewhere(sides: Sides, number: Number, value: float) -> Expected:
    """A function of another place or name is new, but for one that is as it was."""
    path, name, metric = number
    assert name is not None
    function = sides.after.files[path].functions[name]
    sources = sides.before.find_alike(function)
    if not sources:
        return None if sides.before.has_name(path, name) else _expect_similar(sides, number, value)
    if sides.before.find_similar(function) - sources:
        return None
    if all(_has_passed(sides.before, (*source, metric)) for source in sources):
        # Of several of one name, or where the file may be another one renamed, it may be one of that name.
        return None if sides.before.has_name(path, name) else "fails"
    if len(sides.after.find_alike(function)) > len(sources):
        return None
    is_as_before = all(_is_same(sides, (*source, metric), value, function.body) for source in sources)
    return "passes" if is_as_before else None


def _expect_similar(sides: Sides, number: Number, value: float) -> Expected:
    """An added function may be a similar one that is gone, or has become simpler."""
    path, name, metric = number
    origins = sides.before.find_similar(sides.after.files[path].functions[name or ""])
    if not origins:
        return "fails"
    (path, name), *others = origins
    source = path, name, metric
    is_there = _is_at_place(sides, source)
    if others or not (is_there or _is_gone(sides, name)) or _has_rivals(sides, path, name):
        return None
    if (old := sides.before.find(source)) is None:
        return None
    if _has_passed(sides.before, source):
        return "fails"
    if not _is_open(sides.before, source):
        return None
    left = sides.after.find(source) if is_there else 0
    if left == 1 and metric == "cyclomatic_complexity":
        left = 0  # without branches it has passed on all of them
    return "passes" if value <= old - (left or 0) else "fails"


def _is_gone(sides: Sides, name: str) -> bool:
    """Whether there is no function of a name any more, in any file."""
    names = (one for file in sides.after.files.values() for one in file.functions)
    return all(find_stem(one) != find_stem(name) for one in names)


def _has_rivals(sides: Sides, path: str, name: str) -> bool:
    """Whether an earlier function may be one of several later ones, or is there as it was.

    Or whether another one may have come to its place.
    """
    function = sides.before.files[path].functions[name]
    if len(sides.after.find_similar(function)) > 1 or sides.after.find_alike(function):
        return True
    now = getattr(sides.after.files.get(path), "functions", {}).get(name)
    return now is not None and bool(sides.before.find_alike(now) - {(path, name)})


def _is_same(sides: Sides, source: Number, value: float, body: str) -> bool:
    """Whether a function of a body was over its limit, by itself, and left its place to no other."""
    path, name, _ = source
    assert name is not None
    if sides.before.find(source) != value or not _is_open(sides.before, source):
        return False
    if sides.before.files[path].functions[name].body != body:
        return False
    left = [file.functions.get(name) for file in sides.after.find_successors(path, sides.before)]
    return all(one is None or one.body == body for one in left)
