"""Narrowing the verdict on whole files to what a change adds, and to what got worse in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct, structs

from pytest_antipasta.gate.blocks import BlockComparison, Change
from pytest_antipasta.gate.file_version import FileVersion
from pytest_antipasta.model import Number, Suppression, Tolerated, Verdict, Violation
from pytest_antipasta.policy import is_worse

Grade: TypeAlias = Literal["fails", "tolerated", "not judged"]
_State: TypeAlias = Literal["added", "modified", "renamed"]
_ORDER: dict[Grade, int] = {"not judged": 0, "tolerated": 1, "fails": 2}


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
    """What a change does to one number, seen beside one parent."""

    grade: Grade
    before: Number | None = None
    change: _State | None = None
    was_suppressed: bool = False


def narrow_verdict(verdict: Verdict, parents: Sequence[BlockComparison], rules: NarrowingRules) -> Verdict:
    """Return the verdict on a whole file, narrowed to what the change is answerable for.

    With several parents, as in a merge, a number fails only where it fails beside each of them. What a
    comment suppressed before and none does now is a violation that the change brings, though the block be
    as it was.

    Args:
        verdict: on the file as the change leaves it, judged whole.
        parents: what it is compared with; at least one.
        rules: how to judge.
    """
    if verdict.measurement.error is not None:
        return verdict
    violations: list[Violation] = []
    tolerated: list[Tolerated] = []
    for violation in sorted((*verdict.violations, *verdict.tolerated), key=_line):
        rulings = [rule(verdict.path, violation, parent, rules) for parent in parents]
        mildest = min(rulings, key=lambda ruling: (_ORDER[ruling.grade], ruling.before is None))
        told = structs.replace(
            violation,
            before=mildest.before,
            change=mildest.change,
            was_suppressed=mildest.was_suppressed,
        )
        if mildest.grade == "not judged":
            continue
        if isinstance(told, Tolerated):
            # A commit touches it, and it has been tolerated as it is now.
            tolerated.append(told)
        elif mildest.grade == "fails":
            violations.append(told)
        else:
            tolerated.append(Tolerated(**structs.asdict(told), why="not worse"))
    suppressions = tuple(_narrow_suppression(verdict, one, parents) for one in verdict.suppressions)
    return structs.replace(
        verdict,
        violations=tuple(violations),
        tolerated=tuple(tolerated),
        suppressions=suppressions,
        failed=bool(violations) or any(suppression.fails for suppression in suppressions),
    )


def _line(violation: Violation) -> int:
    return violation.line or 0


def _narrow_suppression(
    verdict: Verdict, suppression: Suppression, parents: Sequence[BlockComparison]
) -> Suppression:
    """Return a suppression that fails only where the change has written it, or touches its block."""
    if suppression.fails and any(_is_old(verdict, suppression, parent) for parent in parents):
        return structs.replace(suppression, fails=False)
    return suppression


def _is_old(verdict: Verdict, suppression: Suppression, parent: BlockComparison) -> bool:
    name, old = suppression.qualified_name, parent.file_before(verdict.path)
    comments = old.measurement.comments if old is not None else ()
    if not any(one.text == suppression.text and name in (None, one.block) for one in comments):
        return False
    functions = {block.qualified_name for block in verdict.measurement.blocks if block.kind != "class"}
    return name not in functions or parent.classify((verdict.path, name or "")).state == "unchanged"


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
    before = getattr(old.measurement.metrics, violation.metric)
    if before is None or _has_passed(old, None, violation, rules):
        return Ruling("fails", before, "modified")
    if _was_suppressed(old, None, violation, rules):
        return Ruling("fails", before, "modified", was_suppressed=True)
    is_tolerated = not (rules.strict_files and is_worse(violation.value, before, violation.comparison))
    return Ruling("tolerated" if is_tolerated else "fails", before, "modified")


def _rule_block(
    path: str, name: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules
) -> Ruling:
    """A number of a block fails when the block is added, or the number has passed before, or is worse."""
    change = parent.classify((path, name))
    if change.state == "added" or _is_copy(change, violation, parent, rules):
        return Ruling("fails", None, "added")
    if change.before is None:
        return Ruling("not judged")
    state: _State = "renamed" if change.state == "renamed" else "modified"
    source = parent.find_measured(change.before, violation.metric)
    old = parent.version_before(source)
    before = getattr(old.blocks[source[1]], violation.metric)
    if _was_suppressed(old, source[1], violation, rules):
        return Ruling("fails", before, state, was_suppressed=True)
    critical = rules.is_critical(path, name)
    has_passed = before is not None and _has_passed(old, source[1], violation, rules)
    is_same = change.state == "unchanged" or (state == "renamed" and not critical)
    if is_same and not has_passed and source == change.before:
        return Ruling("not judged")
    if critical or before is None or has_passed:
        return Ruling("fails", before, state)
    worse = is_worse(violation.value, before, violation.comparison)
    return Ruling("fails" if worse else "tolerated", before, state)


def _is_copy(change: Change, violation: Violation, parent: BlockComparison, rules: NarrowingRules) -> bool:
    """Whether a body is where it was not, and the block that had it is there and has its own violation."""
    if change.state != "renamed" or change.before is None:
        return False
    successor = parent.find_successor(change.before)
    if successor is None:
        return False
    return (successor[1], violation.metric) in rules.find_over_limits(parent.version_after(successor)).failing


def _was_suppressed(old: FileVersion, name: str | None, violation: Violation, rules: NarrowingRules) -> bool:
    """Whether a comment suppressed before what none suppresses now, which is all that it takes to fail."""
    if isinstance(violation, Tolerated) or not old.measurement.comments:
        return False
    return (name, violation.metric) in rules.find_over_limits(old).suppressed


def _has_passed(old: FileVersion, name: str | None, violation: Violation, rules: NarrowingRules) -> bool:
    """Whether a number was within the limit of the path that it had."""
    return not any((name, violation.metric) in numbers for numbers in rules.find_over_limits(old))
