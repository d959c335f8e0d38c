"""Narrowing the verdict on whole files to what a change adds, and to what got worse in it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from pytest_antipasta.gate.ruling import Grade, NarrowingRules, rule
from pytest_antipasta.metrics import BlockComparison
from pytest_antipasta.model import Suppression, Tolerated, Verdict, Violation, must_fail

_ORDER: dict[Grade, int] = {"not judged": 0, "tolerated": 1, "fails": 2}


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
    if verdict.error is not None:
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
        failed=must_fail(violations, suppressions, verdict.is_incomplete),
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
