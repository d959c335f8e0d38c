"""Apply the suppression comments of a file to its violations, and find unused ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from pytest_antipasta.extension.metrics import is_of_blocks
from pytest_antipasta.model.judged import (
    Comparison,
    SuppressedMetric,
    Suppression,
    SuppressionState,
    Threshold,
    Tolerated,
    Violation,
)
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import Block, Comment, Measurement
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.policy.limits import allows, satisfies
from pytest_antipasta.policy.suppressions.directives import Directive, parse_comment

_Named = TypeVar("_Named", bound=Violation | Block)
_UPWARDS: tuple[Comparison, ...] = (">=", ">")


class Ruling(NamedTuple):
    """The effect of one metric in a comment: what it suppresses, or why it is not honoured."""

    metric: SuppressedMetric
    suppressed: tuple[Violation, ...] = ()
    problem: str | None = None


def _refuse(item: SuppressedMetric, problem: str) -> Ruling:
    return Ruling(replace(item, state="not honoured"), (), problem)


def _rule_item(item: SuppressedMetric, own: list[Violation], left: Mapping[Violation, None]) -> Ruling:
    """Return the effect of a metric on the violations that its comment applies to.

    Args:
        item: the metric.
        own: these violations, nearest to the limit last. Suppressed ones are removed, so that thousands of
            comments about thousands of functions visit each function once.
        left: violations not suppressed by earlier comments.
    """
    suppressed = []
    while own:
        if own[-1] in left:
            if not allows(item, own[-1].value):
                break
            suppressed.append(own[-1])
        own.pop()
    # A failing value decides, even if other values of a class or a file are suppressed.
    state: SuppressionState = "exceeded" if own else "used" if suppressed else "unused"
    return Ruling(replace(item, state=state), tuple(suppressed))


def _find_mistake(item: SuppressedMetric, threshold: Threshold) -> str | None:
    """Return why a ceiling is invalid, such as one below the limit."""
    if item.ceiling is None or item.comparison is None:
        return None
    relation = threshold.comparison
    limit = f"{threshold.metric} must be {relation} {threshold.limit}"
    if relation in ("==", "!="):
        return f"{limit}, for which no ceiling is possible"
    if (item.comparison in _UPWARDS) != (relation in _UPWARDS):
        return f"{limit}: write the ceiling as {'>=' if relation in _UPWARDS else '<='}"
    if all(satisfies(item.ceiling, relation, number) for number in _find_numbers(threshold)):
        return f"{limit}, and the ceiling {item.ceiling} allows no more than that"
    return None


def _find_numbers(threshold: Threshold) -> tuple[float, ...]:
    numbers = (threshold.limit, threshold.block_limit)
    return tuple(number for number in numbers if number is not None)


_ORDER: tuple[SuppressionState, ...] = ("used", "exceeded", "unused", "not honoured")


class SuppressionRules(Struct, frozen=True):
    """The settings about suppressions.

    Attributes:
        other_tools: other tools whose comments are honoured.
        require_reasons: whether a comment without a reason is ignored.
        unused_fails: whether a file fails for an unused antipasta comment.
        is_critical: returns whether nothing is suppressed in a block, by its qualified name.
        needs_coverage: whether to judge metrics from coverage data, instead of all others.
        may_lack: returns whether values of a metric, or any for ``None``, may be missing: what a comment
            says about these is left out if it suppresses nothing.
    """

    other_tools: tuple[str, ...]
    require_reasons: bool
    unused_fails: bool
    is_critical: Callable[[str], bool]
    needs_coverage: bool = False
    may_lack: Callable[[str | None], bool] = lambda _: False


class Suppressed(NamedTuple):
    """Violations without and with a suppression, and the comments; those of other tools only if honoured."""

    violations: tuple[Violation, ...]
    tolerated: tuple[Tolerated, ...]
    suppressions: tuple[Suppression, ...]


def suppress(
    violations: Sequence[Violation],
    measurement: Measurement,
    limits: PathLimits,
    rules: SuppressionRules,
) -> Suppressed:
    """Return the violations of a file that no comment suppresses, the suppressed ones, and the comments.

    A comment at a function applies to that function, but not to inner functions, which are separate blocks. A
    comment at a class applies to all functions in it. If two comments apply to one value, that of a block
    precedes that of the file, and the upper one the lower one.
    """
    file = _File(violations, measurement, limits, rules)
    left, found = dict.fromkeys(violations), []
    for comment, directive in _find_followed(measurement, rules):
        rulings = _rule(comment, directive, file, left)
        for violation in [violation for ruling in rulings for violation in ruling.suppressed]:
            del left[violation]
        described = _describe(comment, directive, rulings, rules)
        found += [described] if _is_listed(comment, described) else []
    found.sort(key=lambda suppression: suppression.line)
    tolerated = tuple(Tolerated(**asdict(item), why="suppressed") for item in violations if item not in left)
    return Suppressed(tuple(left), tolerated, tuple(found))


def _is_listed(comment: Comment, described: Suppression) -> bool:
    """Return whether there is something to say about a comment."""
    # A range has a comment for each function in it; most of them have no effect.
    is_idle = comment.place == "range" and described.state == "unused"
    return bool(described.metrics or described.problems) and not is_idle


def find_unheeded(
    violations: Sequence[Violation], measurement: Measurement, limits: PathLimits, rules: SuppressionRules
) -> tuple[tuple[str, str, str], ...]:
    """Return tools that the settings do not name, with functions and metrics that their comments suppress."""
    tools = {parse_comment(comment).tool for comment in measurement.comments}.difference(rules.other_tools)
    found = {
        (tool, item.qualified_name, item.metric): None
        for tool in sorted(tools - {"antipasta"})
        for item in suppress(violations, measurement, limits, replace(rules, other_tools=(tool,))).tolerated
        if item.qualified_name is not None
    }
    return tuple(found)


def restate(comment: Suppression, metrics: tuple[SuppressedMetric, ...], *, may_fail: bool) -> Suppression:
    """Return a comment with its effects on metrics, and what follows from them.

    ``may_fail`` is whether the file fails for an unused antipasta comment.
    """
    states = [item.state for item in metrics]
    is_idle = bool(comment.problems) or "unused" in states
    fails = may_fail and is_idle and comment.tool == "antipasta"
    return replace(comment, metrics=metrics, state=choose_state(states), fails=fails)


def choose_state(states: Iterable[SuppressionState]) -> SuppressionState:
    """Return the state of a comment: that of the metric with the strongest effect."""
    return min(states, key=_ORDER.index, default="not honoured")


class _File:
    """Data of a file for applying its comments.

    Attributes:
        rules: the settings.
    """

    def __init__(
        self,
        violations: Sequence[Violation],
        measurement: Measurement,
        limits: PathLimits,
        rules: SuppressionRules,
    ) -> None:
        self._measurement, self._limits = measurement, limits
        self.rules = rules
        self._all = violations
        self._by_name = _index(violations)
        self._own: dict[tuple[str | None, str | None], list[Violation]] = {}
        self._over: set[tuple[str | None, str | None]] = set()
        self._limited: dict[tuple[str | None, str | None], tuple[Threshold, ...]] = {}

    def find_limits(self, name: str | None, metric: str | None) -> tuple[Threshold, ...]:
        """Return the different limits of a metric for what comments with a target apply to.

        The same limits are returned each time; see :meth:`find_own` for the arguments.
        """
        key = name, metric
        if key not in self._limited:
            found = (self._limits.find(metric, block) for block in self._find_covered(name, metric) if metric)
            self._limited[key] = tuple(dict.fromkeys(filter(None, found)))
        return self._limited[key]

    def _find_covered(self, name: str | None, metric: str | None) -> Sequence[Block | None]:
        """Return the blocks whose limits a comment is about; ``None`` among them stands for the file."""
        if not self._limits.of_functions:
            return [None]
        blocks = self._functions if name is None else self._functions_by_name.get(name, ())
        is_of_file = name is None and not is_of_blocks(metric or "")
        return [None, *blocks] if is_of_file or not blocks else blocks

    @cached_property
    def _functions(self) -> Sequence[Block]:
        return [block for block in self._measurement.blocks if block.kind != "class"]

    @cached_property
    def _functions_by_name(self) -> Mapping[str, Sequence[Block]]:
        return _index(self._functions)

    def find_own(self, name: str | None, metric: str | None) -> list[Violation]:
        """Return the violations that comments with a target apply to, the nearest to the limit last.

        The same list is returned each time.

        Args:
            name: name of a block, or of a class followed by a dot; ``None`` for the file.
            metric: metric; ``None`` for all.
        """
        key = name, metric
        if key not in self._own:
            about = self._all if name is None else self._by_name.get(name, ())
            own = [
                item for item in about if metric in (None, item.metric) and not _is_critical(item, self.rules)
            ]
            own.sort(key=lambda item: item.value if item.comparison in _UPWARDS else -item.value)
            self._own[key] = own
            if own:
                self._over.add(key)
        return self._own[key]

    def is_over(self, name: str | None, metric: str | None) -> bool:
        """Return whether :meth:`find_own` has found violations, which comments may have suppressed by now."""
        return (name, metric) in self._over


def _index(items: Iterable[_Named]) -> dict[str, list[_Named]]:
    """Return blocks or their violations by the name of the block, and of each class around it with a dot."""
    found: dict[str, list[_Named]] = {}
    for item in items:
        name = item.qualified_name
        if name is not None:
            around = [name[: dot + 1] for dot, char in enumerate(name) if char == "."]
            for key in (name, *around):
                found.setdefault(key, []).append(item)
    return found


def _find_followed(measurement: Measurement, rules: SuppressionRules) -> Iterator[tuple[Comment, Directive]]:
    """Yield antipasta comments and honoured comments of other tools; those of blocks come first."""
    tools = ("antipasta", *rules.other_tools)
    parsed = ((comment, parse_comment(comment)) for comment in measurement.comments)
    read = [
        (comment, kept)
        for comment, directive in parsed
        if (kept := _keep_items(directive, rules.needs_coverage))
    ]
    classes = {block.qualified_name for block in measurement.blocks if block.kind == "class"}
    followed = [
        (comment, directive._replace(is_for_class=comment.block in classes))
        for comment, directive in read
        # For other tools, comments at a class have no effect.
        if directive.tool in tools and (directive.tool == "antipasta" or comment.block not in classes)
    ]
    return iter(sorted(followed, key=lambda pair: pair[1].is_for_file))


def _keep_items(directive: Directive, needs_coverage: bool) -> Directive | None:
    """Return a comment with its currently judged metrics; ``None`` if it names only others."""
    kept = tuple(
        item
        for item in directive.items
        if item.metric is None or (item.metric in COVERAGE_METRICS) == needs_coverage
    )
    if kept == directive.items:
        return directive
    return directive._replace(items=kept) if kept else None


def _rule(
    comment: Comment, directive: Directive, file: _File, left: Mapping[Violation, None]
) -> list[Ruling]:
    refusal = _find_refusal(comment, directive, file.rules)
    if directive.tool in ("noqa", "pylint", "ruff"):
        # They name rules that may have no limit here; without rules, they apply to all.
        target = _find_target(comment, directive)
        limited = tuple(item for item in directive.items if file.find_limits(target, item.metric))
        directive = directive._replace(items=limited or directive.items[:1])
    if refusal is not None:
        return [_refuse(item, refusal) for item in directive.items]
    return [_rule_metric(item, _find_target(comment, directive), file, left) for item in directive.items]


def _rule_metric(
    item: SuppressedMetric, target: str | None, file: _File, left: Mapping[Violation, None]
) -> Ruling:
    mistakes = [_find_mistake(item, threshold) for threshold in file.find_limits(target, item.metric)]
    problems = [mistake for mistake in mistakes if mistake is not None]
    if problems and len(problems) == len(mistakes):  # under another limit, the ceiling has an effect
        return _refuse(item, problems[0])
    ruling = _rule_item(item, file.find_own(target, item.metric), left)
    is_redundant = ruling.metric.state == "unused" and file.is_over(target, item.metric)
    return ruling._replace(metric=replace(ruling.metric, is_redundant=True)) if is_redundant else ruling


def _find_target(comment: Comment, directive: Directive) -> str | None:
    """Return the target of a comment: a block, a class followed by a dot, or ``None`` for the file."""
    if directive.is_for_file:
        return None
    return f"{comment.block}." if directive.is_for_class else comment.block or ""


def _is_critical(violation: Violation, rules: SuppressionRules) -> bool:
    return violation.qualified_name is not None and rules.is_critical(violation.qualified_name)


def _find_refusal(comment: Comment, directive: Directive, rules: SuppressionRules) -> str | None:
    """Return why a valid comment is not honoured."""
    if rules.require_reasons and directive.reason is None:
        return "it has no reason, and `require_reasons` is on"
    if not directive.is_for_file and comment.block is not None and rules.is_critical(comment.block):
        return f"{comment.block} is in `critical_functions`, where nothing is tolerated"
    return None


def _describe(
    comment: Comment, directive: Directive, rulings: Sequence[Ruling], rules: SuppressionRules
) -> Suppression:
    problems = [*directive.problems, *(ruling.problem for ruling in rulings if ruling.problem)]
    suppression = Suppression(
        line=comment.line,
        qualified_name=None if directive.is_for_file else comment.block,
        tool=directive.tool,
        text=comment.text,
        reason=directive.reason,
        problems=tuple(dict.fromkeys(problems)),
    )
    metrics = tuple(item for item, *_ in rulings if item.state != "unused" or not rules.may_lack(item.metric))
    return restate(suppression, metrics, may_fail=rules.unused_fails)
