"""The JSON Schema of our table, made from the parsers that read it.

What a key takes is found out by offering values to its parser, so that the two can't say different things
and a new key has its place here by being read at all. Only choices and defaults are taken from the types
and values of ``Settings``, its descriptions from there as well.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec.structs
from msgspec.structs import FieldInfo

from pytest_antipasta.settings.shapes import Schema, describe_table, find_shape
from pytest_antipasta.settings.table import PARSERS
from pytest_antipasta.settings.threshold_schema import describe_overrides, describe_thresholds
from pytest_antipasta.settings.values import DEFAULT_THRESHOLDS, Settings

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
    schema |= _SPECIAL[name] if name in _SPECIAL else find_shape(PARSERS[name], field)
    if field is not None and name not in _SPECIAL and field.default not in (msgspec.NODEFAULT, None):
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
_SPECIAL: Mapping[str, Schema] = {
    "thresholds": describe_thresholds(DEFAULT_THRESHOLDS),
    "overrides": describe_overrides(),
}
