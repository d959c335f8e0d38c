"""What to do about an unknown name in ``[tool.pytest-antipasta]``: correct it, or put it in its own table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_antipasta.extension.metrics import default_thresholds, judged_metrics
from pytest_antipasta.messages import find_nearest, suggest
from pytest_antipasta.model.registry import SHORT_NAMES
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.values import WRITTEN

OVERRIDE = ("files", "functions", "thresholds")
"""The keys of an override."""
_TABLE = "tool.pytest-antipasta"
_SELECTING = dict.fromkeys(("files", "functions"), f"[[{_TABLE}.overrides]]")
_PARTS = dict.fromkeys(("limit", "comparison", "block_limit", "level"), f"[{_TABLE}.thresholds.METRIC]")


def advise_setting(entry: Entry) -> str:
    """Return what to do about an unknown entry of the main table."""
    metrics = _find_metrics(f"[{_TABLE}.thresholds]")
    if isinstance(entry.value, dict) and not metrics.keys().isdisjoint(entry.value):
        return 'did you mean "thresholds"?'
    places = _SELECTING | _PARTS | metrics
    return _advise(entry.name, WRITTEN, (), places)


def advise_metric(entry: Entry) -> str:
    """Return what to do about an unknown entry of a table of limits."""
    places = _SELECTING | _PARTS | dict.fromkeys(WRITTEN, f"[{_TABLE}]")
    return _advise(entry.name, judged_metrics(), SHORT_NAMES, places)


def advise_override(entry: Entry) -> str:
    """Return what to do about an unknown entry of an override."""
    return _advise(entry.name, OVERRIDE, (), _find_metrics(f"[{_TABLE}.overrides.thresholds]"))


def _find_metrics(header: str) -> dict[str, str]:
    return dict.fromkeys((*judged_metrics(), *SHORT_NAMES), header)


def _advise(name: str, known: Iterable[str], short: Iterable[str], places: Mapping[str, str]) -> str:
    """Return what to do about a name; metrics without a default limit are not guessed for other tables."""
    likely = [place for place in places if place not in judged_metrics() or place in default_thresholds()]
    nearest = name if name in places else find_nearest(name, (*known, *short, *likely))
    if nearest is None or nearest not in places:
        return suggest(name, known, short)
    return f'put "{nearest}" under {places[nearest]}'
