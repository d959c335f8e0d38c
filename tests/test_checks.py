"""What ``python -m checks`` finds in prose of ours, of texts that have it."""

from __future__ import annotations

import pytest

from checks.docstrings import find_contradictions
from checks.messages import find_example, list_messages
from checks.sentences import MOST_WORDS, find_long, iter_sentences
from checks.words import find_retired, find_retired_words, iter_prose

PAGE = """\
# A heading that is not counted

The cat sat. It has `cyclomatic_complexity <= 10`, e.g. Python's, in [a link](nothing.md) - and version 3.10!
Is it a sentence? It knows `a`, `b` and `c`.

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
        "Is it a sentence",
        "It knows `x`.",
        "an item",
        "Another one",
        "With two.",
        "A quotation.",
    ]


@pytest.mark.parametrize(("words", "long"), [(MOST_WORDS, 0), (MOST_WORDS + 1, 1)])
def test_a_long_sentence_has_more_words_than_are_allowed(words: int, long: int) -> None:
    assert len(find_long("word " * words + ".")) == long


@pytest.mark.slow
def test_the_messages_are_those_that_a_user_may_read() -> None:
    messages = list_messages()
    kinds = {message.kind for message in messages}
    assert kinds == {"error", "help", "log", "metric", "page", "schema", "text", "warning"}
    found = {message.text: message for message in messages}
    changed = found["the file changed or was deleted during the run"]
    assert (changed.kind, changed.place.partition(":")[0]) == ("error", "pytest_antipasta/engine/result.py")
    options = (
        "read the settings from this file",
        "show only the N worst",
        "only these files (default: all staged files)",
    )
    assert {found[text].kind for text in options} == {"help"}
    assert not [text for text in found if text.startswith(("PRAGMA", "Mapping[", "SELECT"))]
    example = find_example(next(found[text] for text in found if text.startswith("no such file or folder")))
    assert example is not None
    assert ": no such file or folder: " in example


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("To mend it, see\nabove.", ["'mend': write fix", "'see above': write the noun again"]),
        ("Amendments are what the user is tolled for.", []),
    ],
)
def test_a_phrase_is_found_across_lines_and_a_part_of_a_word_is_not(text: str, phrases: list[str]) -> None:
    assert find_retired(text) == phrases


def test_comments_below_each_other_are_read_as_one() -> None:
    assert list(iter_prose('"""See it."""\n# as good\n# as new\na = 1  # b\n')) == [
        (1, "See it."),
        (4, "as good as new b"),
    ]


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("one", ["the noun"]),
        ("_tell_looser", ["report, print, warn"]),
        ("TellLooser", ["report, print, warn"]),
        ("judge_one", []),
        ("teller", []),
    ],
)
def test_a_word_of_an_identifier_is_found(name: str, instead: list[str]) -> None:
    assert find_retired_words(name) == instead


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('def f() -> list[str]:\n    """Yield names."""\n', 1),
        ('def f() -> Iterator[str]:\n    """Yield names."""\n    yield ""\n', 0),
        ('def f() -> Iterator[str]:\n    """Return names."""\n    yield ""\n', 1),
        ('def f() -> None:\n    """Return a name."""\n', 1),
        ('def f() -> Verdict:\n    """Return values without a verdict."""\n', 1),
        ('def f() -> str:\n    """Return a name; ``None`` if unknown."""\n', 1),
        ('def f() -> str | None:\n    """Return a name; ``None`` if unknown."""\n', 0),
    ],
)
def test_a_docstring_that_contradicts_its_annotation_is_found(source: str, count: int) -> None:
    assert len([*find_contradictions(source)]) == count
