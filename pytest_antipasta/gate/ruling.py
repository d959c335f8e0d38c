"""Ruling on one number of a file: whether a change makes it worse, seen beside one parent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct, structs

from pytest_antipasta.metrics import BlockComparison, Change, FileVersion
from pytest_antipasta.model import Number, Tolerated, Verdict, Violation, find_number
from pytest_antipasta.policy import is_worse

Grade: TypeAlias = Literal["fails", "tolerated", "not judged"]
_State: TypeAlias = Literal["added", "modified", "renamed"]


class OverLimits(NamedTuple):
    """The numbers of a version that are over the limits of its path: qualified names, each with a metric.

    Attributes:
        failing: those that no comment suppresses; ``None`` for the file's own numbers.
        suppressed: the others.
    """

    failing: frozenset[tuple[str | None, str]]
    suppressed: frozenset[tuple[str | None, str]]


def find_over_limits(verdict: Verdict) -> OverLimits:
    """Return what is over the limits in a version, from the verdict on it by its limits."""
    failing, suppressed = (
        frozenset((one.qualified_name, one.metric) for one in numbers)
        for numbers in (verdict.violations, verdict.tolerated)
    )
    return OverLimits(failing, suppressed)


class NarrowingRules(Struct, frozen=True):
    """How a change is judged.

    Attributes:
        strict_files: a file's number that was over its limit fails whenever it gets worse.
        is_critical: whether nothing is tolerated in a block, by path and qualified name.
        find_over_limits: gives what is over the limits in a whole version.
    """

    strict_files: bool
    is_critical: Callable[[str, str], bool]
    find_over_limits: Callable[[FileVersion], OverLimits]


class Ruling(Struct, frozen=True):
    """What a change does to one number, seen beside one parent.

    Attributes:
        grade: the verdict.
        before: the number that it was.
        change: what happened to the block, or the file.
        was_suppressed: whether a comment suppressed it before, and none does now.
        is_certain: whether it fails though the block be as it was.
    """

    grade: Grade
    before: Number | None = None
    change: _State | None = None
    was_suppressed: bool = False
    is_certain: bool = False


def rule(path: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules) -> Ruling:
    """Return what a change does to one number of a file, seen beside one parent."""
    if violation.qualified_name is None:
        return _rule_file(path, violation, parent, rules)
    return _rule_block(path, violation.qualified_name, violation, parent, rules)


def _rule_file(path: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules) -> Ruling:
    """A number of a file fails when the file is new, or when the change carries it over what it may be."""
    old = parent.file_before(path)
    if old is None:
        return Ruling("fails", None, "added")
    before = find_number(old.measurement.metrics, violation.metric)
    was_suppressed = _was_suppressed(old, None, violation, rules)
    if before is None or was_suppressed or _has_passed(old, None, violation, rules):
        return Ruling("fails", before, "modified", was_suppressed)
    is_tolerated = not (rules.strict_files and _has_worsened(violation, before))
    return Ruling("tolerated" if is_tolerated else "fails", before, "modified")


def _rule_block(
    path: str, name: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules
) -> Ruling:
    """A number of a block fails when the block is added, or the number has passed before, or is worse."""
    change = parent.classify((path, name))
    if _is_copy(change, violation, parent, rules):
        change = parent.classify_by_place((path, name))
    if change.state == "added":
        return Ruling("fails", None, "added")
    if change.before is None:
        return Ruling("not judged")
    source = parent.find_measured(change.before, violation.metric)
    is_critical = rules.is_critical(path, name)
    ruling = _compare(parent.before.versions[source[0]], source[1], violation, rules, is_critical=is_critical)
    if ruling.is_certain or source != change.before or not _is_same(change, is_critical=is_critical):
        return structs.replace(ruling, change="renamed" if change.state == "renamed" else "modified")
    return Ruling("not judged")


def _compare(
    old: FileVersion, name: str, violation: Violation, rules: NarrowingRules, *, is_critical: bool
) -> Ruling:
    """Return the ruling on a number of a block that is another one, or another number, than before."""
    before = find_number(old.blocks[name], violation.metric)
    if _was_suppressed(old, name, violation, rules):
        return Ruling("fails", before, was_suppressed=True, is_certain=True)
    if before is not None and _has_passed(old, name, violation, rules):
        return Ruling("fails", before, is_certain=True)
    if is_critical or before is None or _has_worsened(violation, before):
        return Ruling("fails", before)
    return Ruling("tolerated", before)


def _has_worsened(violation: Violation, before: Number) -> bool:
    return is_worse(violation.value, before, violation.comparison, violation.threshold)


def _is_same(change: Change, *, is_critical: bool) -> bool:
    """Whether nothing has happened to a block that counts."""
    return change.state == "unchanged" or (change.state == "renamed" and not is_critical)


def _is_copy(change: Change, violation: Violation, parent: BlockComparison, rules: NarrowingRules) -> bool:
    """Whether a body is where it was not, and the block that had it is there and has its own violation."""
    if change.state != "renamed" or change.before is None:
        return False
    successor = parent.find_successor(change.before)
    if successor is None:
        return False
    over = rules.find_over_limits(parent.after.versions[successor[0]])
    return (successor[1], violation.metric) in over.failing


def _was_suppressed(old: FileVersion, name: str | None, violation: Violation, rules: NarrowingRules) -> bool:
    """Whether a comment suppressed before what none suppresses now, which is all that it takes to fail."""
    if isinstance(violation, Tolerated) or not old.measurement.comments:
        return False
    return (name, violation.metric) in rules.find_over_limits(old).suppressed


def _has_passed(old: FileVersion, name: str | None, violation: Violation, rules: NarrowingRules) -> bool:
    """Whether a number was within the limit of the path that it had."""
    return not any((name, violation.metric) in numbers for numbers in rules.find_over_limits(old))
