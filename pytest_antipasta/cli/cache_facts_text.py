"""What ``cache status`` and ``cache inspect`` tell, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_antipasta.cli.cache_wording import count_entries, format_age, format_size
from pytest_antipasta.report.wording import count, format_number


def format_status(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of ``cache status``."""
    yield f"location: {facts['location']}"
    usable = f"{facts['usable_entries']} of them of this version"
    roots = f"files of {count(facts['roots'], 'root')}"
    yield f"entries: {count(facts['entries'], 'measurement')}, {usable}; {roots}"
    limit = format_size(facts["max_size"])
    entries = f" and {count_entries(facts['max_entries'])}" if facts["max_entries"] else ""
    yield f"size: {format_size(facts['size'])} of at most {limit}{entries}, {facts['eviction']} first"
    if facts["age"] is not None:
        yield f"age: {format_age(facts['age'])}, longest unused: {format_age(facts['longest_unused'])}"
    yield _format_run(facts["last_run"])
    yield f"fingerprint: {facts['fingerprint']}"
    yield "versions: " + ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    if facts["other_layouts"]:
        yield f"stores of other versions: {', '.join(facts['other_layouts'])}"


def _format_run(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "last run: none yet"
    rate = "no files" if run["hit_rate"] is None else f"{100 * run['hit_rate']:.1f} % found"
    numbers = f"{count(run['hits'], 'hit')}, {run['misses']} missing"
    return f"last run: {rate} ({numbers}), {format_age(run['age'])} ago"


def format_inspect(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of ``cache inspect``."""
    yield f"{facts['path']}: {'stored' if facts['stored'] else 'not stored'}"
    yield f"key: {facts['key']}"
    if not facts["stored"]:
        return
    packed = ", compressed" if facts.get("compressed") else ""
    yield f"size: {format_size(facts['size'])}{packed}"
    yield f"stored {format_age(facts['age'])} ago, last used {format_age(facts['unused'])} ago"
    if "bad" in facts:
        yield f"unreadable: {facts['bad']}; `pytest-antipasta cache verify --repair` removes it"
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
