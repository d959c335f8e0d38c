"""What ``python -m tests.documents.readability`` counts, of pages that can be counted by hand."""

from __future__ import annotations

import pytest

from tests.conftest import Repository
from tests.documents.readability import (
    MOST_WORDS,
    Figures,
    add_up,
    count,
    count_syllables,
    iter_sentences,
    main,
)

PAGE = """\
# A heading that is not counted

The cat sat. It has `cyclomatic_complexity <= 10`, e.g. Python's, in [a link](nothing.md) - and version 3.10!
Is it a sentence?

- an item
- Another one. With two.

| a table | is |
|---|---|
| not | counted. |

```console
$ neither is code
```

<!-- nor is a comment -->
> A quotation.
"""


def test_sentences_are_those_of_paragraphs_and_lists() -> None:
    assert [" ".join(words) for words in iter_sentences(PAGE)] == [
        "The cat sat",
        "It has `x`, e.g. Python's, in a link and version 3.10",
        "Is it a sentence?",
        "an item",
        "Another one",
        "With two.",
        "A quotation.",
    ]


def test_the_figures_are_those_of_the_formula() -> None:
    figures = count("The cat sat on `the_mat`. Cats eat.")
    assert figures == Figures(words=7, sentences=2, long=0, syllables=6, codes=1)
    assert figures.mean == 3.5
    assert figures.ease == pytest.approx(206.835 - 1.015 * 3.5 - 84.6)


@pytest.mark.parametrize(("words", "long"), [(MOST_WORDS, 0), (MOST_WORDS + 1, 1)])
def test_a_long_sentence_has_more_words_than_are_allowed(words: int, long: int) -> None:
    assert count("word " * words + ".").long == long


def test_a_page_without_sentences_has_figures() -> None:
    assert count("# Title\n") == Figures(0, 0, 0, 0, 0)
    assert add_up([]) == Figures(0, 0, 0, 0, 0)


def test_totals_are_of_all_sentences() -> None:
    assert add_up([count("One. Two."), count("Three words here.")]).mean == pytest.approx(5 / 3)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("file", 1), ("files", 1), ("rule", 1), ("code", 1), ("used", 1), ("changed", 1), ("called", 1),
        ("table", 2), ("tables", 2), ("handled", 2), ("needed", 2), ("passes", 2), ("judges", 2),
        ("measure", 2), ("pre-commit", 3), ("function", 2), ("complexity", 4), ("3.10", 1), ("the", 1),
    ],
)  # fmt: skip
def test_syllables_of_words_that_pages_are_made_of(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_a_commit_is_compared(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository.path
    (root / "docs").mkdir()
    (root / "README.md").write_text("It is read. It is short.\n")
    (root / "docs/gone.md").write_text("Gone.\n")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "before")
    (root / "README.md").write_text("It is read.\n")
    (root / "docs/gone.md").unlink()
    (root / "docs/new.md").write_text("word " * 26)
    assert main(["--compare", "HEAD", "--long"], root) == 0
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        "page words sentences per sentence over 25 ease",
        "README.md 6 → 3 2 → 1 3.0 → 3.0 0 → 0 119.2 → 119.2",
        "docs/new.md - → 26 - → 1 - → 26.0 - → 1 - → 95.8",
        "docs/gone.md 1 → - 1 → - 1.0 → - 0 → - 121.2 → -",
        "total 7 → 29 3 → 2 2.3 → 14.5 0 → 1 119.9 → 107.5",
        f"docs/new.md: 26: {'word ' * 26}".rstrip(),
    ]
    assert main([], root) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["README.md", "3", "1", "3.0", "0", "119.2"]
