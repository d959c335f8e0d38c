"""Reports pass the validators of others: schemas, and parsers that programs read them with."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cmarkgfm
import jsonschema
import pytest
from cmarkgfm.cmark import Options

from tests.report.conftest import FORMATS, write_reports

SCHEMAS = Path(__file__).parent / "schemas"
# What a spreadsheet takes for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@pytest.fixture(scope="module", params=["everything", "nothing"])
def contents(
    request: pytest.FixtureRequest, reports: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """The reports of a project with everything, and of a folder with nothing."""
    return reports if request.param == "everything" else write_reports(tmp_path_factory.mktemp("empty"))


def read_schema(name: str) -> Any:
    """Return a schema of others."""
    return json.loads((SCHEMAS / name).read_bytes())


def test_sarif_has_its_schema(contents: dict[str, bytes]) -> None:
    jsonschema.Draft202012Validator(read_schema("sarif-2.1.0.json")).validate(json.loads(contents["sarif"]))


def test_gitlab_has_the_schema_of_its_documentation(contents: dict[str, bytes]) -> None:
    jsonschema.Draft202012Validator(read_schema("gitlab.json")).validate(json.loads(contents["gitlab"]))


def test_rdjson_has_the_schema_of_reviewdog(contents: dict[str, bytes]) -> None:
    jsonschema.Draft4Validator(read_schema("rdjson.json")).validate(json.loads(contents["rdjson"]))


def test_junit_has_the_schema_of_jenkins(contents: dict[str, bytes]) -> None:
    import xmlschema

    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(BytesIO(contents["junit"]))


def test_csv_is_a_table_without_formulas(contents: dict[str, bytes]) -> None:
    head, *rows = csv.reader(StringIO(contents["csv"].decode(), newline=""), strict=True)
    assert {len(row) for row in rows} <= {len(head)}
    assert [cell for row in rows for cell in row if cell.startswith(FORMULA)] == []
    assert contents["csv"].decode().isprintable() or "\n" in contents["csv"].decode()


def test_markdown_becomes_tables_and_lists_and_nothing_else(contents: dict[str, bytes]) -> None:
    html = cmarkgfm.github_flavored_markdown_to_html(contents["markdown"].decode(), Options.CMARK_OPT_UNSAFE)
    page = ElementTree.fromstring(f"<page>{html}</page>")
    allowed = "page h3 p strong code table thead tbody tr th td br ul li details summary"
    assert {element.tag for element in page.iter()} <= set(allowed.split())
    assert {len(row) for row in page.iter("tr")} <= {2, 3}
    for cell in page.iter("td"):
        assert not (cell.text or "").startswith(("|", "`"))


@pytest.mark.parametrize("form", FORMATS)
def test_a_terminal_obeys_none(contents: dict[str, bytes], form: str) -> None:
    text = contents[form].decode().replace("\n", "")
    if form == "github":  # whose file has to be named as it is
        text = text.translate(dict.fromkeys(map(ord, "\x1b\u202e\t")))
    assert text.isprintable()
