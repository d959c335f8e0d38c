"""The answers of ``cache`` in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_antipasta.cli.cache_facts_text import format_inspect, format_status
from pytest_antipasta.cli.cache_wording import count_entries
from pytest_antipasta.printable import printable_lines
from pytest_antipasta.report.wording import count

_MOST_BAD = 20


@printable_lines
def format_facts(action: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of an answer."""
    if facts.get("exists") is False:
        yield f"no store yet in {facts['location']}"
        return
    yield from facts.get("notes", ())
    yield from _FORMATS[action](facts)


def _format_verify(facts: Mapping[str, Any]) -> Iterator[str]:
    removed = "removed" if facts["repaired"] else "`pytest-antipasta cache verify --repair` removes it"
    if "damage" in facts:
        yield f"the database is damaged: {facts['damage']}"
        yield "the next run begins it anew" if facts["repaired"] else removed
        return
    bad = facts["bad"]
    for entry in bad[:_MOST_BAD]:
        yield f"bad: {entry['key']}: {entry['reason']}"
    if len(bad) > _MOST_BAD:
        yield f"and {len(bad) - _MOST_BAD} more"
    told = f"{len(bad)} bad, {removed}" if bad else "all good"
    yield f"{count_entries(facts['entries'])} read, {facts['measured_again']} measured again: {told}"


def _format_removed(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"{count_entries(facts['removed'])} removed, {facts['entries']} left"


def _format_warm(facts: Mapping[str, Any]) -> Iterator[str]:
    errors = f", {facts['errors']} can't be measured" if facts["errors"] else ""
    yield f"{count(facts['files'], 'file')}: {facts['known']} known, {facts['measured']} measured{errors}"


_FORMATS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "status": format_status,
    "inspect": format_inspect,
    "verify": _format_verify,
    "prune": _format_removed,
    "clear": _format_removed,
    "warm": _format_warm,
}
