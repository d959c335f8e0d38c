"""Format waivers: what a change newly allows, and what it takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pytest_antipasta.extension.metrics import look_up_metric, rank_metric
from pytest_antipasta.messages import (
    count,
    list_names,
    make_printable,
    printable_lines,
    show_name,
)
from pytest_antipasta.model.finding import Finding
from pytest_antipasta.model.waivers import BOUNDS, NO_REASON, Waiver, Waivers
from pytest_antipasta.report.wording import format_place

_ARROW = "\N{RIGHTWARDS ARROW}"
_WHAT = {"comment": "comment", "entry": "baseline entry", "settings": "settings", "moved": "other path"}
# Maximum number of waivers in a list, and of places or violations in a line.
_MOST, _NAMED = 20, 3


@printable_lines
def format_waivers(
    waivers: Waivers,
    show_path: Callable[[str], str] = show_name,
    format_recording: Callable[[Sequence[str]], str] | None = None,
) -> Iterator[str]:
    """Yield what a change newly allows, what it takes back, and whether it fails.

    Args:
        waivers: the waivers.
        show_path: converts a path for display.
        format_recording: returns the command that gives entries of some files a reason; ``None`` for one
            without their names.
    """
    added, gone = group_waivers(waivers.listed), waivers.taken_back
    added_lines = [f"{locate_waiver(group[0], show_path)}: {describe_group(group)}" for group in added]
    gone_lines = [f"{locate_waiver(item, show_path)}: {_describe_gone(item)}" for item in gone]
    yield from iter_new_baseline(waivers)
    yield from _iter_some(f"{count(len(added), 'waiver')} added:", added_lines)
    yield from _iter_some(f"{count(len(gone), 'waiver')} removed or lowered:", gone_lines)
    if what := describe_failing(waivers):
        yield f'error: {what} (new_waivers = "{waivers.policy}", which a change can\'t edit for itself)'
        is_reason = waivers.policy == "reason"
        advice = "undo what is not allowed, or have a project owner merge the change despite this failure"
        yield f"    {_advise_reasons(waivers, show_path, format_recording) if is_reason else advice}"


def describe_failing(waivers: Waivers) -> str:
    """Return how many waivers fail a change, and why; empty if none does."""
    failing = sum(any(item.fails for item in group) for group in group_waivers(waivers.listed))
    reason = "without a reason" if waivers.policy == "reason" else "not allowed"
    return f"{count(failing, 'waiver')} {reason}" if failing else ""


def iter_new_baseline(waivers: Waivers) -> Iterator[str]:
    """Yield how many entries a baseline has that a change adds as a whole."""
    if paths := waivers.new_baseline:
        entries = count(len(paths), "entry", "entries")
        yield f"new baseline: {entries} for {count(len(set(paths)), 'file')}"


def _advise_reasons(
    waivers: Waivers,
    show_path: Callable[[str], str],
    format_recording: Callable[[Sequence[str]], str] | None,
) -> str:
    """Return how to give failing waivers a reason, with the first places, as their list may be cut."""
    failing = [item for item in waivers.added if item.fails]
    paths = list(dict.fromkeys(item.path for item in failing if item.kind == "entry"))
    comments = list(dict.fromkeys(locate_waiver(item, show_path) for item in failing if item.kind != "entry"))
    advice = [f"write it at the end of each comment: {list_names(comments, _NAMED)}"] if comments else []
    if paths:
        command = f"pytest-antipasta baseline write --reason {NO_REASON} PATH"
        advice.append(f"run `{command if format_recording is None else format_recording(paths)}`")
    return "; ".join(advice)


def _iter_some(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  {line}" for line in lines[:_MOST])
    if len(lines) > _MOST:
        yield f"  and {len(lines) - _MOST:,} more"


def group_waivers(waivers: Iterable[Waiver]) -> list[list[Waiver]]:
    """Return waivers in groups: the metrics of a comment, or those of a function in the baseline."""
    found: dict[object, list[Waiver]] = {}
    for number, item in enumerate(waivers):
        is_grouped = item.kind in ("comment", "entry") and item.metric is not None
        place = (item.path, item.cell, item.line, item.block)
        key = (item.kind, place, item.text, item.reason) if is_grouped else number
        found.setdefault(key, []).append(item)
    return list(found.values())


def describe_group(group: Sequence[Waiver]) -> str:
    """Return what a comment or the entries of a function allow, with the reason once."""
    first = group[0]
    if len(group) == 1:
        return _describe_waiver(first)
    changes = (
        f"{look_up_metric(item.metric or '').label} {_describe_limits(item)}"
        for item in sorted(group, key=lambda item: rank_metric(item.metric or ""))
    )
    parts = [f"{_WHAT[first.kind]} {first.text} ({', '.join(changes)})", *_iter_reason(first)]
    return make_printable(f"{first.block}: {'; '.join(parts)}" if first.block else "; ".join(parts))


def _describe_limits(waiver: Waiver) -> str:
    """Return what was allowed before, and what is allowed now."""
    after = "no limit" if waiver.after is None else waiver.after
    return after if waiver.before is None else f"{waiver.before} {_ARROW} {after}"


def locate_waiver(waiver: Waiver, show_path: Callable[[str], str]) -> str:
    """Return the place of a waiver."""
    return format_place(show_path(waiver.path), waiver.cell, waiver.line)


def find_waivers(waivers: Waivers) -> Iterator[Finding]:
    """Yield the new waivers as findings, for services: each says what it allows, and by which means."""
    for item in waivers.listed:
        yield Finding(
            status="failing" if item.fails else "warning",
            rule="waiver",
            path=item.path,
            line=item.line,
            cell=item.cell,
            message=_describe_waiver(item),
        )


def describe_in_file(finding: Finding) -> str:
    """Return the message of a finding or a waiver for services that list both."""
    begin = "waiver added: " if finding.rule == "waiver" else ""
    return f"{begin}{finding.message_in_file}"


def _describe_waiver(waiver: Waiver) -> str:
    """Return what a waiver allows, and by which means."""
    about = ": ".join(filter(None, (waiver.block, waiver.metric if waiver.kind != "settings" else None)))
    parts = [f"{about}: {_describe_cause(waiver)}" if about else _describe_cause(waiver)]
    if waiver.kind in ("settings", "moved") or waiver.effect is None:
        parts.append(format_effect(waiver.effect, waiver.text))
    elif len(waiver.effect) > 1:
        parts.append(f"allows {count(len(waiver.effect), 'value')}")
    return make_printable("; ".join((*filter(None, parts), *_iter_reason(waiver))))


def _iter_reason(waiver: Waiver) -> Iterator[str]:
    """Yield the reason of a comment or an entry, unless the comment's text is shown and has it."""
    if waiver.reason and waiver.reason not in waiver.text:
        yield f"reason: {waiver.reason}"


def _describe_gone(waiver: Waiver) -> str:
    """Return what was allowed before a change and is forbidden after it."""
    about = ": ".join(filter(None, (waiver.block, waiver.metric if waiver.kind == "entry" else None)))
    what = f"{_WHAT[waiver.kind]} {waiver.text}"
    if waiver.before is not None:
        what += f" ({waiver.before} {_ARROW} {waiver.after or 'removed'})"
    return make_printable(f"{about}: {what}" if about else what)


def _describe_cause(waiver: Waiver) -> str:
    has_limits = (waiver.before, waiver.after) != (None, None)
    limits = f" ({_describe_limits(waiver)})" if has_limits else ""
    if waiver.kind == "moved":
        if waiver.before == "critical":
            is_in_place = waiver.text == f"{waiver.path}::{waiver.block}"
            why = "its decorators changed" if is_in_place else f"was {waiver.text}"
            return f"no longer in critical_functions ({why})"
        if waiver.after == "not measured":
            was = "an executable Python script" if waiver.text == waiver.path else waiver.text
            return f"no longer checked (was {was})"
        if waiver.text == f"{waiver.path}::{waiver.block}":
            return f"its decorators select a different limit{limits}"
        return f"was {waiver.text}, with a different limit{limits}"
    return f"{_WHAT[waiver.kind]} {waiver.text}{limits}"


def format_effect(effect: tuple[str, ...] | None, key: str) -> str:
    """Return what a waiver lets pass: violations, values that its setting drops, or files without values."""
    if effect is None:
        return "effect unknown"
    if not effect:
        return ""
    if key in BOUNDS.values():
        files = [item.rpartition(" ")[0] for item in effect]
        return f"{count(len(files), 'file')} not measured: {list_names(files, _NAMED)}"
    named = list_names(effect, _NAMED)
    if key.startswith("critical_"):
        return f"no longer critical: {named}"
    return f"{count(len(effect), 'value')} would have failed: {named}"
