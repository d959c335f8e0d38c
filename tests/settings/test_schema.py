"""The JSON Schema: it takes what the parsers take, and refuses what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from tomllib import loads
from typing import Any

import msgspec.structs
import pytest
from jsonschema import Draft202012Validator

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.model.registry import SHORT_NAMES
from pytest_antipasta.settings.schema import make_pyproject_schema, make_schema
from pytest_antipasta.settings.values import WRITTEN, Settings
from tests.conftest import Program
from tests.settings import test_table, test_table_errors

ROOT = Path(__file__).parents[2]
WHOLE = Draft202012Validator(make_pyproject_schema())
# Wrong by what a string or a number says, which a schema can't know.
BEYOND = {
    *(f"all there is, as {path}" for path in ("/", "//", "/usr/..")),
    'paths = ["\\u0000"]',
    'exclude = ["!"]', 'exclude = ["/"]', 'exclude = ["[a-"]',
    'exclude = ["[[:alfa:]]"]', "inf", "nan", "a huge number", str(2**63),
    "too many globs", "too many paths", "too many globs in all",
}  # fmt: skip


def find_errors(text: str) -> list[str]:
    return [error.message for error in WHOLE.iter_errors(loads(text))]


def texts(cases: list[Any], header: str) -> list[Any]:
    """Return the cases of another module as whole files."""
    return [pytest.param(f"[{header}]\n{case.values[0]}", case.id, id=case.id) for case in cases]


TABLE, LIMITS = "tool.pytest-antipasta", "tool.pytest-antipasta.thresholds"
VALID = texts(test_table.KEYS, TABLE) + texts(test_table.THRESHOLDS, LIMITS)
LINES = [
    *(f"{key} = 5" for key, _ in test_table_errors.UNKNOWN),
    *(f"{key} = {value}" for key, value, _ in test_table_errors.VALUES),
]
WRONG = [
    *(pytest.param(f"[{TABLE}]\n{line}", line, id=line) for line in LINES),
    *texts(test_table_errors.KEYS, TABLE),
    *texts(test_table_errors.THRESHOLDS, LIMITS),
]


@pytest.mark.parametrize("schema", [make_schema(), make_pyproject_schema()], ids=["table", "file"])
def test_it_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("text", "case"), VALID)
def test_what_is_valid_is_taken(text: str, case: str) -> None:
    assert find_errors(text) == []


@pytest.mark.parametrize(("text", "case"), WRONG)
def test_what_is_wrong_is_refused(text: str, case: str) -> None:
    assert bool(find_errors(text)) is (case not in BEYOND)


@pytest.mark.parametrize("path", ["pyproject.toml", "examples/shop/pyproject.toml"])
def test_real_settings_are_taken(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"[{TABLE}" in text
    assert find_errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "[[tool.pytest-antipasta.overrides]]",
        "[[tool.pytest-antipasta.overrides]]\nfiles = ['a']",
        "[[tool.pytest-antipasta.overrides]]\nfiles = []\nthresholds = {}",
        "[[tool.pytest-antipasta.overrides]]\nfiles = ['a']\nthresholds = {mi = 1}",
        "tool.pytest-antipasta = 1",
        "[tool.pytest-antipasta.thresholds]\nvolume = 1\nhalstead_volume = 1",
        "[[tool.pytest-antipasta.overrides]]\nfunctions = ['a']\nthresholds = {maintainability = 1}",
    ],
)
def test_a_wrong_shape_is_refused(text: str) -> None:
    assert find_errors(text)


def test_it_has_every_key_and_every_key_a_type() -> None:
    properties = make_schema()["properties"]
    assert list(properties) == list(WRITTEN)
    assert list(properties["thresholds"]["properties"]) == [*judged_metrics(), *SHORT_NAMES]
    assert [name for name, key in properties.items() if not key.keys() & {"type", "enum", "anyOf"}] == []
    assert [name for name, key in properties.items() if key.get("anyOf") == []] == []


def test_every_field_of_the_settings_can_be_set() -> None:
    assert {*Settings.__struct_fields__} - {*WRITTEN} == {
        "root",
        "source",
        "projects",
        "has_all_projects",
        "asked",
        "named",
    }


def test_defaults_are_those_of_the_settings() -> None:
    properties = make_schema()["properties"]
    for field in msgspec.structs.fields(Settings):
        if field.name in WRITTEN and isinstance(field.default, (str, int, float, bool, tuple)):
            default = list(field.default) if isinstance(field.default, tuple) else field.default
            assert properties[field.name]["default"] == default
    assert properties["thresholds"]["properties"]["halstead_volume"]["default"] == 1000


def test_every_key_is_described() -> None:
    properties = make_schema()["properties"]
    described = {name for name, key in properties.items() if len(key.get("description", "")) > 10}
    assert described == {*WRITTEN}, "the docstring of `Settings` has a line for each"
    assert properties["paths"]["description"] == "files and folders to check."
    assert properties["critical_functions"]["description"].endswith("(`*` matches anything).")


@pytest.mark.parametrize(
    ("args", "schema"),
    [([], make_schema()), (["--pyproject"], make_pyproject_schema())],
    ids=["table", "file"],
)
def test_the_command_prints_it(args: list[str], schema: dict[str, Any], program: Program) -> None:
    assert json.loads(program("config", "schema", *args).out) == schema
