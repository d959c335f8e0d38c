"""Suppressing the violations of one file by its comments."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from pytest_antipasta.model import (
    Comment,
    Measurement,
    Suppression,
    SuppressionState,
    Threshold,
    Tolerated,
    Violation,
)
from pytest_antipasta.suppressions.directives import Directive, parse_comment
from pytest_antipasta.suppressions.ruling import Ruling, refuse, rule_item

_ORDER: tuple[SuppressionState, ...] = ("used", "exceeded", "unused", "not honoured")


class Rules(Struct, frozen=True):
    """What the settings say of suppressions.

    Attributes:
        foreign: the other tools whose comments are honoured.
        require_reasons: whether a comment without a reason is not honoured.
        unused_fails: whether a file fails for a comment of ours that does nothing.
        is_critical: whether nothing is suppressed in a block, by its qualified name.
    """

    foreign: tuple[str, ...]
    require_reasons: bool
    unused_fails: bool
    is_critical: Callable[[str], bool]


class Outcome(NamedTuple):
    """What is left, and what came of each comment.

    Attributes:
        violations: those that no comment suppresses.
        tolerated: the others.
        suppressions: the comments, those of other tools only where they are honoured.
    """

    violations: tuple[Violation, ...]
    tolerated: tuple[Tolerated, ...]
    suppressions: tuple[Suppression, ...]


def suppress(
    violations: Sequence[Violation], measurement: Measurement, thresholds: Sequence[Threshold], rules: Rules
) -> Outcome:
    """Take the violations out that comments suppress.

    A comment at a function is about that function, without those defined in it, which are blocks of their
    own; one at a class is about all functions in it. Where two comments are about the same number,
    one of a block goes before one of the file, and the upper one before the lower one.

    Args:
        violations: of the file.
        measurement: of the same file.
        thresholds: that apply to it.
        rules: how comments are followed.
    """
    file = _File(
        {block.qualified_name for block in measurement.blocks if block.kind == "class"},
        {threshold.metric: threshold for threshold in thresholds},
        rules,
    )
    left, found = list(violations), []
    for comment, directive in _find_followed(measurement.comments, rules):
        rulings = _rule(comment, directive, left, file)
        left = _take_out(left, rulings)
        found.append(_describe(comment, directive, rulings, rules))
    found.sort(key=lambda suppression: suppression.line)
    return Outcome(tuple(left), tuple(_tolerate(violations, left)), tuple(found))


class _File(NamedTuple):
    """What decides besides a comment.

    Attributes:
        classes: the qualified names of those in the file.
        limits: the thresholds by metric.
        rules: how comments are followed.
    """

    classes: Container[str]
    limits: Mapping[str, Threshold]
    rules: Rules


def _take_out(violations: Iterable[Violation], rulings: Iterable[Ruling]) -> list[Violation]:
    suppressed = [violation for ruling in rulings for violation in ruling.suppressed]
    return [violation for violation in violations if violation not in suppressed]


def _tolerate(violations: Iterable[Violation], left: Container[Violation]) -> Iterator[Tolerated]:
    return (Tolerated(**asdict(one), why="suppressed") for one in violations if one not in left)


def _find_followed(comments: Sequence[Comment], rules: Rules) -> list[tuple[Comment, Directive]]:
    """Return what is ours and what the settings name, comments of blocks first."""
    tools = ("antipasta", *rules.foreign)
    read = [(comment, parse_comment(comment)) for comment in comments]
    return sorted((pair for pair in read if pair[1].tool in tools), key=lambda pair: pair[1].is_for_file)


def _covers(comment: Comment, directive: Directive, violation: Violation, classes: Container[str]) -> bool:
    if directive.is_for_file:
        return True
    if comment.block in classes and directive.tool == "antipasta":
        return (violation.qualified_name or "").startswith(f"{comment.block}.")
    return violation.qualified_name == comment.block


def _rule(
    comment: Comment, directive: Directive, violations: Iterable[Violation], file: _File
) -> list[Ruling]:
    refusal = _find_refusal(comment, directive, file.rules)
    if refusal is not None:
        return [refuse(item, refusal) for item in directive.items]
    own = [
        violation
        for violation in violations
        if _covers(comment, directive, violation, file.classes) and not _is_critical(violation, file.rules)
    ]
    return [rule_item(item, own, file.limits.get(item.metric or "")) for item in directive.items]


def _is_critical(violation: Violation, rules: Rules) -> bool:
    return violation.qualified_name is not None and rules.is_critical(violation.qualified_name)


def _find_refusal(comment: Comment, directive: Directive, rules: Rules) -> str | None:
    """Return why a comment that is well written is not honoured all the same."""
    if rules.require_reasons and directive.reason is None:
        return "it gives no reason, and `require_reasons` asks for one"
    if not directive.is_for_file and comment.block is not None and rules.is_critical(comment.block):
        return f"{comment.block} is one of `critical_functions`, where nothing is tolerated"
    return None


def _describe(comment: Comment, directive: Directive, rulings: Sequence[Ruling], rules: Rules) -> Suppression:
    states = [ruling.metric.state for ruling in rulings]
    told = [*directive.problems, *(ruling.problem for ruling in rulings if ruling.problem)]
    is_idle = bool(told) or "unused" in states
    return Suppression(
        line=comment.line,
        qualified_name=None if directive.is_for_file else comment.block,
        tool=directive.tool,
        text=comment.text,
        metrics=tuple(ruling.metric for ruling in rulings),
        reason=directive.reason,
        state=min(states, key=_ORDER.index, default="not honoured"),
        problems=tuple(dict.fromkeys(told)),
        fails=rules.unused_fails and is_idle and directive.tool == "antipasta",
    )
