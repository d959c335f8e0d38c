"""Migrating ``.antipasta.yaml``, which also works as it is, to a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_antipasta.messages import format_json
from pytest_antipasta.settings import DEFAULT, find_origins, format_short, load_settings
from pytest_antipasta.setup.migration.values import Lost, Setting


def convert_antipasta(path: Path) -> Iterator[Setting | Lost]:
    """Yield what the file says, all of its thresholds among it.

    Raises:
        UsageError: it is wrong.
    """
    settings, notes = load_settings(path.parent, path)
    origins = find_origins(settings)
    for note in notes:
        place, _, why = note.rpartition(": ")
        yield Lost(place, why)
    for index, pattern in enumerate(settings.exclude):
        yield Setting("exclude", format_json(pattern), origins.find("exclude", index))
    origin = origins.find("use_gitignore")
    if origin != DEFAULT:
        yield Setting("use_gitignore", format_json(settings.use_gitignore), origin)
    for metric, threshold in settings.thresholds.items():
        origin = origins.find("thresholds", metric)
        yield Setting(metric, format_short(threshold), "antipasta's default" if origin == DEFAULT else origin)
