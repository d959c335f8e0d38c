"""Narrowing the verdict on whole files to what a change adds, and to what got worse in it."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct, structs

from pytest_antipasta.gate.blocks import BlockComparison
from pytest_antipasta.gate.file_version import FileVersion
from pytest_antipasta.model import Number, Suppression, Tolerated, Verdict, Violation
from pytest_antipasta.policy import is_worse, satisfies

Grade: TypeAlias = Literal["fails", "tolerated", "not judged"]
_State: TypeAlias = Literal["added", "modified", "renamed"]
_ORDER: dict[Grade, int] = {"not judged": 0, "tolerated": 1, "fails": 2}


class NarrowingRules(Struct, frozen=True):
    """How a change is judged.

    Attributes:
        strict_files: a file's number that was over its limit fails whenever it gets worse.
        is_critical: whether nothing is tolerated in a block, by path and qualified name.
        find_suppressed: gives what comments suppress in a version of a file, by the path whose limits hold:
            qualified names, ``None`` for the file's own numbers, each with a metric.
    """

    strict_files: bool
    is_critical: Callable[[str, str], bool]
    find_suppressed: Callable[[str, FileVersion], Container[tuple[str | None, str]]]


class _Ruling(Struct, frozen=True):
    """What one parent says of one number."""

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
        rulings = [_rule(verdict.path, violation, parent, rules) for parent in parents]
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


def _rule(path: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules) -> _Ruling:
    if violation.qualified_name is None:
        return _rule_file(path, violation, parent, rules)
    return _rule_block(path, violation.qualified_name, violation, parent, rules)


def _rule_file(path: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules) -> _Ruling:
    """A number of a file fails when the file is new, or when the change carries it over what it may be."""
    old = parent.file_before(path)
    if old is None:
        return _Ruling("fails", None, "added")
    before = getattr(old.measurement.metrics, violation.metric)
    if _is_new(before, violation):
        return _Ruling("fails", before, "modified")
    if _was_suppressed(path, violation, old, None, rules):
        return _Ruling("fails", before, "modified", was_suppressed=True)
    is_tolerated = not (rules.strict_files and is_worse(violation.value, before, violation.comparison))
    return _Ruling("tolerated" if is_tolerated else "fails", before, "modified")


def _rule_block(
    path: str, name: str, violation: Violation, parent: BlockComparison, rules: NarrowingRules
) -> _Ruling:
    """A number of a block fails when the block is added, or modified and not as bad before."""
    change = parent.classify((path, name))
    if change.before is None:
        return _Ruling("fails", None, "added")
    old, old_name = parent.version_before(change.before), change.before[1]
    before = getattr(old.blocks[old_name], violation.metric)
    state: _State = "renamed" if change.state == "renamed" else "modified"
    if _was_suppressed(path, violation, old, old_name, rules):
        return _Ruling("fails", before, state, was_suppressed=True)
    critical = rules.is_critical(path, name)
    if change.state == "unchanged" or (state == "renamed" and not critical):
        return _Ruling("not judged")
    if critical or _is_new(before, violation):
        return _Ruling("fails", before, state)
    worse = is_worse(violation.value, before, violation.comparison)
    return _Ruling("fails" if worse else "tolerated", before, state)


def _was_suppressed(
    path: str, violation: Violation, old: FileVersion, name: str | None, rules: NarrowingRules
) -> bool:
    """Whether a comment suppressed before what none suppresses now, which is all that it takes to fail."""
    if isinstance(violation, Tolerated) or not old.measurement.comments:
        return False
    return (name, violation.metric) in rules.find_suppressed(path, old)


def _is_new(before: Number | None, violation: Violation) -> bool:
    """Whether a number was not over its limit before, or there was none."""
    return before is None or satisfies(before, violation.comparison, violation.threshold)
