"""Make the JSON Schema of our table from ``Settings``: its types, defaults and docstring."""

from __future__ import annotations

import inspect
import re

import msgspec.structs

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.settings.kinds import Schema
from pytest_antipasta.settings.overrides import describe_overrides
from pytest_antipasta.settings.table import look_up_setting
from pytest_antipasta.settings.thresholds import describe_table, describe_thresholds
from pytest_antipasta.settings.values import WRITTEN, Settings

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_schema() -> Schema:
    """Return the schema (draft 2020-12) of ``[tool.pytest-antipasta]``."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    descriptions = _find_descriptions()
    return {
        "$schema": _DIALECT,
        "title": "[tool.pytest-antipasta]",
        "description": "Settings of pytest-antipasta.",
        **describe_table(
            {name: {**descriptions.get(name, {}), **_describe(name, defaults[name])} for name in WRITTEN}
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


def _describe(name: str, default: object) -> Schema:
    if name == "thresholds":  # each of them has a default of its own
        return describe_thresholds(default_thresholds())
    schema = describe_overrides() if name == "overrides" else look_up_setting(name).schema
    if default is None:
        return schema
    return {**schema, "default": list(default) if isinstance(default, tuple) else default}


def _find_descriptions() -> dict[str, Schema]:
    """Return the descriptions in the docstring of ``Settings``; empty without docstrings (``-OO``)."""
    _, _, attributes = (inspect.getdoc(Settings) or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): ((?:.+\n?(?:        )?)+?)(?=^    \w|\Z)", attributes, re.MULTILINE)
    return {name: {"description": " ".join(text.replace("``", "`").split())} for name, text in found}
