"""Format waivers: what a change newly allows, and what it takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pytest_antipasta.messages import (
    count,
    list_names,
    make_printable,
    printable_lines,
    show_name,
)
from pytest_antipasta.model.waivers import Waiver, Waivers

_ARROW = "\N{RIGHTWARDS ARROW}"
_WHAT = {"comment": "comment", "entry": "baseline entry", "settings": "settings", "moved": "other path"}
# Maximum number of waivers in a list, and of violations allowed by one of them.
_MOST, _NAMED = 20, 3


@printable_lines
def format_waivers(
    waivers: Waivers,
    place: Callable[[str], str] = show_name,
    format_recording: Callable[[Sequence[str]], str] | None = None,
) -> Iterator[str]:
    """Yield what a change newly allows, what it takes back, and whether it fails.

    Args:
        waivers: the waivers.
        place: converts a path for display.
        format_recording: returns the command that gives entries of some files a reason; ``None`` for one
            without their names.
    """
    added, gone = waivers.added, waivers.taken_back
    yield from _iter_some(f"{count(len(added), 'waiver')} added:", added, place, describe_waiver)
    yield from _iter_some(f"{count(len(gone), 'waiver')} removed:", gone, place, _describe_gone)
    if failing := sum(item.fails for item in waivers.added):
        is_reason = waivers.policy == "reason"
        yield (
            f"error: {count(failing, 'waiver')} {'without a reason' if is_reason else 'not allowed'}: "
            f'the settings before this change have new_waivers = "{waivers.policy}"'
        )
        advice = "remove them, or have a project owner merge the change despite this failure"
        yield f"    {_advise_reasons(waivers, format_recording) if is_reason else advice}"


def _advise_reasons(waivers: Waivers, format_recording: Callable[[Sequence[str]], str] | None) -> str:
    failing = [item for item in waivers.added if item.fails]
    paths = list(dict.fromkeys(item.path for item in failing if item.kind == "entry"))
    advice = [] if all(item.kind == "entry" for item in failing) else ["write it at the end of each comment"]
    if paths:
        command = "pytest-antipasta baseline write --reason TEXT PATH"
        advice.append(f"run `{command if format_recording is None else format_recording(paths)}`")
    return "; ".join(advice)


def _iter_some(
    title: str,
    waivers: Sequence[Waiver],
    place: Callable[[str], str],
    describe: Callable[[Waiver], str],
) -> Iterator[str]:
    if waivers:
        yield title
        yield from (f"  {place_waiver(waiver, place)}: {describe(waiver)}" for waiver in waivers[:_MOST])
    if len(waivers) > _MOST:
        yield f"  and {len(waivers) - _MOST} more"


def place_waiver(waiver: Waiver, place: Callable[[str], str] = show_name) -> str:
    """Return the place of a waiver."""
    return place(waiver.path) + (f":{waiver.line}" if waiver.line else "")


def describe_waiver(waiver: Waiver) -> str:
    """Return what a waiver allows, and by which means."""
    about = ": ".join(filter(None, (waiver.block, waiver.metric if waiver.kind != "settings" else None)))
    parts = [f"{about}: {_describe_cause(waiver)}" if about else _describe_cause(waiver)]
    if waiver.kind in ("settings", "moved") or waiver.effect is None:
        parts.append(format_effect(waiver.effect, waiver.text))
    elif len(waiver.effect) > 1:
        parts.append(f"allows {count(len(waiver.effect), 'value')}")
    if waiver.kind in ("comment", "entry") and waiver.reason:
        parts.append(f"reason: {waiver.reason}")
    return make_printable("; ".join(filter(None, parts)))


def _describe_gone(waiver: Waiver) -> str:
    """Return what was allowed before a change and is forbidden after it."""
    about = ": ".join(filter(None, (waiver.block, waiver.metric if waiver.kind == "entry" else None)))
    what = f"{_WHAT[waiver.kind]} {waiver.text}"
    if waiver.before is not None:
        what += f" ({waiver.before} {_ARROW} {waiver.after or 'removed'})"
    return make_printable(f"{about}: {what}" if about else what)


def _describe_cause(waiver: Waiver) -> str:
    before, after = waiver.before, waiver.after
    limits = "" if after is None else f" ({after})"
    if before is not None:
        limits = f" ({before} {_ARROW} {'no limit' if after is None else after})"
    if waiver.kind == "moved":
        if waiver.before == "critical":
            return f"no longer in critical_functions (was {waiver.text})"
        if waiver.after == "not measured":
            was = "an executable Python script" if waiver.text == waiver.path else waiver.text
            return f"no longer checked (was {was})"
        return f"was {waiver.text}, with a different limit{limits}"
    return f"{_WHAT[waiver.kind]} {waiver.text}{limits}"


def format_effect(effect: tuple[str, ...] | None, key: str) -> str:
    """Return which violations pass because of a waiver, or which values its setting drops."""
    if effect is None:
        return "effect unknown"
    if not effect:
        return ""
    named = list_names(effect, _NAMED)
    if key.startswith("critical_"):
        return f"no longer critical: {named}"
    return f"{count(len(effect), 'value')} would have failed: {named}"
