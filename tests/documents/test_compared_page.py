"""``docs/compared.md``: what it says that we find is what we find."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from pytest_antipasta import check
from tests.corpora import WHEELS, CorpusUnavailableError, corpus

TEXT = (Path(__file__).parents[2] / "docs" / "compared.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_we_find_as_many_functions_as_it_says() -> None:
    try:
        django = corpus("django")
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    assert f"Django {WHEELS['django'].version} " in TEXT
    (shown,) = re.findall(r"^\| `pytest-antipasta check` \| (\d+) \| (\d+) \|$", TEXT, re.MULTILINE)
    findings = check(root=django, use_store=False).findings
    found = Counter(finding.rule for finding in findings if finding.status == "failing")
    assert (str(found["cyclomatic_complexity"]), str(found["cognitive_complexity"])) == shown
