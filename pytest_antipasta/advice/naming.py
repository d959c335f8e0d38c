"""Propose names for new functions; only a user can say what a function is for."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from pytest_antipasta.advice.extraction import Extraction
from pytest_antipasta.advice.snippet import Snippet
from pytest_antipasta.metrics.nodes import find_first_line

_PLAIN_COMMENT = re.compile(r"#+ *([A-Za-z][a-z]+(?: [a-z_]+){1,4})[.:]?")
_FILLERS = frozenset({"a", "an", "the", "all", "any", "now", "this", "that", "these", "our"})
# A comment with one of these says what is so, not what is done.
_STATING = frozenset({"is", "are", "was", "were", "has", "have", "must", "should", "may", "can", "we"})


def propose_name(snippet: Snippet, extraction: Extraction, taken: Container[str]) -> str:
    """Return a name for the function that a run becomes.

    It is the comment above the run, if that has a few plain words and no other comment stands between the
    statements; else the name of the function with that of the run's result, or as a part of it. What the run
    is for is not guessed. A base class may call a method that has the function's name after an underscore.

    Args:
        snippet: the function.
        extraction: the run.
        taken: names that can't be used.
    """
    name = _read_comment(snippet, extraction)
    if name in ("", _join(snippet.name.split("_"))):
        name = _name_part(snippet, extraction)
    proposed, number = name, 1
    while proposed in taken or proposed in snippet.text:
        number += 1
        proposed = f"{name}_{number}"
    return proposed


def _read_comment(snippet: Snippet, extraction: Extraction) -> str:
    layout, (line, *others) = snippet.layout, map(find_first_line, extraction.run.body)
    if layout.find_comments_above(line) != line - 1:
        return ""
    if any(layout.find_comments_above(other) != other or layout.is_blank(other - 1) for other in others):
        return ""  # the comment is about what is before the next one, or before the blank line
    match = _PLAIN_COMMENT.fullmatch(layout.comments[line - 1])
    words = match[1].lower().split() if match else []
    return "" if _STATING.intersection(words) else _join(word for word in words if word not in _FILLERS)


def _name_part(snippet: Snippet, extraction: Extraction) -> str:
    words, added = ([*filter(None, name.split("_"))] for name in (snippet.name, extraction.result))
    # As `next_event` returns an `event`, and `to_text` a `text_data`.
    shared = max(number for number in range(len(added) + 1) if words[len(words) - number :] == added[:number])
    added = added[shared:] or ["part"]
    return _join([*words, *added])


def _join(words: Iterable[str]) -> str:
    return "".join(f"_{word}" for word in words if word)
