"""Make the JSON Schema of our table from its table of parsers.

This module maps parsers to schemas; choices and defaults come from the parsers, descriptions from the
docstring of ``Settings``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, get_args

import msgspec.structs

from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES
from pytest_antipasta.extension.metrics import default_thresholds, judged_metrics
from pytest_antipasta.model.judged import Comparison, Level, Threshold
from pytest_antipasta.model.registry import JudgedMetric
from pytest_antipasta.settings.languages import LANGUAGE
from pytest_antipasta.settings.scalars import (
    LEAST_MEMORY,
    parse_bool,
    parse_choice,
    parse_count,
    parse_folder,
    parse_glob,
    parse_jobs,
    parse_memory,
    parse_size,
    parse_some_texts,
    parse_text,
    parse_texts,
)
from pytest_antipasta.settings.table import FUNCTION, PARSERS, Parse
from pytest_antipasta.settings.values import Settings

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOT_BLANK: Schema = {"type": "string", "pattern": r"\S"}
_GLOB: Schema = {"type": "string", "pattern": r"^(?!!?\.\.?/).*\S"}
_FUNCTION: Schema = {"type": "string", "pattern": FUNCTION}
_LIMIT: Schema = {"type": "number", "minimum": 0}
_OFF: Schema = {"const": False}
_SHAPES: Mapping[Parse, Schema] = {
    parse_bool: {"type": "boolean"},
    parse_size: {"type": "number", "exclusiveMinimum": 0},
    parse_memory: {"type": "number", "minimum": LEAST_MEMORY},
    parse_count: {"type": "integer", "minimum": 1},
    parse_jobs: {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}]},
    parse_text: _NOT_BLANK,
    parse_folder: _NOT_BLANK,
    parse_glob: _GLOB,
    parse_texts: {"type": "array", "items": _NOT_BLANK},
}


def make_schema() -> Schema:
    """Return the schema (draft 2020-12) of ``[tool.pytest-antipasta]``."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    descriptions = _find_descriptions()
    return {
        "$schema": _DIALECT,
        "title": "[tool.pytest-antipasta]",
        "description": "Settings of pytest-antipasta.",
        **_describe_table(
            {
                name: descriptions.get(name, {}) | _describe_key(name, parse, defaults[name])
                for name, parse in PARSERS.items()
            }
        ),
    }


def make_pyproject_schema() -> Schema:
    """Return the schema of a ``pyproject.toml`` that describes only our table."""
    ours = {name: value for name, value in make_schema().items() if name != "$schema"}
    tool = {"type": "object", "properties": {"pytest-antipasta": ours}}
    return {
        "$schema": _DIALECT,
        "title": "pyproject.toml with settings of pytest-antipasta",
        "type": "object",
        "properties": {"tool": tool},
    }


def _describe_table(properties: Mapping[str, Schema], **more: Any) -> Schema:
    """Return the schema of a table with only these keys."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def _describe_key(name: str, parse: Parse, default: object) -> Schema:
    if name in _SPECIAL:
        return _SPECIAL[name]()
    if default is None:
        return _find_shape(parse)
    return _find_shape(parse) | {"default": list(default) if isinstance(default, tuple) else default}


def _find_shape(parse: Parse) -> Schema:
    """Return the schema of the values that a parser accepts."""
    if not isinstance(parse, partial):
        return _SHAPES[parse]
    if parse.func is parse_choice:
        return {"enum": list(parse.keywords["choices"])}
    least = {"minItems": 1} if parse.func is parse_some_texts else {}
    return {"type": "array", "items": _find_shape(parse.keywords["parse"]), **least}


def _find_descriptions() -> dict[str, Schema]:
    """Return the descriptions in the docstring of ``Settings``; empty without docstrings (``-OO``)."""
    _, _, attributes = (inspect.getdoc(Settings) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): ((?:.+\n?(?:        )?)+?)(?=^    \w|\Z)", attributes, re.MULTILINE)
    return {name: {"description": " ".join(text.replace("``", "`").split())} for name, text in found}


def _describe_thresholds(defaults: Mapping[str, Threshold]) -> Schema:
    """Return the schema of a table of thresholds; that of an override has no defaults."""
    metrics = judged_metrics().values()
    named = {metric.name: _describe_threshold(metric, defaults) for metric in metrics}
    short = {
        metric.short: {key: value for key, value in named[metric.name].items() if key != "default"}
        for metric in metrics
        if metric.short
    }
    either = [{"not": {"required": [metric.short, metric.name]}} for metric in metrics if metric.short]
    return _describe_table(named | short, allOf=either)


def _describe_threshold(metric: JudgedMetric, defaults: Mapping[str, Threshold]) -> Schema:
    parts: dict[str, Schema] = {
        "limit": _LIMIT,
        "comparison": {"enum": list(get_args(Comparison)), "default": metric.comparison},
        "level": {"enum": list(get_args(Level)), "default": metric.level},
    }
    if metric.has_block_limit:
        parts["block_limit"] = {"anyOf": [_LIMIT, _OFF]}
    # Missing parts can't come from a missing default. In an override, they may come from the settings.
    needed: Schema = {"required": ["limit"]} if defaults and metric.name not in defaults else {}
    schema: Schema = {"anyOf": [_LIMIT, _OFF, _describe_table(parts, **needed)]}
    return schema | ({"default": defaults[metric.name].limit} if metric.name in defaults else {})


def _describe_overrides() -> Schema:
    """Return the schema of the list of overrides."""
    files, functions = ({"type": "array", "items": item, "minItems": 1} for item in (_GLOB, _FUNCTION))
    table = _describe_table(
        {"files": files, "functions": functions, "thresholds": _describe_thresholds({})},
        required=["thresholds"],
        anyOf=[{"required": ["files"]}, {"required": ["functions"]}],
    )
    return {"type": "array", "items": table, "default": []}


_SPECIAL: Mapping[str, Callable[[], Schema]] = {
    "thresholds": lambda: _describe_thresholds(default_thresholds()),
    "overrides": _describe_overrides,
    "languages": lambda: {
        "type": "array",
        "items": {"anyOf": [{"enum": list(LIZARD_LANGUAGES)}, {"type": "string", "pattern": LANGUAGE}]},
        "default": [],
    },
}
