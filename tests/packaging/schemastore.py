"""``python -m tests.packaging.schemastore FOLDER``: what to submit to SchemaStore, in a checkout of it.

Writes the schema of our table, a file that is valid and one that is not, and prints the entries for the two
files that list all schemas, where the order is alphabetical.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_antipasta.settings.schema import make_schema
from tests.documents.pages import iter_blocks

NAME = "partial-pytest-antipasta.json"
_ADDRESS = f"https://json.schemastore.org/{NAME}"
_README = Path(__file__).parents[2] / "README.md"
_INVALID = '[tool.pytest-antipasta]\nexlude = ["build/"]\n'
# A schema and those that it refers to have the same draft there, and `pyproject.json` has this one.
_DIALECT = "http://json-schema.org/draft-07/schema#"
# By the files that they belong to, below the key in front of them.
ENTRIES: dict[str, Any] = {
    "src/schemas/json/pyproject.json: properties.tool.properties": {
        "pytest-antipasta": {
            "$ref": _ADDRESS,
            "title": "Complexity checks",
            "description": "Limits on the complexity of source files",
        }
    },
    "src/schema-validation.jsonc: options": {"pyproject.json": {"externalSchema": [NAME]}},
}


def make_files() -> dict[str, str]:
    """Return what to write, by paths in a checkout of SchemaStore."""
    schema = {"$schema": _DIALECT, "$id": _ADDRESS}
    schema |= {name: value for name, value in make_schema().items() if name != "$schema"}
    valid = next(block.text for block in iter_blocks(_README) if block.name == "pyproject.toml")
    return {
        f"src/schemas/json/{NAME}": json.dumps(schema, indent=2) + "\n",
        "src/test/pyproject/pytest-antipasta.toml": valid,
        "src/negative_test/pyproject/pytest-antipasta.toml": _INVALID,
    }


def main(argv: Sequence[str]) -> None:
    """Write the files below the folder that is named."""
    for path, text in make_files().items():
        target = Path(argv[0], path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"written: {target}")  # noqa: T201
    for place, entry in ENTRIES.items():
        print(f"add to {place}:\n{json.dumps(entry, indent=2)}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
