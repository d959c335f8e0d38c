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

from checks.messages import list_messages
from checks.repository import iter_modules, iter_pages

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


def find_problems() -> Iterator[str]:
    """Yield each retired word of messages, docstrings, comments, identifiers and pages with its place."""
    for message in list_messages():
        yield from (f"{message.place}: {phrase}" for phrase in find_retired(message.text))
    for path, source in iter_modules():
        yield from (f"{path}:{line}: {what}" for line, what in _iter_retired(source))
    for path, text in iter_pages():
        paragraphs = text.split("\n\n")
        yield from (f"{path}: {phrase}" for paragraph in paragraphs for phrase in find_retired(paragraph))


def _iter_retired(source: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a module with a retired word, and what to write instead."""
    for line, text in iter_prose(source):
        yield from ((line, phrase) for phrase in find_retired(text))
    for line, name in iter_names(source):
        if words := find_retired_words(name):
            yield line, f"{name!r}: write {', '.join(words)}"


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
