"""The gate's rule once more, from both sides measured in full by radon and complexipy themselves.

Every block of every file is looked at, none is left out because its number keeps to a limit; nothing
of the code under test is used but the values that a threshold and the settings are.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import itertools
import operator
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any

from pytest_antipasta.model import Threshold, Verdict
from pytest_antipasta.settings import Settings
from tests.oracles import consult, find_definitions, read_text

Contents = Mapping[str, bytes]
Place = tuple[str, str]
Row = tuple[str, str | None, str, str]
"""Path, qualified name, metric, and ``fails`` or ``tolerated``."""

_HOLDS = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_GRADES = ("fails", "tolerated")
_COMMENT = "  # antipasta: ignore"
_BLOCK_METRICS = ("cyclomatic_complexity", "cognitive_complexity")


@dataclass(frozen=True)
class Measured:
    """What is known of one content.

    Attributes:
        metrics: of the file.
        blocks: for each function its numbers.
        bodies: for each function all but its name.
        lines: for each function its lines without indentation, blank ones and comments left out.
        suppressed: the functions with a comment of ours behind the ``def``, which has to be on one line.
        failed: whether it could not be measured.
    """

    metrics: Mapping[str, object]
    blocks: Mapping[str, Mapping[str, object]]
    bodies: Mapping[str, str]
    lines: Mapping[str, Counter[str]]
    suppressed: frozenset[str]
    failed: bool


@dataclass(frozen=True)
class Sides:
    """Both sides of a change.

    Attributes:
        old: the files that differ, as they were.
        new: as they are.
        origins: for each file that was there before its path then.
    """

    old: Mapping[str, Measured]
    new: Mapping[str, Measured]
    origins: Mapping[str, str]

    def same_place(self, place: Place) -> Place:
        """Return where a block of the same name would have been."""
        return self.origins.get(place[0], ""), place[1]

    @functools.cached_property
    def predecessors(self) -> dict[Place, tuple[str, Place | None]]:
        """For every later block what became of it, and the block that it was."""
        return _find_predecessors(self)

    def find_similar(self, settings: Settings) -> dict[Place, tuple[Place, Place | None]]:
        """Return for added blocks over a limit those that they were, and what these have become."""
        return _find_similar(self, settings)


@functools.lru_cache(maxsize=4096)
def measure_fully(data: bytes) -> Measured:
    """Ask radon and complexipy for every number, and Python for every function."""
    known = consult(data)
    if known.errors:
        return Measured(known.metrics, {}, {}, {}, frozenset(), failed=True)
    blocks = {str(row["qualified_name"]): row for row in known.blocks if row["kind"] != "class"}
    text = read_text(data)
    nodes = {one.qualified_name: one.node for one in find_definitions(ast.parse(text))}
    lines = text.split("\n")
    suppressed = frozenset(name for name in blocks if lines[nodes[name].lineno - 1].endswith(_COMMENT))
    bodies = {name: _body(nodes[name]) for name in blocks}
    counted = {name: _count_lines(lines, nodes[name]) for name in blocks}
    return Measured(known.metrics, blocks, bodies, counted, suppressed, failed=False)


def _count_lines(lines: Sequence[str], node: ast.stmt) -> Counter[str]:
    own = [line.strip() for line in lines[node.lineno - 1 : node.end_lineno]]
    return Counter(line for line in own if line and line[0] != "#")


def _body(node: ast.stmt) -> str:
    bare = copy.deepcopy(node)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    assert isinstance(bare, ast.FunctionDef | ast.AsyncFunctionDef)
    bare.name = "name"
    for inner in ast.walk(bare):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _clean(inner.body[0])
        _forget_name(inner, node.name)
    return ast.dump(bare)


def _forget_name(inner: ast.AST, name: str) -> None:
    """Take away the name where a function calls itself."""
    match inner:
        case ast.Name(id=own) if own == name:
            inner.id = ""
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=own) if own == name:
            inner.attr = ""


def _clean(first: ast.stmt) -> None:
    match first:
        case ast.Expr(value=ast.Constant(value=str(text)) as docstring):
            docstring.value = inspect.cleandoc(text)


def judge_naively(
    before: Contents, after: Contents, origins: Mapping[str, str], settings: Settings
) -> set[Row]:
    """Return what fails and what is tolerated of a change with one parent.

    Args:
        before: the files that differ, as they were.
        after: as they are.
        origins: for each file that was there before its path then.
        settings: what applies; overrides don't.
    """
    sides = Sides(
        {path: measure_fully(data) for path, data in before.items()},
        {path: measure_fully(data) for path, data in after.items()},
        origins,
    )
    measured = [path for path, content in sides.new.items() if not content.failed]
    return {
        (path, name, threshold.metric, grade)
        for path in measured
        for threshold in settings.thresholds.values()
        for name, grade in _grade(path, sides, threshold, settings).items()
        if grade
    }


def _grade(
    path: str, sides: Sides, threshold: Threshold, settings: Settings
) -> Mapping[str | None, str | None]:
    if threshold.metric not in _BLOCK_METRICS:
        return {None: _grade_file(path, sides, threshold, settings)}
    blocks = sides.new[path].blocks
    return {name: _grade_block((path, name), sides, threshold, settings) for name in blocks}


def _find_predecessors(sides: Sides) -> dict[Place, tuple[str, Place | None]]:
    """Return for every later block what became of it, and the block that it was."""
    left = _bodies(sides.old)
    bodies = _bodies(sides.new)
    found: dict[Place, tuple[str, Place | None]] = {}

    def assign(state: str, candidates: Callable[[Place], Iterable[Place]]) -> None:
        for place in [place for place in bodies if place not in found]:
            for old in [old for old in candidates(place) if left.get(old) == bodies[place]][:1]:
                found[place] = (state, old)
                del left[old]

    assign("unchanged", lambda place: [sides.same_place(place)])
    assign("renamed", lambda place: [old for old in left if old[0] == sides.origins.get(place[0])])
    assign("renamed", lambda _: list(left))
    rest = [place for place in bodies if place not in found]
    modified = _find_modified(sides, list(left), rest)
    kept = {place: ("modified", sides.same_place(place)) for place in rest if _is_held(sides, place, found)}
    return dict.fromkeys(rest, ("added", None)) | kept | modified | found


def _is_held(sides: Sides, place: Place, found: Mapping[Place, tuple[str, Place | None]]) -> bool:
    """Whether a block has the place and name of one that is elsewhere with its old body, not as a number."""
    old = sides.same_place(place)
    takers = [new for new, (_, taken) in found.items() if taken == old]
    stems = [(path, re.sub(r"#\d+", "", name)) for path, name in (*takers, place)]
    return bool(takers) and stems[0] != stems[1]


def _find_modified(
    sides: Sides, left: Sequence[Place], rest: Sequence[Place]
) -> dict[Place, tuple[str, Place | None]]:
    found: dict[Place, Place] = {}
    pairs = [pair for pair in itertools.product(left, rest) if _may_be(sides, *pair)]
    for old, new in sorted(pairs, key=lambda pair: _rank(sides, *pair)):
        if new not in found and old not in found.values():
            found[new] = old
    return {new: ("modified", old) for new, old in found.items()}


def _rank(sides: Sides, old: Place, new: Place) -> tuple[Fraction, bool, list[int], list[int]]:
    """Return how likely a block was another one of its name: by common lines, then by numbers."""
    lines, others = sides.new[new[0]].lines[new[1]], sides.old[old[0]].lines[old[1]]
    share = Fraction(2 * (lines & others).total(), lines.total() + others.total())
    return -share, old != sides.same_place(new), _find_numbers(old), _find_numbers(new)


def _find_numbers(place: Place) -> list[int]:
    return [int(part.partition("#")[2] or 1) for part in place[1].split(".")]


def _may_be(sides: Sides, old: Place, new: Place) -> bool:
    """Whether a block may be another one of the same file and name, apart from a number."""
    bare = (re.sub(r"#\d+", "", old[1]), re.sub(r"#\d+", "", new[1]))
    return bare[0] == bare[1] and old[0] == sides.origins.get(new[0])


def _bodies(side: Mapping[str, Measured]) -> dict[Place, str]:
    return {(path, name): body for path in sorted(side) for name, body in side[path].bodies.items()}


def _grade_block(place: Place, sides: Sides, threshold: Threshold, settings: Settings) -> str | None:
    new = sides.new[place[0]]
    value = new.blocks[place[1]][threshold.metric]
    if value is None or _keeps(value, threshold):
        return None
    state, origin, before = _look_back(place, sides, threshold, settings)
    is_critical = _is_critical(place, settings)
    is_judged = state != "unchanged" and (state != "renamed" or is_critical)
    if place[1] in new.suppressed and not is_critical:
        return "tolerated" if is_judged else None
    was_over = before is not None and not _keeps(before, threshold)
    if was_over and _was_suppressed(place, origin, sides, settings):
        return "fails"
    if not is_judged:
        return None
    return _GRADES[was_over and not is_critical and not _worse(value, before, threshold)]


def _look_back(
    place: Place, sides: Sides, threshold: Threshold, settings: Settings
) -> tuple[str, Place | None, Any]:
    """Return what became of a block, which one it was, and the number that it had there."""
    state, origin = _identify(place, sides, threshold, settings)
    if state == "added":
        return state, *_look_for_similar(place, sides, threshold.metric, settings)
    if state == "renamed" and origin is not None and _may_be(sides, origin, place):
        state = "unchanged"  # its number is another one
    before = sides.old[origin[0]].blocks[origin[1]][threshold.metric] if origin else None
    return state, origin, before


def _identify(
    place: Place, sides: Sides, threshold: Threshold, settings: Settings
) -> tuple[str, Place | None]:
    """Return what became of a block and which one it was, if no other is that and has its own violation."""
    state, origin = sides.predecessors[place]
    if state != "renamed":
        return state, origin
    for other, of in sides.predecessors.items():
        is_judged = other[1] not in sides.new[other[0]].suppressed or _is_critical(other, settings)
        value = sides.new[other[0]].blocks[other[1]][threshold.metric]
        is_over = value is not None and not _keeps(value, threshold)
        if of == ("modified", origin) and origin is not None and is_judged and is_over:
            place_before = sides.same_place(place)
            is_there = place_before[0] in sides.old and place_before[1] in sides.old[place_before[0]].bodies
            return ("modified", place_before) if is_there else ("added", None)
    return state, origin


def _look_for_similar(
    place: Place, sides: Sides, metric: str, settings: Settings
) -> tuple[Place | None, Any]:
    """Return the block that an added one was, and the number that it left: its own, or what it has lost."""
    if (similar := sides.find_similar(settings).get(place)) is None:
        return None, None
    old, left = similar
    value: Any = sides.old[old[0]].blocks[old[1]][metric]
    if left is None:
        return old, value
    lost = value - sides.new[left[0]].blocks[left[1]][metric]
    is_enough = lost >= sides.new[place[0]].blocks[place[1]][metric]
    return (old, lost) if is_enough else (None, None)


def _find_similar(sides: Sides, settings: Settings) -> dict[Place, tuple[Place, Place | None]]:
    """Pair what is added and over a limit with what is gone or simpler, the most similar first."""
    now = {old: place for place, (state, old) in sides.predecessors.items() if old and state == "modified"}
    olds = _find_gone_or_simpler(sides, now)
    added = [place for place in _bodies(sides.new) if _is_added_and_over(sides, place, now, settings)]
    every = itertools.product(enumerate(added), enumerate(olds))
    pairs = sorted(
        (*_rank_similar(sides, new, old), other, number, new, old) for (number, new), (other, old) in every
    )
    found: dict[Place, tuple[Place, Place | None]] = {}
    for share, *_, new, old in pairs:
        if share <= -Fraction(1, 2) and new not in found and old not in [one for one, _ in found.values()]:
            found[new] = old, now.get(old)
    return found


def _find_gone_or_simpler(sides: Sides, now: Mapping[Place, Place]) -> list[Place]:
    """Return the earlier blocks that are no later one as they were, nor an edited one with as many points."""
    kept = {old for _, old in sides.predecessors.values()} - now.keys()
    olds = [place for place in _bodies(sides.old) if place not in kept]
    return [old for old in olds if old not in now or _is_simpler(sides, old, now[old])]


def _rank_similar(sides: Sides, new: Place, old: Place) -> tuple[Fraction, bool, bool]:
    lines = sides.new[new[0]].lines[new[1]], sides.old[old[0]].lines[old[1]]
    share = Fraction(sum((lines[0] & lines[1]).values()), max(sum(one.values()) for one in lines))
    names = [re.sub(r"#\d+", "", place[1]).split(".")[-1] for place in (new, old)]
    return -share, names[0] != names[1], sides.origins.get(new[0]) != old[0]


def _is_simpler(sides: Sides, old: Place, new: Place) -> bool:
    blocks = sides.old[old[0]].blocks[old[1]], sides.new[new[0]].blocks[new[1]]
    values: list[list[Any]] = [[block[metric] or 0 for block in blocks] for metric in _BLOCK_METRICS]
    return any(now < before for before, now in values)


def _is_added_and_over(sides: Sides, place: Place, edited: Container[Place], settings: Settings) -> bool:
    state, old = sides.predecessors[place]
    if state != "added" and not (state == "renamed" and old in edited):
        return False
    block = sides.new[place[0]].blocks[place[1]]
    limits = [one for one in settings.thresholds.values() if one.metric in _BLOCK_METRICS]
    return any(block[limit.metric] is not None and not _keeps(block[limit.metric], limit) for limit in limits)


def _was_suppressed(place: Place, origin: Place | None, sides: Sides, settings: Settings) -> bool:
    """Whether there was a comment that counted: nothing is suppressed where nothing is tolerated."""
    if origin is None:
        return False
    is_critical = _is_critical((place[0], origin[1]), settings)
    return origin[1] in sides.old[origin[0]].suppressed and not is_critical


def _is_critical(place: Place, settings: Settings) -> bool:
    patterns = settings.critical_functions
    return any(fnmatchcase("::".join(place) if "::" in one else place[1], one) for one in patterns)


def _grade_file(path: str, sides: Sides, threshold: Threshold, settings: Settings) -> str | None:
    value = sides.new[path].metrics[threshold.metric]
    if value is None or _keeps(value, threshold):
        return None
    origin = sides.old.get(sides.origins.get(path, ""))
    before = origin.metrics[threshold.metric] if origin else None
    if not isinstance(before, int | float) or _keeps(before, threshold):
        return "fails"
    return "fails" if settings.strict_files and _worse(value, before, threshold) else "tolerated"


def _keeps(value: object, threshold: Threshold) -> bool:
    assert isinstance(value, int | float)
    return bool(_HOLDS[threshold.comparison](value, threshold.limit))


def _worse(value: object, before: object, threshold: Threshold) -> bool:
    assert isinstance(value, int | float)
    assert isinstance(before, int | float)
    return value < before if ">" in threshold.comparison else value > before


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
