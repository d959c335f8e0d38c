"""Applying the suppression comments of a file to its violations, and finding unused ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from pytest_antipasta.model import (
    Comment,
    Comparison,
    Measurement,
    SuppressedMetric,
    Suppression,
    SuppressionState,
    Threshold,
    Tolerated,
    Violation,
)
from pytest_antipasta.policy.limits import satisfies
from pytest_antipasta.policy.suppressions.directives import Directive, Item, parse_comment

_UPWARDS: tuple[Comparison, ...] = (">=", ">")


class Ruling(NamedTuple):
    """The effect of one metric of a comment: what it suppresses, or why it is not honoured."""

    metric: SuppressedMetric
    suppressed: tuple[Violation, ...] = ()
    problem: str | None = None


def _refuse(item: Item, problem: str) -> Ruling:
    return Ruling(SuppressedMetric(*item, "not honoured"), (), problem)


def _rule_item(item: Item, violations: Sequence[Violation], threshold: Threshold | None) -> Ruling:
    """Return the effect of a metric on the violations that its comment is about.

    The threshold is the metric's in this file; ``None`` where it has none, or all metrics are meant.
    """
    problem = _find_mistake(item, threshold) if threshold else None
    if problem is not None:
        return _refuse(item, problem)
    own = [violation for violation in violations if item.metric in (None, violation.metric)]
    suppressed = tuple(violation for violation in own if _is_within(item, violation))
    # What fails decides, even if other numbers of a class or a file are suppressed.
    state: SuppressionState = "unused" if not own else "used" if len(suppressed) == len(own) else "exceeded"
    return Ruling(SuppressedMetric(*item, state), suppressed)


def _is_within(item: Item, violation: Violation) -> bool:
    if item.ceiling is None or item.comparison is None:
        return True
    return satisfies(violation.value, item.comparison, item.ceiling)


def _find_mistake(item: Item, threshold: Threshold) -> str | None:
    """Return why a ceiling is wrong, beside the limit that it has to be above."""
    if item.ceiling is None or item.comparison is None:
        return None
    relation = threshold.comparison
    limit = f"{threshold.metric} must be {relation} {threshold.limit}"
    if relation in ("==", "!="):
        return f"{limit}, and there is no ceiling for that"
    if (item.comparison in _UPWARDS) != (relation in _UPWARDS):
        return f"{limit}: write its ceiling with {'>=' if relation in _UPWARDS else '<='}"
    if all(satisfies(item.ceiling, relation, number) for number in _find_limits(threshold)):
        return f"{limit}, and the ceiling {item.ceiling} allows no more than that"
    return None


def _find_limits(threshold: Threshold) -> tuple[float, ...]:
    numbers = (threshold.limit, threshold.block_limit)
    return tuple(number for number in numbers if number is not None)


_ORDER: tuple[SuppressionState, ...] = ("used", "exceeded", "unused", "not honoured")


class SuppressionRules(Struct, frozen=True):
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


class Suppressed(NamedTuple):
    """What no comment suppresses, what one does, and the comments, other tools' only where honoured."""

    violations: tuple[Violation, ...]
    tolerated: tuple[Tolerated, ...]
    suppressions: tuple[Suppression, ...]


def suppress(
    violations: Sequence[Violation],
    measurement: Measurement,
    thresholds: Sequence[Threshold],
    rules: SuppressionRules,
) -> Suppressed:
    """Remove the violations of a file that comments suppress.

    A comment at a function is about that function, without those defined in it, which are blocks of their
    own; one at a class is about all functions in it. Where two comments are about the same number, one of a
    block goes before one of the file, and the upper one before the lower one.
    """
    file = _File(_index(violations), {threshold.metric: threshold for threshold in thresholds}, rules)
    left, found = dict.fromkeys(violations), []
    for comment, directive in _find_followed(measurement, rules):
        rulings = _rule(comment, directive, file, left)
        for violation in [violation for ruling in rulings for violation in ruling.suppressed]:
            del left[violation]
        found.append(_describe(comment, directive, rulings, rules))
    found.sort(key=lambda suppression: suppression.line)
    tolerated = tuple(Tolerated(**asdict(one), why="suppressed") for one in violations if one not in left)
    return Suppressed(tuple(left), tolerated, tuple(found))


def choose_state(states: Iterable[SuppressionState]) -> SuppressionState:
    """Return that of the metric for which a comment does most, from those of all that it is about."""
    return min(states, key=_ORDER.index, default="not honoured")


class _File(NamedTuple):
    """What decides besides a comment.

    Attributes:
        violations: by the qualified name of their block, and of each block around it with a dot behind.
        limits: the thresholds by metric.
    """

    violations: Mapping[str, Sequence[Violation]]
    limits: Mapping[str, Threshold]
    rules: SuppressionRules


def _index(violations: Iterable[Violation]) -> dict[str, list[Violation]]:
    found: dict[str, list[Violation]] = {}
    for violation in violations:
        if (name := violation.qualified_name) is not None:
            around = [name[: dot + 1] for dot, char in enumerate(name) if char == "."]
            for key in (name, *around):
                found.setdefault(key, []).append(violation)
    return found


def _find_followed(measurement: Measurement, rules: SuppressionRules) -> Iterator[tuple[Comment, Directive]]:
    """Return what is ours and what the settings name, comments of blocks first."""
    tools = ("antipasta", *rules.foreign)
    read = [(comment, parse_comment(comment)) for comment in measurement.comments]
    classes = {block.qualified_name for block in measurement.blocks if block.kind == "class"}
    followed = [
        (comment, directive._replace(is_for_class=comment.block in classes))
        for comment, directive in read
        # To other tools, comments at a class say nothing.
        if directive.tool in tools and (directive.tool == "antipasta" or comment.block not in classes)
    ]
    return iter(sorted(followed, key=lambda pair: pair[1].is_for_file))


def _rule(
    comment: Comment, directive: Directive, file: _File, left: Mapping[Violation, None]
) -> list[Ruling]:
    refusal = _find_refusal(comment, directive, file.rules)
    if refusal is not None:
        return [_refuse(item, refusal) for item in directive.items]
    own = _find_own(comment, directive, file, left)
    return [_rule_item(item, own, file.limits.get(item.metric or "")) for item in directive.items]


def _find_own(
    comment: Comment, directive: Directive, file: _File, left: Mapping[Violation, None]
) -> list[Violation]:
    """Return what a comment is about and none before it has suppressed."""
    if directive.is_for_file:
        own: Iterable[Violation] = left
    else:
        name = f"{comment.block}." if directive.is_for_class else comment.block or ""
        own = file.violations.get(name, ())
    return [violation for violation in own if violation in left and not _is_critical(violation, file.rules)]


def _is_critical(violation: Violation, rules: SuppressionRules) -> bool:
    return violation.qualified_name is not None and rules.is_critical(violation.qualified_name)


def _find_refusal(comment: Comment, directive: Directive, rules: SuppressionRules) -> str | None:
    """Return why a comment that is well written is not honoured all the same."""
    if rules.require_reasons and directive.reason is None:
        return "it gives no reason, and `require_reasons` asks for one"
    if not directive.is_for_file and comment.block is not None and rules.is_critical(comment.block):
        return f"{comment.block} is one of `critical_functions`, where nothing is tolerated"
    return None


def _describe(
    comment: Comment, directive: Directive, rulings: Sequence[Ruling], rules: SuppressionRules
) -> Suppression:
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
        state=choose_state(states),
        problems=tuple(dict.fromkeys(told)),
        fails=rules.unused_fails and is_idle and directive.tool == "antipasta",
    )
