"""The runs that have used the store, for ``cache status``, as facts and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from msgspec.structs import asdict

from pytest_antipasta.messages import count
from pytest_antipasta.store import DAYS, PastRun, RunKind, find_hit_rate

# Number of runs that are listed.
_LAST = 5


def describe_runs(runs: Sequence[PastRun], now: float) -> dict[str, object]:
    """Return the facts about runs in the order of their ends: the last runs, and hit rates."""
    past = [
        {"age": now - run.time, **asdict(run), "hit_rate": find_hit_rate([run])}
        for run in reversed(runs[-_LAST:])
    ]
    kinds = {kind: _sum_up(run for run in runs if run.kind == kind) for kind in get_args(RunKind)}
    return {
        "last_run": past[0] if past else None,
        "runs": past,
        "recent": {"days": DAYS, **_sum_up(runs), **kinds},
    }


def _sum_up(runs: Iterable[PastRun]) -> dict[str, object]:
    runs = list(runs)
    return {"runs": len(runs), "hit_rate": find_hit_rate(runs)}


def iter_run_lines(runs: Sequence[Mapping[str, Any]], recent: Mapping[str, Any]) -> Iterator[str]:
    """Yield lines about some runs, newest first, and about all runs of the last days."""
    yield f"last run: {_format_run(runs[0]) if runs else 'none yet'}"
    yield from (f"before: {_format_run(run)}" for run in runs[1:])
    yield _format_recent(recent)


def format_age(seconds: float) -> str:
    """Return an age in the largest unit with a value of two or more."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{count(int(seconds / length), unit)}"
    return count(max(int(seconds), 0), "second")


_KINDS = {"ci": "in CI", "hook": "by a hook", "other": "by hand"}


def _format_run(run: Mapping[str, Any]) -> str:
    numbers = f"{count(run['hits'], 'hit')}, {run['misses']} missing"
    ended = f"{format_age(run['age'])} ago, in {run['seconds']:.2f} s"
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
