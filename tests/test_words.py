"""Retired words and phrases stay out of messages, code and pages; each has what we say instead.

The list has only words without another legitimate use. Names of settings, options and JSON keys are fixed, so
identifiers have a separate list.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messages_list import REPOSITORY, ROOT, list_messages

# Patterns, each with what to write instead.
RETIRED = {
    r"mend(s|ed|ing)?": "fix",
    r"mistakes? of ours": "internal error",
    r"likewise": "the noun again",
    r"see above": "the noun again",
    r"as good as": "almost",
    r"for want of": "for lack of",
    r"whoever": "the subject: a user, a caller, a process",
    r"(hardly )?(anybody|nobody) (asks|asked|has asked|needs|knows|wants)": "not requested, unknown, rarely",
    r"hardly ever needed": "rarely used",
    r"knows? nothing of": "does not depend on",
    r"what has become of": "the result of",
    r"what there is to": "the noun",
    r"its end was": "exited with code",
    r"paid back": "back within its limit",
    r"tells? (apart|nobody)": "distinguish, report",
    r"pass(es|ed) over": "skip",
    r"behind the first failure": "after the first failure",
    r"not judged for": "not checked",
    r"is foreign to": "does not belong to",
    r"makes no ceiling": "is not a valid operator",
    r"measured anew": "measured again",
    r"here, because": "nothing: CONTRIBUTING has the rule on imports",
}
# Identifiers, each with what to write instead.
RETIRED_VARIABLES = {"one": "the noun", "ones": "the noun in the plural"}
# Parts of identifiers, each with what to write instead.
RETIRED_NAMES = {
    "tell": "report, print, warn",
    "told": "reported, printed",
    "mend": "fix",
    "noted": "logged, recorded",
}
# Identifiers that others have chosen.
EXEMPT = {"tell"}
_PATTERN = re.compile(rf"(?<!\w)({'|'.join(RETIRED)})(?!\w)", re.IGNORECASE)
MODULES = sorted(ROOT.rglob("*.py"))
PAGES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "examples/*/README.md")
    for path in REPOSITORY.glob(pattern)
)


def find_retired(text: str) -> list[str]:
    """Return the retired phrases of a text, each with what to write instead."""
    found = sorted({match[0].lower() for match in _PATTERN.finditer(" ".join(text.split()))})
    return [f"{phrase!r}: write {_find_instead(phrase)}" for phrase in found]


def _find_instead(phrase: str) -> str:
    return next(
        instead for pattern, instead in RETIRED.items() if re.fullmatch(pattern, phrase, re.IGNORECASE)
    )


def iter_prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield the docstrings and comments of a module with their lines; comments below each other are one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            text := ast.get_docstring(node)
        ):
            yield node.body[0].lineno, text
    block: list[str] = []
    end = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] > end + 1:
                yield end, " ".join(block)
                block = []
            block.append(token.string.lstrip("# "))
            end = token.start[0]
    if block:
        yield end, " ".join(block)


def iter_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield the identifiers of a module with their lines, keyword arguments and attributes among them."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def split_name(name: str) -> set[str]:
    """Return the words of an identifier: ``_tell_looser`` and ``TellLooser`` have two each."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def find_retired_words(name: str) -> list[str]:
    """Return what to write instead of an identifier's retired words."""
    if name in EXEMPT:
        return []
    if name in RETIRED_VARIABLES:
        return [RETIRED_VARIABLES[name]]
    return [RETIRED_NAMES[word] for word in sorted(split_name(name) & RETIRED_NAMES.keys())]


def show_place(path: Path, line: int) -> str:
    """Return a place as editors open it."""
    return f"{path.relative_to(REPOSITORY).as_posix()}:{line}"


def test_messages_have_no_retired_word() -> None:
    found = [(message.place, find_retired(message.text)) for message in list_messages()]
    assert [(place, phrases) for place, phrases in found if phrases] == []


def test_docstrings_and_comments_have_no_retired_word() -> None:
    found = {
        show_place(path, line): find_retired(text)
        for path in MODULES
        for line, text in iter_prose(path.read_text(encoding="utf-8"))
    }
    assert {place: phrases for place, phrases in found.items() if phrases} == {}


def test_identifiers_have_no_retired_word() -> None:
    found = {
        show_place(path, line): f"{name!r}: write {', '.join(words)}"
        for path in MODULES
        for line, name in iter_names(path.read_text(encoding="utf-8"))
        if (words := find_retired_words(name))
    }
    assert found == {}


@pytest.mark.parametrize("page", PAGES)
def test_pages_have_no_retired_word(page: str) -> None:
    lines = (REPOSITORY / page).read_text(encoding="utf-8").split("\n\n")
    assert [phrase for paragraph in lines for phrase in find_retired(paragraph)] == []


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("To mend it, see\nabove.", ["'mend': write fix", "'see above': write the noun again"]),
        ("Amendments are what the user is tolled for.", []),
    ],
)
def test_a_phrase_is_found_across_lines_and_a_part_of_a_word_is_not(text: str, phrases: list[str]) -> None:
    assert find_retired(text) == phrases


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
