"""``docs/get-started.md``: its function is like that of a real project; other tests run its commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_antipasta import measure
from tests.corpora import WHEELS, CorpusUnavailableError, corpus
from tests.documents.pages import iter_blocks

PAGE = Path(__file__).parents[2] / "docs" / "get-started.md"


@pytest.mark.slow
def test_requests_has_a_function_with_the_same_cognitive_complexity() -> None:
    try:
        requests = corpus("requests")
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    text = PAGE.read_text(encoding="utf-8")
    assert f"Requests {WHEELS['requests'].version.rpartition('.')[0]} has such a function" in text
    (name,) = re.findall(r"\(`(\w+\.\w+)`\)", text)
    (source,) = requests.rglob("cookies.py")
    theirs = {block.qualified_name: block for block in measure(source.read_bytes()).blocks}[name]
    ours = measure(next(block.text for block in iter_blocks(PAGE) if block.name == "cookies.py").encode())
    assert ours.blocks[0].cognitive_complexity == theirs.cognitive_complexity
