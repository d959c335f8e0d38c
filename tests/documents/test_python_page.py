"""The page of the Python API names all that it has, and its example runs."""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

import pytest

from pytest_antipasta import Finding, Report, check

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S))


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Check files", list(signature(check).parameters)),
        ("Report", [*Report.__struct_fields__, "status", "measurements"]),
        ("Finding", Finding.__struct_fields__),
    ],
)
def test_every_name_has_an_item(title: str, names: list[str]) -> None:
    items = [line.split(": ")[0] for line in SECTIONS[title].split("\n") if line.startswith("- `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(items))) == sorted(names)
