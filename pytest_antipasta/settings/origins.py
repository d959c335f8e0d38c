"""Find the origin of each setting: file and line."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.messages import format_path
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.measured import Block
from pytest_antipasta.model.registry import OUR_METRICS
from pytest_antipasta.settings.antipasta_yaml import CACHE_KEYS, DEFAULT_KEYS
from pytest_antipasta.settings.documents import Document, KeyPath
from pytest_antipasta.settings.load import read_named
from pytest_antipasta.settings.path_thresholds import FOR_TESTS, Projects, trace_functions, trace_thresholds
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import Settings

DEFAULT = "default"
_SHORT: dict[str | int, str] = {metric.name: metric.short for metric in OUR_METRICS if metric.short}
# antipasta's names of these settings.
_YAML_NAMES: dict[str | int, KeyPath] = {
    "exclude": ("ignore_patterns",),
    **{setting: ("cache", key) for key, setting in CACHE_KEYS.items()},
}


class Origins(Struct, frozen=True):
    """The places of settings in one file; without a file, only defaults apply."""

    document: Document | None

    def find(self, *key: str | int) -> str:
        """Return ``file:line`` for a key of our table, or ``default`` if the file does not set it."""
        if self.document is None:
            return DEFAULT
        if self.document.path.suffix.lower() == ".toml":
            return _find_place(self.document, key)
        return _find_place_in_yaml(self.document, key)

    def iter_written(self) -> Iterator[tuple[str, str]]:
        """Yield the keys that the file sets, including those in subtables, each with its place."""
        if self.document is None or not isinstance(self.document.data, dict):
            return
        for key, value in self.document.data.items():
            for inner in value if isinstance(value, dict) else [None]:
                names = (key,) if inner is None else (key, inner)
                yield ".".join(map(str, names)), _find_place(self.document, names)

    def locate_threshold(self, metric: str, origin: str) -> str:
        """Return the place where a threshold is set; ``origin`` is as in ``trace_thresholds``."""
        if origin == FOR_TESTS:
            return origin
        if origin.startswith("overrides"):
            index = int(origin[len("overrides[") : -1])
            return f"{origin}, {self.find('overrides', index, 'thresholds', metric)}"
        place = self.find("thresholds", metric)
        # A default that is written in the file has a place.
        return place if place == DEFAULT else f"settings, {place}"


def find_origins(settings: Settings, files: RuleFiles = DISK) -> Origins:
    """Read the file of the settings again, for its places; ``files`` are those that have read it."""
    return Origins(None if settings.source is None else read_named(settings.source, [], files))


Traced: TypeAlias = "Mapping[str, tuple[Threshold | None, str]]"
"""Limits by metric, each with the place where it is set; ``None`` for no limit."""


def trace_places(settings: Settings, path: str, *, is_generated: bool) -> Callable[[Block | None], Traced]:
    """Return a function that returns the limits of a block, or of the file for ``None``.

    The nearest settings decide; see :func:`trace_thresholds`.
    """
    project, inside = Projects(settings).find(path)
    origins = find_origins(project)
    by_default = DEFAULT
    if project is not settings and project.source is not None:
        by_default = f"{DEFAULT}, not set in {format_path(project.source)}"
    found: dict[str, tuple[Threshold | None, str]] = {}
    for metric, (threshold, origin) in trace_thresholds(project, inside).items():
        place = origins.locate_threshold(metric, origin)
        found[metric] = (threshold, by_default if place == DEFAULT else place)
    if is_generated:
        found |= dict.fromkeys(project.not_in_generated, (None, "default for generated files"))
    of_functions = [
        (limits, {metric: (limit, origins.locate_threshold(metric, origin))})
        for origin, limits in trace_functions(project, inside)
        for metric, limit in limits.thresholds
    ]

    def find(block: Block | None) -> Traced:
        own = [traced for limits, traced in of_functions if block is not None and limits.apply_to(block)]
        return {**found, **dict(ChainMap(*reversed(own)))}

    return find


def _find_place(document: Document, key: KeyPath) -> str:
    if not _has(document.data, key):
        key = (*key[:-1], _SHORT.get(key[-1], key[-1]))  # as the file may name a metric
    if not _has(document.data, key):
        return DEFAULT
    line = document.find_line((*document.key, *key))
    return format_path(document.path) + (f":{line}" if line else "")


def _find_place_in_yaml(document: Document, key: KeyPath) -> str:
    """Return the line of the corresponding key in YAML, or the file for lists of metrics."""
    if key[0] != "thresholds":
        place = _find_place(document, (*_YAML_NAMES.get(key[0], key[:1]), *key[1:]))
        # A missing item was created from the entries for languages.
        return format_path(document.path) if place == DEFAULT and len(key) > 1 else place
    if _has_python(document.data):
        return format_path(document.path)
    return _find_place(document, ("defaults", DEFAULT_KEYS.get(str(key[1]), "")))


def _has_python(data: object) -> bool:
    languages = data.get("languages") if isinstance(data, dict) else None
    return any(str(language["name"]).lower() == "python" for language in languages or ())


def _has(value: object, key: KeyPath) -> bool:
    for part in key:
        if isinstance(part, int):
            if not isinstance(value, list) or part >= len(value):
                return False
            value = value[part]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return False
    return True
