"""Which earlier function each later one was, looked for among all of them, without any index."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from campaigns.hunt.contents import BLOCK_METRICS, Measured

Place: TypeAlias = tuple[str, str]
"""Path and qualified name."""
Files: TypeAlias = Mapping[str, Measured]


class Predecessor(NamedTuple):
    """What a function was.

    Attributes:
        state: ``unchanged``, ``renamed``, ``modified`` or ``added``.
        place: where it was; ``None`` for one that was added.
    """

    state: str
    place: Place | None


class PassedOn(NamedTuple):
    """An earlier function that is like an added one.

    Attributes:
        origin: the earlier function.
        left: what it has become, if it is there still.
    """

    origin: Place
    left: Place | None


class Following:
    """The functions of a change.

    Attributes:
        old: the files before the change.
        new: the files after it.
        origins: for each later file that was there before its path then.
    """

    def __init__(self, old: Files, new: Files, origins: Mapping[str, str]) -> None:
        """Compare nothing yet."""
        self.old, self.new, self.origins = old, new, origins

    def same_place(self, place: Place) -> Place:
        """Return where a function of the same name would have been."""
        return self.origins.get(place[0], ""), place[1]

    def has_same_stem(self, old: Place, new: Place) -> bool:
        """Whether both are functions of the same file and name, apart from a number."""
        return find_stem(old[1]) == find_stem(new[1]) and old[0] == self.origins.get(new[0])

    @functools.cached_property
    def predecessors(self) -> dict[Place, Predecessor]:
        """What each later function was."""
        left, bodies = _list_bodies(self.old), _list_bodies(self.new)
        found: dict[Place, Predecessor] = {}

        def assign(state: str, candidates: Callable[[Place], Iterable[Place]]) -> None:
            for place in [place for place in bodies if place not in found]:
                for old in [old for old in candidates(place) if left.get(old) == bodies[place]][:1]:
                    found[place] = Predecessor(state, old)
                    del left[old]

        assign("unchanged", lambda place: [self.same_place(place)])
        assign("renamed", lambda place: [old for old in left if old[0] == self.origins.get(place[0])])
        assign("renamed", lambda _: list(left))
        rest = [place for place in bodies if place not in found]
        added = dict.fromkeys(rest, Predecessor("added", None))
        kept = {place: self.same_place(place) for place in rest if self._is_held(place, found)}
        modified = kept | self._find_modified(list(left), rest)
        return added | {place: Predecessor("modified", old) for place, old in modified.items()} | found

    def _is_held(self, place: Place, found: Mapping[Place, Predecessor]) -> bool:
        """Whether a function has the place of one that is elsewhere with its old body, not as a number."""
        old = self.same_place(place)
        takers = [new for new, predecessor in found.items() if predecessor.place == old]
        stems = [(path, find_stem(name)) for path, name in (*takers, place)]
        return bool(takers) and stems[0] != stems[1] and self._is_alike(old, place)

    def _is_alike(self, old: Place, new: Place) -> bool:
        """Whether both are overloads, or neither is."""
        return (old[1] in self.old[old[0]].overloads) == (new[1] in self.new[new[0]].overloads)

    def _find_modified(self, left: Sequence[Place], rest: Sequence[Place]) -> dict[Place, Place]:
        found: dict[Place, Place] = {}
        every = itertools.product(left, rest)
        pairs = [pair for pair in every if self.has_same_stem(*pair) and self._is_alike(*pair)]
        for old, new in sorted(pairs, key=lambda pair: self._rank(*pair)):
            if new not in found and old not in found.values():
                found[new] = old
        return found

    def _rank(self, old: Place, new: Place) -> tuple[Fraction, bool, list[int], list[int]]:
        """Return how likely a function was another one of its name: by common lines, then by numbers."""
        lines, others = self.new[new[0]].lines[new[1]], self.old[old[0]].lines[old[1]]
        share = Fraction(2 * (lines & others).total(), lines.total() + others.total())
        return -share, old != self.same_place(new), _find_numbers(old), _find_numbers(new)

    def find_similar(self, is_over: Callable[[Place], bool]) -> dict[Place, PassedOn]:
        """Pair what is added and over a limit with what is gone or simpler, the most similar first.

        What no lines as they are have paired, those without the names of variables may.
        """
        identified = self._identify_all()
        now = {one.place: new for new, one in identified.items() if one.place and one.state == "modified"}
        added = [new for new, one in identified.items() if one.state == "added" and is_over(new)]
        olds = self._find_gone_or_simpler(now, {one.place for one in identified.values()})
        found: dict[Place, PassedOn] = {}
        for find_share in (self.find_share, self.find_unnamed_share):
            for new, old in self._list_alike(added, olds, find_share):
                if new not in found and old not in [one.origin for one in found.values()]:
                    found[new] = PassedOn(old, now.get(old))
        return found

    def _list_alike(
        self, added: Sequence[Place], olds: Sequence[Place], find_share: Callable[[Place, Place], Fraction]
    ) -> list[tuple[Place, Place]]:
        """Return the pairs that share half of their lines, the most similar first."""
        pairs = sorted(
            (-find_share(new, old), *self._rank_similar(new, old), other, number, new, old)
            for (number, new), (other, old) in itertools.product(enumerate(added), enumerate(olds))
        )
        return [(new, old) for share, *_, new, old in pairs if -share >= Fraction(1, 2)]

    def find_share(self, new: Place, old: Place) -> Fraction:
        """Return how much of the longer one of two functions both have in common."""
        return _share(self.new[new[0]].lines[new[1]], self.old[old[0]].lines[old[1]])

    def find_unnamed_share(self, new: Place, old: Place) -> Fraction:
        """Return the same without the names of variables."""
        return _share(self.new[new[0]].unnamed[new[1]], self.old[old[0]].unnamed[old[1]])

    def _identify_all(self) -> dict[Place, Predecessor]:
        """Return what each later function was, if one that was edited is itself, and no copy of its old body.

        The copy was another one with this body, or else the one that had its place.
        """
        found = dict(self.predecessors)
        edited = {one.place for one in found.values() if one.state == "modified"}
        copies = [new for new, one in found.items() if one.state == "renamed" and one.place in edited]
        taken = {one.place for new, one in found.items() if new not in copies}
        for new in copies:
            found[new] = self._find_other(new, taken)
            taken.add(found[new].place)
        return {new: found[new] for new in _list_bodies(self.new)}  # in order, which decides between equals

    def _find_other(self, new: Place, taken: Container[Place | None]) -> Predecessor:
        """Return what a copy was: another function with its body, in its file first, or that at its place."""
        body, bodies = _list_bodies(self.new)[new], _list_bodies(self.old)
        others = [old for old in bodies if bodies[old] == body and old not in taken]
        others.sort(key=lambda old: old[0] != self.origins.get(new[0]))
        if others:
            return Predecessor("renamed", others[0])
        place = self.same_place(new)
        is_free = place in bodies and place not in taken
        return Predecessor("modified", place) if is_free else Predecessor("added", None)

    def _find_gone_or_simpler(
        self, now: Mapping[Place, Place], there: Container[Place | None]
    ) -> list[Place]:
        """Return the earlier functions that are gone, or edited with fewer points."""
        olds = [old for old in _list_bodies(self.old) if old in now or old not in there]
        return [old for old in olds if old not in now or self._is_simpler(old, now[old])]

    def _is_simpler(self, old: Place, new: Place) -> bool:
        blocks = self.old[old[0]].blocks[old[1]], self.new[new[0]].blocks[new[1]]
        values: list[list[Any]] = [[block[metric] or 0 for block in blocks] for metric in BLOCK_METRICS]
        return any(now < before for before, now in values)

    def _rank_similar(self, new: Place, old: Place) -> tuple[bool, bool]:
        names = [find_stem(place[1]).split(".")[-1] for place in (new, old)]
        return names[0] != names[1], self.origins.get(new[0]) != old[0]


def find_stem(name: str) -> str:
    """Return a qualified name without the numbers that tell functions of one name apart."""
    return re.sub(r"#\d+", "", name)


def _share(lines: Counter[str], others: Counter[str]) -> Fraction:
    return Fraction((lines & others).total(), max(lines.total(), others.total()))


def _find_numbers(place: Place) -> list[int]:
    return [int(part.partition("#")[2] or 1) for part in place[1].split(".")]


def _list_bodies(side: Files) -> dict[Place, str]:
    return {(path, name): body for path in sorted(side) for name, body in side[path].bodies.items()}
