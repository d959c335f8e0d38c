"""Parse a suppression comment: its metrics, ceilings and reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pytest_antipasta.extension.metrics import is_missing, judged_metrics
from pytest_antipasta.messages import suggest
from pytest_antipasta.model.judged import Comparison, SuppressedMetric, SuppressingTool
from pytest_antipasta.model.measured import BLOCK_METRICS, Comment, Number
from pytest_antipasta.model.registry import OUR_METRICS, SHORT_NAMES, complete_name
from pytest_antipasta.model.waivers import NO_REASON
from pytest_antipasta.policy.suppressions.patterns import DIRECTIVE, stands_for
from pytest_antipasta.policy.suppressions.pylint_comments import MESSAGES, parse_pylint_comment
from pytest_antipasta.policy.suppressions.ruff_comments import RUFF, find_codes, split_rules

_CEILINGS: dict[str, Comparison] = {"<=": "<=", "<": "<", ">=": ">=", ">": ">"}
_VERBS = ("ignore", "ignore-file")
_VERB = re.compile(r"\s*(?P<verb>[\w-]*)\s*(?:\[(?P<items>[^\[\]]*)(?P<end>\]?))?(?P<reason>.*)", re.DOTALL)
_ITEM = re.compile(r"(?P<metric>[\w:-]+)\s*(?:(?P<comparison>[^\w\s.-]+)\s*(?P<ceiling>\S*))?")
# Another comment after ours; `#123` belongs to a reason.
_NEXT_COMMENT = re.compile(r"\s#(?!\d)")
# Text that looks like a list without brackets, and not like a reason.
_LIST = re.compile(r"[\s({:]*(?P<metric>[\w:-]+)")
_NEARLY = 'looks like an antipasta comment; write "antipasta: ignore"'


class Directive(NamedTuple):
    """The content of a comment.

    Attributes:
        tool: the tool that defines this kind of comment.
        is_for_file: whether it applies to the file and all of its blocks.
        items: the metrics that it names, without their effect; empty for an invalid comment.
        reason: the reason in the comment.
        problems: its errors.
        is_for_class: whether it applies to all functions of its class.
    """

    tool: SuppressingTool
    is_for_file: bool
    items: tuple[SuppressedMetric, ...]
    reason: str | None = None
    problems: tuple[str, ...] = ()
    is_for_class: bool = False


def parse_comment(comment: Comment) -> Directive:
    """Parse a comment; its errors are in ``problems``."""
    if ruff := RUFF.match(comment.text):
        items = tuple(_find_items(",".join(find_codes(split_rules(ruff["rules"])))))
        return Directive(
            "ruff", ruff["verb"] == "file-ignore", items, _parse_reason(comment.text[ruff.end() :])
        )
    match = DIRECTIVE.match(comment.text)
    if (match is None or match["pylint"]) and (pylint := parse_pylint_comment(comment.text)):
        reason = _parse_reason(comment.text[pylint.end :])
        items = tuple(SuppressedMetric(MESSAGES[message]) for message in pylint.messages)
        return Directive("pylint", pylint.is_for_file, items, reason)
    if match is None or match["ours"]:
        return _parse_ours(comment, match)
    if match["nearly"]:
        return Directive("antipasta", False, (), None, (_NEARLY,))
    reason = _parse_reason(comment.text[match.end() :])
    if match["complexipy"]:
        return Directive("complexipy", False, (SuppressedMetric("cognitive_complexity"),), reason)
    return Directive("noqa", match["file"] is not None, tuple(_find_items(match["codes"])), reason)


def _find_items(codes: str | None) -> Iterator[SuppressedMetric]:
    """Yield the metrics for the codes of a ``noqa``; all metrics without codes."""
    rules = {metric.ruff: metric.name for metric in OUR_METRICS if metric.ruff}
    named = [rule for rule in rules if codes is None or stands_for(codes, rule)]
    if "C901" in named:  # radon's equivalent
        yield SuppressedMetric("cyclomatic_complexity")
    for rule in named:
        yield SuppressedMetric(rules[rule])


def _parse_ours(comment: Comment, start: re.Match[str] | None) -> Directive:
    text = _NEXT_COMMENT.split(comment.text)[0]
    match = _VERB.match(text, start.end() if start else 0)
    verb = match["verb"].lower() if match else ""
    is_for_file = verb == "ignore-file"
    problems = list(_find_problems(comment, verb, start["ours"] if start else ""))
    if match is None or problems:
        return Directive("antipasta", is_for_file, (), None, tuple(problems))
    reason = _parse_reason(match["reason"])
    if match["items"] is None:
        listed = _LIST.match(match["reason"])
        if listed and complete_name(listed["metric"]) in judged_metrics():
            problem = f"put metrics in brackets: {verb}[cyclomatic_complexity<=14]"
            return Directive("antipasta", is_for_file, (), None, (problem,))
        return Directive("antipasta", is_for_file, (SuppressedMetric(None),), reason)
    if not match["end"]:
        return Directive("antipasta", is_for_file, (), None, ('missing "]" after the list of metrics',))
    items, problems = _parse_items(match["items"], _find_known(is_for_file))
    return Directive("antipasta", is_for_file, items, reason, tuple(problems))


def _find_problems(comment: Comment, verb: str, name: str) -> Iterator[str]:
    """Yield the errors of a comment as a whole."""
    if name.lower() != "antipasta":
        yield f'unknown name "{name}"; write "antipasta:"'
    if verb not in _VERBS:
        hint = suggest(verb, _VERBS)
        yield f'unknown word "{verb}"; {hint}' if verb else f'nothing follows "antipasta:"; {hint}'
    elif verb == "ignore" and comment.block is None:
        yield "not at a function or class; put it on its line or the line above, or write ignore-file"
    elif verb == "ignore-file" and comment.column:
        yield "ignore-file must be on its own line, starting in the first column"


def _find_known(is_for_file: bool) -> list[str]:
    """Return the metrics that a comment can name."""
    metrics = judged_metrics().values()
    return [
        metric.name
        for metric in metrics
        if is_for_file or metric.scope == "block" or metric.name in BLOCK_METRICS
    ]


def _parse_items(text: str, known: Iterable[str]) -> tuple[tuple[SuppressedMetric, ...], list[str]]:
    items: dict[str | None, SuppressedMetric] = {}
    problems: list[str] = []
    for part in text.split(","):
        try:
            item = _parse_item(part.strip(), known)
        except ValueError as error:
            problems.append(str(error))
            continue
        if item.metric in items:
            problems.append(f"{item.metric} is listed twice; the first one is used")
        items.setdefault(item.metric, item)
    return tuple(items.values()), problems


def _parse_item(text: str, known: Iterable[str]) -> SuppressedMetric:
    match = _ITEM.fullmatch(text)
    if not text:
        raise ValueError("the list of metrics has an empty entry; to name all metrics, omit the list")
    if match is None:
        raise ValueError(
            f'can\'t parse "{text}"; write a metric name, optionally with a ceiling, as in metric<=14'
        )
    metric = _parse_metric(complete_name(match["metric"]), known)
    if match["comparison"] is None:
        return SuppressedMetric(metric)
    comparison = _CEILINGS.get(match["comparison"])
    if comparison is None:
        raise ValueError(
            f'"{match["comparison"]}" is not a valid operator in "{text}"; expected one of '
            f"{' '.join(_CEILINGS)}"
        )
    return SuppressedMetric(metric, comparison, _parse_number(match["ceiling"], text))


def _parse_metric(name: str, known: Iterable[str]) -> str:
    if name in known:
        return name
    if name in judged_metrics():
        raise ValueError(f"{name} is a file metric; write ignore-file[{name}]")
    if is_missing(name):
        raise ValueError(f"{name} belongs to an extension that is not installed")
    short = [short for short, metric in SHORT_NAMES.items() if metric in known]
    raise ValueError(f'unknown metric "{name}"; {suggest(name, known, short)}')


def _parse_number(text: str, item: str) -> Number:
    parse: Callable[[str], Number] = int if text.isdecimal() else float
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", text):
        raise ValueError(f'the ceiling in "{item}" is not a number >= 0')
    return parse(text)


def _parse_reason(text: str) -> str | None:
    """Return the reason in a text, without marks between a comment and its reason."""
    reason = text.strip(" \t-\N{EN DASH}\N{EM DASH}:,#")
    return reason if reason not in ("", NO_REASON) else None
