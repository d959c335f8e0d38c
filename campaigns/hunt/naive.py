"""The gate's rule once more, from both sides measured in full by radon and complexipy themselves.

Every number of every file is looked at, none is left out because it keeps to a limit; nothing of the code
under test is used but the values that a threshold and a verdict are.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from campaigns.hunt.contents import BLOCK_METRICS, Measured
from campaigns.hunt.following import Following, PassedOn, Place, find_stem
from pytest_antipasta.model.judged import Threshold, Verdict

Number: TypeAlias = tuple[str, str | None, str]
"""Path, qualified name and metric; no name for a number of the file."""
Grade: TypeAlias = Literal["passes", "tolerated", "fails"]
Row: TypeAlias = tuple[str, str | None, str, str]
"""A number, and ``fails`` or ``tolerated``."""

_HOLDS = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
# What an entry of the baseline has of a value.
_DECIMALS = 4
_MILDEST_FIRST: tuple[Grade, ...] = ("passes", "tolerated", "fails")


@dataclass(frozen=True)
class Rules:
    """What a change is judged by: the settings that it leaves, on both sides.

    Attributes:
        find_limits: for a path and a function's name, the limits over which it fails; for no name, those of
            the file.
        critical_functions: patterns of functions in which nothing is tolerated.
        strict_files: whether a file's numbers must not get worse.
    """

    find_limits: Callable[[str, str | None], Sequence[Threshold]]
    critical_functions: tuple[str, ...] = ()
    strict_files: bool = False

    def is_over(self, number: Number, value: float) -> bool:
        """Whether a value is over the limit of a number, if there is one."""
        limit = self._find_limit(number)
        return limit is not None and not _HOLDS[limit.comparison](value, limit.limit)

    def is_worse(self, number: Number, value: float, before: float) -> bool:
        """Whether a value is further over the limit of a number than the one before."""
        limit = self._find_limit(number)
        assert limit is not None
        return value < before if ">" in limit.comparison else value > before

    def is_critical(self, number: Number) -> bool:
        """Whether nothing is tolerated in a function."""
        path, name, _ = number
        if name is None:
            return False
        name = ".".join(map(find_stem, name.split(".")))
        bare = name.rpartition(".")[2]
        texts = {"::": f"{path}::{name}", ".": name}
        return any(
            fnmatchcase(next((text for mark, text in texts.items() if mark in one), bare), one)
            for one in self.critical_functions
        )

    def _find_limit(self, number: Number) -> Threshold | None:
        path, name, metric = number
        return next((one for one in self.find_limits(path, name) if one.metric == metric), None)


@dataclass(frozen=True)
class State:
    """A state of a project.

    Attributes:
        files: the measured files.
        entries: what the baseline has of each number.
        benefit: whether a number has an entry that may have followed it from elsewhere.
    """

    files: Mapping[str, Measured]
    entries: Mapping[Number, Sequence[float]] = field(default_factory=dict)
    benefit: bool = False

    def find(self, number: Number) -> Any:
        """Return a value, if there is one."""
        path, name, metric = number
        if (file := self.files.get(path)) is None or file.failed:
            return None
        return file.metrics[metric] if name is None else file.blocks.get(name, {}).get(metric)

    def list_numbers(self) -> list[Number]:
        """Return all numbers that have a value."""
        metrics = [(path, None, metric) for path, file in self.files.items() for metric in file.metrics]
        blocks = [(path, name) for path, file in self.files.items() for name in file.blocks]
        every: list[Number] = [*metrics, *((*block, metric) for block in blocks for metric in BLOCK_METRICS)]
        return [one for one in every if isinstance(self.find(one), int | float)]

    def is_allowed(self, number: Number, value: float, rules: Rules) -> bool:
        """Whether a comment or the baseline allows a value that is over its limit."""
        if rules.is_critical(number):
            return False
        return self.is_suppressed(number, value) or self._is_recorded(number, value, rules)

    def is_suppressed(self, number: Number, value: float) -> bool:
        """Whether a comment allows a value."""
        path, name, metric = number
        comments = self.files[path].comments[name] if name is not None else ()
        return any(comment.covers(metric, value) for comment in comments)

    def _is_recorded(self, number: Number, value: float, rules: Rules) -> bool:
        path, name, metric = number
        own = self.entries.get(number, ())
        is_sure = name is None or not self.is_ambiguous(path, name)
        if own and is_sure and not self._is_beyond(number, value, own, rules):
            return True
        if own and not is_sure:
            return self.benefit
        entries = self.entries.items() if self.benefit else ()
        enough = [
            key for key, values in entries if key[2] == metric and (name is None or max(values) >= value)
        ]
        return any(self._may_follow(key) for key in enough)

    def _is_beyond(self, number: Number, value: float, own: Sequence[float], rules: Rules) -> bool:
        is_free = number[1] is None and not rules.strict_files
        shown = round(value, _DECIMALS)
        return not is_free and any(rules.is_worse(number, shown, one) for one in own)

    def _may_follow(self, key: Number) -> bool:
        """Whether an entry's function is not where it was recorded, as far as a name tells."""
        path, name, _ = key
        if path not in self.files:
            return True
        return name is not None and (name not in self.files[path].blocks or self.is_ambiguous(path, name))

    def is_ambiguous(self, path: str, name: str) -> bool:
        """Whether a file has several functions of a name."""
        stems = [find_stem(one) for one in self.files[path].blocks] if path in self.files else []
        return "#" in name or stems.count(find_stem(name)) > 1


@dataclass(frozen=True)
class Change:
    """A change beside one parent.

    Attributes:
        before: what was there.
        after: what is.
        origins: for each file that was there before its path then.
        rules: what both sides are judged by.
    """

    before: State
    after: State
    origins: Mapping[str, str]
    rules: Rules

    def judge(self) -> dict[Number, frozenset[Grade]]:
        """Return what may become of each number that is over its limit.

        Where an entry of the baseline has followed something is not computed: each number is judged with the
        benefit of that doubt and without it, on both sides.
        """
        following = Following(self.before.files, self.after.files, self.origins)
        beliefs = [
            _Beside(
                replace(self.before, benefit=old), replace(self.after, benefit=new), following, self.rules
            )
            for old, new in itertools.product((False, True), repeat=2)
        ]
        numbers = [one for one in self.after.list_numbers() if self.rules.is_over(one, self.after.find(one))]
        return {number: frozenset(beside.grade(number) for beside in beliefs) for number in numbers}


def choose_mildest(found: Sequence[Mapping[Number, frozenset[Grade]]]) -> dict[Number, frozenset[Grade]]:
    """Return what may become of each number beside several parents: the mildest counts."""
    return {
        number: frozenset(
            min(pick, key=_MILDEST_FIRST.index) for pick in itertools.product(*(one[number] for one in found))
        )
        for number in found[0]
    }


class _Beside:
    """Both sides of a change, with one belief about entries that may have followed something."""

    def __init__(self, before: State, after: State, following: Following, rules: Rules) -> None:
        self._before, self._after, self._following, self._rules = before, after, following, rules

    def grade(self, number: Number) -> Grade:
        """Return what becomes of a number that is over its limit."""
        is_allowed = self._is_allowed(number)
        grade_one = self._grade_file if number[1] is None else self._grade_function
        grade = grade_one(number, is_allowed)
        return "tolerated" if grade == "fails" and is_allowed else grade

    def _is_allowed(self, number: Number) -> bool:
        """Whether a comment or the baseline allows a number, but no entry that may have followed another."""
        value = self._after.find(number)
        if not self._after.is_allowed(number, value, self._rules):
            return False
        has_followed = number in self._before.entries and self._before.find(number) is None
        return not has_followed or self._after.benefit or self._after.is_suppressed(number, value)

    def _grade_file(self, number: Number, is_allowed: bool) -> Grade:
        path, _, metric = number
        origin: Number = self._following.origins.get(path, ""), None, metric
        if not self._was_open(origin, is_allowed):
            return "fails"
        is_worse = self._rules.is_worse(number, self._after.find(number), self._before.find(origin))
        return "fails" if self._rules.strict_files and is_worse else "tolerated"

    def _was_open(self, origin: Number, is_allowed: bool) -> bool:
        """Whether an earlier number was over its limit, and nothing allowed it that does not now."""
        before = self._before.find(origin)
        if not isinstance(before, int | float) or not self._rules.is_over(origin, before):
            return False
        return is_allowed or not self._before.is_allowed(origin, before, self._rules)

    def _grade_function(self, number: Number, is_allowed: bool) -> Grade:
        state, place, before = self._look_back(number)
        if place is None or before is None:
            return "passes" if state == "unchanged" or self._is_moved(state, number) else "fails"
        if not self._was_open((*place, number[2]), is_allowed):
            return "fails"
        if state == "unchanged" or self._is_moved(state, number):
            return "passes"
        is_worse = self._rules.is_worse(number, self._after.find(number), before)
        return "fails" if is_worse or self._rules.is_critical(number) else "tolerated"

    def _is_moved(self, state: str, number: Number) -> bool:
        return state == "renamed" and not self._rules.is_critical(number)

    def _look_back(self, number: Number) -> tuple[str, Place | None, Any]:
        """Return what became of a function, which one had its number, and the number that it had there."""
        path, name, metric = number
        place = path, str(name)
        state, origin = self._identify(place, metric)
        if state == "added" or origin is None:
            return state, *self._look_for_similar(place, metric)
        if state == "renamed" and self._following.has_same_stem(origin, place):
            state = "unchanged"  # its number is another one
        source = self._find_source(origin, metric)
        return state if source == origin else "modified", source, self._before.find((*source, metric))

    def _find_source(self, place: Place, metric: str) -> Place:
        """Return the function whose number has the points of a function, as a closure has none."""
        path, name = place
        while name and self._before.find((path, name, metric)) is None:
            name = name.rpartition(".")[0]
        return (path, name) if name else place

    def _identify(self, place: Place, metric: str) -> tuple[str, Place | None]:
        """Return what became of a function, and which one it was if no other is that, and still over."""
        following = self._following
        state, origin = following.predecessors[place]
        successors = [one for one, of in following.predecessors.items() if of == ("modified", origin)]
        if state != "renamed" or not any(self._is_open((*one, metric)) for one in successors):
            return state, origin
        old = following.same_place(place)
        is_there = old[0] in following.old and old[1] in following.old[old[0]].bodies
        return ("modified", old) if is_there else ("added", None)

    def _is_open(self, number: Number) -> bool:
        value = self._after.find(number)
        if value is None or not self._rules.is_over(number, value):
            return False
        return self._rules.is_critical(number) or not self._after.is_suppressed(number, value)

    def _look_for_similar(self, place: Place, metric: str) -> tuple[Place | None, Any]:
        """Return the function that an added one was, and the number that it left, all of it or a part."""
        if (similar := self._similar.get(place)) is None:
            return None, None
        source = self._find_source(similar.origin, metric)
        before = self._before.find((*source, metric))
        if before is None or self._find_taker(source, metric) != place:
            return None, None
        if (left := self._find_left(similar, source)) is None:
            return source, before
        kept = self._after.find((*left, metric)) or 0
        if kept == 1 and metric == "cyclomatic_complexity":
            kept = 0  # without branches, it has passed on all of them
        lost = before - kept
        return (source, lost) if lost >= self._after.find((*place, metric)) else (None, None)

    def _find_taker(self, source: Place, metric: str) -> Place | None:
        """Return the added function that has the points of an earlier one: the first of its closures."""
        for place, similar in self._similar.items():
            has_points = self._after.find((*place, metric)) is not None
            if has_points and self._find_source(similar.origin, metric) == source:
                return place
        return None

    def _find_left(self, similar: PassedOn, source: Place) -> Place | None:
        """Return what the function with the points has become, if it is there still."""
        if source == similar.origin:
            return similar.left
        identified = self._following.predecessors.items()
        return next((new for new, one in identified if one.place == source), None)

    @functools.cached_property
    def _similar(self) -> Mapping[Place, PassedOn]:
        def is_over(place: Place) -> bool:
            values = {metric: self._after.find((*place, metric)) for metric in BLOCK_METRICS}
            return any(
                value is not None and self._rules.is_over((*place, metric), value)
                for metric, value in values.items()
            )

        return self._following.find_similar(is_over)


def rows_of(verdicts: Sequence[Verdict]) -> set[Row]:
    """Return what the gate says in the same terms."""
    rows = {
        (verdict.path, one.qualified_name, one.metric, "fails")
        for verdict in verdicts
        for one in verdict.violations
    }
    return rows | {
        (verdict.path, one.qualified_name, one.metric, "tolerated")
        for verdict in verdicts
        for one in verdict.tolerated
    }
