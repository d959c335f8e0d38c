"""The gate's rule once more, from both sides measured in full by radon and complexipy themselves.

Every block of every file is looked at, none is left out because its number keeps to a limit; nothing
of the code under test is used but the values that a threshold and the settings are.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

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
_BLOCK_METRICS = ("cyclomatic_complexity", "cognitive_complexity")


@dataclass(frozen=True)
class Measured:
    """What is known of one content.

    Attributes:
        metrics: of the file.
        blocks: for each function its numbers.
        bodies: for each function all but its name.
        failed: whether it could not be measured.
    """

    metrics: Mapping[str, object]
    blocks: Mapping[str, Mapping[str, object]]
    bodies: Mapping[str, str]
    failed: bool


@functools.lru_cache(maxsize=4096)
def measure_fully(data: bytes) -> Measured:
    """Ask radon and complexipy for every number, and Python for every function."""
    known = consult(data)
    if known.errors:
        return Measured(known.metrics, {}, {}, failed=True)
    blocks = {str(row["qualified_name"]): row for row in known.blocks if row["kind"] != "class"}
    nodes = {one.qualified_name: one.node for one in find_definitions(ast.parse(read_text(data)))}
    return Measured(known.metrics, blocks, {name: _body(nodes[name]) for name in blocks}, failed=False)


def _body(node: ast.stmt) -> str:
    bare = copy.deepcopy(node)
    assert isinstance(bare, ast.FunctionDef | ast.AsyncFunctionDef)
    bare.name = "name"
    for inner in ast.walk(bare):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _clean(inner.body[0])
    return ast.dump(bare)


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
    old = {path: measure_fully(data) for path, data in before.items()}
    new = {path: measure_fully(data) for path, data in after.items()}
    was = find_predecessors(old, new, origins)
    rows: set[Row] = set()
    for path, measured in new.items():
        if measured.failed:
            continue
        for threshold in settings.thresholds.values():
            if threshold.metric in _BLOCK_METRICS:
                for name in measured.blocks:
                    grade = _grade_block((path, name), old, new, was, threshold, settings)
                    rows |= {(path, name, threshold.metric, grade)} if grade else set()
            else:
                origin = old.get(origins.get(path, ""))
                grade = _grade_file(measured, origin, threshold, settings)
                rows |= {(path, None, threshold.metric, grade)} if grade else set()
    return rows


def find_predecessors(
    old: Mapping[str, Measured], new: Mapping[str, Measured], origins: Mapping[str, str]
) -> dict[Place, tuple[str, Place | None]]:
    """Return for every later block what became of it, and the block that it was."""
    old_bodies = {(path, name): body for path in sorted(old) for name, body in old[path].bodies.items()}
    new_bodies = {(path, name): body for path in sorted(new) for name, body in new[path].bodies.items()}
    found: dict[Place, tuple[str, Place | None]] = {}
    for place, body in new_bodies.items():
        same = (origins.get(place[0], ""), place[1])
        if old_bodies.get(same) == body:
            found[place] = ("unchanged", same)
            del old_bodies[same]
    for must_be_near in (True, False):
        for place, body in new_bodies.items():
            near = [one for one in old_bodies if not must_be_near or one[0] == origins.get(place[0])]
            equal = [one for one in near if old_bodies[one] == body]
            if place not in found and equal:
                found[place] = ("renamed", equal[0])
                del old_bodies[equal[0]]
    for place in new_bodies:
        same = (origins.get(place[0], ""), place[1])
        if place not in found:
            found[place] = ("modified", same) if same in old_bodies else ("added", None)
    return found


def _grade_block(
    place: Place,
    old: Mapping[str, Measured],
    new: Mapping[str, Measured],
    was: Mapping[Place, tuple[str, Place | None]],
    threshold: Threshold,
    settings: Settings,
) -> str | None:
    path, name = place
    value = new[path].blocks[name][threshold.metric]
    state, origin = was[place]
    subjects = {
        pattern: f"{path}::{name}" if "::" in pattern else name for pattern in settings.critical_functions
    }
    is_critical = any(fnmatchcase(subject, pattern) for pattern, subject in subjects.items())
    if value is None or _keeps(value, threshold) or state == "unchanged":
        return None
    if state == "renamed" and not is_critical:
        return None
    before = old[origin[0]].blocks[origin[1]][threshold.metric] if origin else None
    if before is None or is_critical or _keeps(before, threshold):
        return "fails"
    return "fails" if _worse(value, before, threshold) else "tolerated"


def _grade_file(
    measured: Measured, origin: Measured | None, threshold: Threshold, settings: Settings
) -> str | None:
    value = measured.metrics[threshold.metric]
    if value is None or _keeps(value, threshold):
        return None
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
