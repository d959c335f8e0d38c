"""Format a baseline, and changes to it, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_antipasta.baseline.update import EntryChange, Update
from pytest_antipasta.messages import count, printable_lines, show_name
from pytest_antipasta.model.judged import BaselineEntry, Verdict
from pytest_antipasta.model.run import Review
from pytest_antipasta.report.wording import format_number

# Maximum number of lines for one kind of change; `git diff` shows all.
_MOST = 10


@printable_lines
def format_review(verdicts: Iterable[Verdict], review: Review, pruning: str) -> Iterator[str]:
    """Yield what a baseline tolerates, which entries are not needed as they are, and what updates these."""
    number = sum(tolerated.why == "baseline" for verdict in verdicts for tolerated in verdict.tolerated)
    worse = f", {review.worse:,} of files worse than recorded (`strict_files` is off)" if review.worse else ""
    if number or worse:
        yield f"baseline: {count(number, 'violation')} tolerated{worse}"
    numbers = {
        "better than recorded": review.better,
        "recorded under another name or path": review.moved,
        "recorded but no longer needed": review.unneeded,
    }
    parts = [f"{number:,} {what}" for what, number in numbers.items() if number]
    if parts:
        yield f"baseline: {', '.join(parts)}; run `{pruning}` to update it"


@printable_lines
def format_entries(entries: Sequence[BaselineEntry]) -> Iterator[str]:
    """Yield entries in words with their reasons, and their number."""
    for entry in entries:
        yield _format_entry(entry) + (f"; reason: {entry.reason}" if entry.reason else "")
    yield _format_total(entries)


@printable_lines
def format_update(name: str, update: Update, state: str | None) -> Iterator[str]:
    """Yield whether a baseline was written, and its changes.

    The state is ``None`` if there is nothing to write.
    """
    if state is None:
        yield "no violations that can be recorded"
        return
    yield f"{name}: {state}, {_format_total(update.entries)}{_format_counts(update)}"
    yield from _iter_some("allows more", [_format_step(step) for step in update.looser])
    yield from _iter_some("allows less", [_format_step(step) for step in update.tighter])
    yield from _iter_some(
        "follows", [f"{_format_key(step.before)} to {_format_entry(step.after)}" for step in update.moved]
    )
    yield from _iter_some("removed", [_format_entry(entry) for entry in update.removed])


@printable_lines
def format_looser(name: str, update: Update, command: str) -> Iterator[str]:
    """Yield entries that allow more than the code needs, and the command that removes them."""
    yield from _iter_some("allows more than needed", [_format_slack(step) for step in update.tighter])
    yield from _iter_some("no longer needed", [_format_entry(entry) for entry in update.removed])
    number = len(update.tighter) + len(update.removed)
    entries = count(number, "entry allows", "entries allow")
    yield f"{name}: {entries} more than the code needs; run `{command}` to tighten it"


def _format_counts(update: Update) -> str:
    counts = {
        "added": len(update.added),
        "removed": len(update.removed),
        "allowing more": len(update.looser),
        "allowing less": len(update.tighter),
        "moved": len(update.moved),
        "whose code was edited": update.edited,
    }
    parts = [f"{number:,} {what}" for what, number in counts.items() if number]
    return f" ({', '.join(parts)})" if parts else ""


def _iter_some(what: str, texts: Sequence[str]) -> Iterator[str]:
    yield from (f"{what}: {text}" for text in texts[:_MOST])
    if len(texts) > _MOST:
        yield f"{what}: and {len(texts) - _MOST:,} more"


def _format_step(step: EntryChange) -> str:
    before, after = format_number(step.before.value), format_number(step.after.value)
    return f"{_format_key(step.after)} {before} \N{RIGHTWARDS ARROW} {after}"


def _format_slack(step: EntryChange) -> str:
    before, after = format_number(step.before.value), format_number(step.after.value)
    return f"{_format_key(step.after)}: allows {before}, the code has {after}"


def _format_total(entries: Sequence[BaselineEntry]) -> str:
    files = len({entry.path for entry in entries})
    return f"{count(len(entries), 'entry', 'entries')} for {count(files, 'file')}"


def _format_entry(entry: BaselineEntry) -> str:
    python = f" on Python {entry.python}" if entry.python else ""
    return f"{_format_key(entry)} {format_number(entry.value)}{python}"


def _format_key(entry: BaselineEntry) -> str:
    block = f" {entry.qualified_name}:" if entry.qualified_name else ""
    return f"{show_name(entry.path)}:{block} {entry.metric}"
