"""What is to be submitted to SchemaStore, by the rules of its own checks as far as Python knows them."""

from __future__ import annotations

import json
from pathlib import Path
from tomllib import loads
from typing import Any

import jsonschema
import pytest

from tests.packaging.schemastore import ENTRIES, NAME, main, make_files


def find_table(path: str) -> Any:
    """Return our table of a file that is to be written."""
    return loads(make_files()[path])["tool"]["pytest-antipasta"]


@pytest.mark.parametrize(("folder", "is_valid"), [("test", True), ("negative_test", False)])
def test_its_tests_are_what_they_say(folder: str, is_valid: bool) -> None:
    schema = json.loads(make_files()[f"src/schemas/json/{NAME}"])
    jsonschema.Draft7Validator.check_schema(schema)
    table = find_table(f"src/{folder}/pyproject/pytest-antipasta.toml")
    assert jsonschema.Draft7Validator(schema).is_valid(table) == is_valid


def test_no_keyword_is_newer_than_its_draft() -> None:
    known = {
        "$id", "$schema", "additionalProperties", "allOf", "anyOf", "const", "default", "description", "enum",
        "exclusiveMinimum", "if", "items", "minItems", "minimum", "not", "pattern", "properties", "required",
        "then", "title", "type",
    }  # fmt: skip
    schema = json.loads(make_files()[f"src/schemas/json/{NAME}"])
    assert set(iter_keywords(schema)) <= known


def iter_keywords(schema: Any) -> list[str]:
    """Return the keywords of a schema and of those in it."""
    if isinstance(schema, list):
        return [name for part in schema for name in iter_keywords(part)]
    if not isinstance(schema, dict):
        return []
    inner = [part for name, part in schema.items() if name not in ("properties", "default")]
    return [*schema, *iter_keywords(inner), *iter_keywords(list(schema.get("properties", {}).values()))]


def test_it_is_written_into_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path)])
    said = capsys.readouterr().out
    for path, text in make_files().items():
        assert (tmp_path / path).read_text(encoding="utf-8") == text
        assert f"written: {tmp_path / path}\n" in said
    assert all(f"add to {place}:\n" in said for place in ENTRIES)
    assert f'"$ref": "https://json.schemastore.org/{NAME}"' in said
