"""The output of ``pytest-antipasta cache`` as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_antipasta.messages import count
from pytest_antipasta.report.wording import format_number
from pytest_antipasta.store.protocol import DAY


def _format_size(size: float) -> str:
    """Return a size in bytes with a unit."""
    if size < 1000:
        return count(int(size), "byte")
    return f"{size / 1e3:.1f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"


def _format_status(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of ``cache status``."""
    yield f"location: {facts['location']}"
    roots = count(facts["roots"], "root")
    memos = f", {count(facts['memos'], 'memo')} of commits" if facts["memos"] else ""
    yield f"entries: {facts['entries']:,} ({_format_measurements(facts)}; index of {roots}{memos})"
    limit = _format_size(facts["max_size"])
    entries = f" and {count(facts['max_entries'], 'entry', 'entries')}" if facts["max_entries"] else ""
    yield f"size: {_format_size(facts['size'])} of at most {limit}{entries}, {facts['eviction']} first"
    if facts["age"] is not None:
        yield f"age: {_format_age(facts['age'])}, longest unused: {_format_unused(facts['longest_unused'])}"
    last, *before = facts["runs"] or (None,)
    yield f"last run: {_format_run(last) if last else 'none yet'}"
    yield from (f"before: {_format_run(run)}" for run in before)
    yield _format_recent(facts["recent"])
    if history := facts["history"]:
        number = f"{count(history['entries'], 'entry', 'entries')} ({_format_measurements(history)})"
        size = f"{_format_size(history['size'])} of at most {_format_size(history['max_size'])}"
        yield f"history: {number}, {size}"
    yield f"fingerprint: {facts['fingerprint']}"
    yield "versions: " + ", ".join(f"{name} {version}" for name, version in facts["versions"].items())


def _format_measurements(facts: Mapping[str, Any]) -> str:
    return f"{count(facts['measurements'], 'measurement')}, {facts['usable_measurements']:,} of this version"


def _format_age(seconds: float) -> str:
    """Return an age in the largest unit with a value of two or more."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{count(int(seconds / length), unit)}"
    return count(max(int(seconds), 0), "second")


def _format_unused(seconds: float) -> str:
    """Return the time since the last use of an entry at most, as the store notes one use a day."""
    return f"at most {_format_age(seconds)}" if seconds >= DAY else "less than a day"


_KINDS = {"ci": "in CI", "hook": "by a hook", "other": "by hand"}


def _format_run(run: Mapping[str, Any]) -> str:
    numbers = f"{count(run['hits'], 'hit')}, {run['misses']:,} missing"
    ended = f"{_format_age(run['age'])} ago, in {run['seconds']:.2f} s"
    kind = "" if run["kind"] == "other" else f", {_KINDS[run['kind']]}"
    return f"{_format_rate(run)} ({numbers}), {ended}{kind}"


def _format_recent(recent: Mapping[str, Any]) -> str:
    """Return the hit rate of the last days, for all runs and for each kind of run."""
    kinds = ", ".join(
        f"{count(recent[kind]['runs'], 'run')} {text}: {_format_rate(recent[kind])}"
        for kind, text in _KINDS.items()
        if recent[kind]["runs"]
    )
    runs = f"{count(recent['runs'], 'run')} in {recent['days']} days"
    return f"{runs}: {_format_rate(recent)} ({kinds})" if kinds else runs


def _format_rate(facts: Mapping[str, Any]) -> str:
    return "no files" if facts["hit_rate"] is None else f"{100 * facts['hit_rate']:.1f} % found"


def _format_inspect(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of ``cache inspect``."""
    yield f"{facts['path']}: {'stored' if facts['stored'] else 'not stored'}"
    yield f"key: {facts['key']}"
    if not facts["stored"]:
        return
    packed = ", compressed" if facts.get("compressed") else ""
    yield f"size: {_format_size(facts['size'])}{packed}"
    yield f"stored {_format_age(facts['age'])} ago, last used {_format_unused(facts['unused'])} ago"
    if "bad" in facts:
        yield f"unreadable: {facts['bad']}; to remove, run `pytest-antipasta cache verify --repair`"
        return
    yield from _format_numbers(facts["file"])


def _format_numbers(file: Mapping[str, Any]) -> Iterator[str]:
    for name, value in file["metrics"].items():
        yield f"  {name}: {'none' if value is None else format_number(value)}"
    for block in file["blocks"]:
        complexity = f"cyclomatic {block['cyclomatic_complexity']}"
        if block["cognitive_complexity"] is not None:
            complexity += f", cognitive {block['cognitive_complexity']}"
        yield f"  {block['line']}: {block['kind']} {block['qualified_name']}: {complexity}"


_MOST_BAD = 20


def _format_verify(facts: Mapping[str, Any]) -> Iterator[str]:
    removed = "removed" if facts["repaired"] else "to remove, run `pytest-antipasta cache verify --repair`"
    if "damage" in facts:
        yield f"the database is damaged: {facts['damage']}"
        yield "the next run creates a new one" if facts["repaired"] else removed
    if "bad" not in facts:
        return
    bad = facts["bad"]
    for entry in bad[:_MOST_BAD]:
        yield f"bad: {entry['key']}: {entry['reason']}"
    if len(bad) > _MOST_BAD:
        yield f"and {len(bad) - _MOST_BAD:,} more"
    outcome = f"{len(bad):,} bad, {removed}" if bad else "no problems"
    read = count(facts["entries"], "entry", "entries")
    yield f"{read} read, {facts['measured_again']:,} measured again: {outcome}"


def format_facts(action: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of an action's result."""
    if facts.get("exists") is False:
        yield f"no store yet in {facts['location']}"
        return
    yield from facts.get("notes", ())
    if action in _LONG:
        yield from _LONG[action](facts)
    elif action == "export":
        number, size = count(facts["exported"], "measurement"), _format_size(facts["size"])
        yield f"{number} written to {facts['path']}, {size}"
    elif action == "import":
        usable = "" if facts["usable"] == facts["imported"] else f", {facts['usable']:,} of this version"
        yield f"{count(facts['imported'], 'measurement')} imported{usable}"
        yield from filter(None, [facts["advice"]])
    elif action == "warm":
        errors = f", {facts['errors']:,} could not be measured" if facts["errors"] else ""
        copies = f", {count(facts['copies'], 'copy', 'copies')} of other files" if facts["copies"] else ""
        known = f"{facts['known']:,} already stored, {facts['measured']:,} measured{copies}{errors}"
        yield f"{count(facts['files'], 'file')}: {known}"
    else:
        removed = "would be removed" if facts.get("dry_run") else "removed"
        yield f"{count(facts['removed'], 'entry', 'entries')} {removed}, {facts['entries']:,} left"


_LONG: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "status": _format_status,
    "inspect": _format_inspect,
    "verify": _format_verify,
}
