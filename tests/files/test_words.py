"""Words are found in the source files of a project, where they stand alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.files.words import Use, find_use
from pytest_antipasta.settings.values import Settings


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("x.add()\n", 1, id="an attribute"),
        pytest.param('\n"add"', 2, id="a text"),
        pytest.param("address = 1\n", None, id="the beginning of a word"),
        pytest.param("_add = 1\n", None, id="the end of a word"),
        pytest.param("übel = 1\n", 1, id="a word that begins with another letter"),
        pytest.param("grübel = 1\n", None, id="the end of such a word"),
        pytest.param("addü = 1\n", None, id="the beginning of such a word"),
    ],
)
def test_a_word_is_found_where_it_stands_alone(tmp_path: Path, text: str, line: int | None) -> None:
    (tmp_path / "a.py").write_text("add = 1\n")
    (tmp_path / "b.py").write_text(text, encoding="utf-8")
    use = find_use(Settings(tmp_path, None), ["no", "add", "übel"], "a.py")
    assert (use and (use.path, use.line)) == (line and ("b.py", line))


def test_without_words_nothing_is_searched(tmp_path: Path) -> None:
    assert find_use(Settings(tmp_path / "missing", None), [], "a.py") is None


def test_the_word_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("add = other = 1\n")
    assert find_use(Settings(tmp_path, None), ["other"], "a.py") == Use("other", "b.py", 1)
