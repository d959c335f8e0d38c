"""The JSON Schema of our table, generated from the parsers that read it.

What a key takes is found out by offering values to its parser, so that the two can't say different things
and a new key has its place here by being read at all. Only choices and defaults are taken from the types
and values of ``Settings``, its descriptions from there as well.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias, get_args

import msgspec.structs
from msgspec.structs import FieldInfo

from pytest_antipasta.extension import JudgedMetric, default_thresholds, judged_metrics
from pytest_antipasta.model import Comparison, Threshold
from pytest_antipasta.settings.entries import Entry, Remarks
from pytest_antipasta.settings.table import PARSERS
from pytest_antipasta.settings.values import Settings

Parse: TypeAlias = Callable[[Entry], object]
Schema: TypeAlias = dict[str, Any]

NOT_BLANK: Schema = {"type": "string", "pattern": r"\S"}
GLOB: Schema = {"type": "string", "pattern": r"^(?!!?\.\.?/).*\S"}
# No number that a setting takes at least is larger.
_LARGEST_LEAST = 100
OFF: Schema = {"const": False}


def describe_table(properties: Mapping[str, Schema], **more: Any) -> Schema:
    """Return the schema of a table that has these keys and no others."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def find_shape(parse: Parse, field: FieldInfo | None) -> Schema:
    """Return the schema of what a parser takes.

    Args:
        parse: of one key.
        field: the key's place in ``Settings``; its type may name choices.
    """
    finders = (
        _iter_truths(parse),
        _iter_texts(parse, field),
        _iter_numbers(parse),
        _iter_lists(parse, field),
    )
    shapes = [shape for found in finders for shape in found]
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _iter_truths(parse: Parse) -> Iterator[Schema]:
    if _takes(parse, True):
        yield {"type": "boolean"}
    elif _takes(parse, False):
        yield OFF


def _iter_texts(parse: Parse, field: FieldInfo | None) -> Iterator[Schema]:
    if _takes(parse, "another"):
        yield NOT_BLANK if _takes(parse, "./another") else GLOB
    elif words := [word for word in _find_words(field) if _takes(parse, word)]:
        yield {"enum": words}


def _iter_numbers(parse: Parse) -> Iterator[Schema]:
    least = next((number for number in range(_LARGEST_LEAST + 1) if _takes(parse, number)), None)
    if least is not None:
        kind = "number" if _takes(parse, least + 0.5) else "integer"
        is_open = _takes(parse, least - 0.5)
        yield {"type": kind, "exclusiveMinimum": 0} if is_open else {"type": kind, "minimum": least}


def _iter_lists(parse: Parse, field: FieldInfo | None) -> Iterator[Schema]:
    least = {} if _takes(parse, []) else {"minItems": 1}
    if _takes(parse, ["a"]):
        items = NOT_BLANK if _takes(parse, ["./a"]) else GLOB
        yield {"type": "array", "items": items} | least
    elif words := [word for word in _find_words(field) if _takes(parse, [word])]:
        yield {"type": "array", "items": {"enum": words}} | least


def _takes(parse: Parse, value: object) -> bool:
    remarks = Remarks()
    parse(Entry(("key",), value, remarks))
    return not remarks.problems


def _find_words(field: FieldInfo | None) -> Iterator[str]:
    """Find the words among which a field's type chooses, whatever else it may be."""
    waiting = [field.type] if field is not None else []
    while waiting:
        inner = get_args(waiting.pop(0))
        yield from (word for word in inner if isinstance(word, str))
        waiting += (part for part in inner if not isinstance(part, str))


_LIMIT: Schema = {"type": "number", "minimum": 0}


def describe_thresholds(defaults: Mapping[str, Threshold]) -> Schema:
    """Return the schema of a table of thresholds; without defaults, of an override's."""
    metrics = judged_metrics().values()
    return describe_table({metric.name: _describe_threshold(metric, defaults) for metric in metrics})


def _describe_threshold(metric: JudgedMetric, defaults: Mapping[str, Threshold]) -> Schema:
    parts: dict[str, Schema] = {
        "limit": _LIMIT,
        "comparison": {"enum": list(get_args(Comparison)), "default": metric.comparison},
    }
    if metric.has_block_limit:
        parts["block_limit"] = {"anyOf": [_LIMIT, OFF]}
    # Nothing can be taken from a default that is not there. An override may have it from the settings.
    needed: Schema = {"required": ["limit"]} if defaults and metric.name not in defaults else {}
    schema: Schema = {"anyOf": [_LIMIT, OFF, describe_table(parts, **needed)]}
    return schema | ({"default": defaults[metric.name].limit} if metric.name in defaults else {})


def describe_overrides() -> Schema:
    """Return the schema of the list of overrides."""
    files = {"type": "array", "items": GLOB, "minItems": 1}
    table = describe_table(
        {"files": files, "thresholds": describe_thresholds({})}, required=["files", "thresholds"]
    )
    return {"type": "array", "items": table, "default": []}


_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_schema() -> Schema:
    """Return the schema (draft 2020-12) of what may stand in ``[tool.pytest-antipasta]``."""
    return {
        "$schema": _DIALECT,
        "title": "[tool.pytest-antipasta]",
        "description": "Settings of pytest-antipasta.",
        **describe_table({name: _describe_key(name) for name in PARSERS}),
    }


def make_pyproject_schema() -> Schema:
    """Return the schema of a ``pyproject.toml`` of which only our table is known."""
    ours = {name: value for name, value in make_schema().items() if name != "$schema"}
    tool = {"type": "object", "properties": {"pytest-antipasta": ours}}
    return {
        "$schema": _DIALECT,
        "title": "pyproject.toml with settings of pytest-antipasta",
        "type": "object",
        "properties": {"tool": tool},
    }


def _describe_key(name: str) -> Schema:
    field = _FIELDS.get(name)
    text = _find_descriptions().get(name)
    schema: Schema = {"description": text} if text else {}
    if name in _SPECIAL:
        return schema | _SPECIAL[name]()
    schema |= find_shape(PARSERS[name], field)
    if field is not None and field.default not in (msgspec.NODEFAULT, None):
        schema["default"] = _plain(field.default)
    return schema


def _find_descriptions() -> dict[str, str]:
    """Find what the documentation of ``Settings`` says; without it (``-OO``) there is nothing to say."""
    _, _, attributes = (inspect.getdoc(Settings) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): ((?:.+\n?(?:        )?)+?)(?=^    \w|\Z)", attributes, re.MULTILINE)
    return {name: " ".join(text.replace("``", "`").split()) for name, text in found}


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return os.fspath(value)
    return list(value) if isinstance(value, tuple) else value


_FIELDS: Mapping[str, FieldInfo] = {field.name: field for field in msgspec.structs.fields(Settings)}
_SPECIAL: Mapping[str, Callable[[], Schema]] = {
    "thresholds": lambda: describe_thresholds(default_thresholds()),
    "overrides": describe_overrides,
}
