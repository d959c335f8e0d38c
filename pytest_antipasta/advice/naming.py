"""Propose names for new functions; only a user can say what a function is for."""

from __future__ import annotations

import re
from collections.abc import Container

from pytest_antipasta.advice.extraction import Extraction
from pytest_antipasta.advice.snippet import Snippet

_PLAIN_COMMENT = re.compile(r"#+ *([A-Za-z][a-z]+(?: [a-z_]+){1,4})[.:]?")
_FILLERS = frozenset({"a", "an", "the", "all", "any", "this", "that", "these", "our"})
# Words that comments of statements often begin with when they say what the statements do.
_VERBS = frozenset(
    {
        *("add", "apply", "build", "calculate", "check", "clean", "close", "collect", "compute", "convert"),
        *("copy", "count", "create", "delete", "fetch", "fill", "filter", "find", "format", "gather", "get"),
        *("handle", "load", "look", "make", "merge", "normalize", "open", "parse", "prepare", "process"),
        *("read", "record", "register", "remove", "render", "replace", "resolve", "save", "send", "set"),
        *("skip", "sort", "split", "start", "store", "strip", "update", "validate", "verify", "write"),
    }
)


def propose_name(snippet: Snippet, extraction: Extraction, taken: Container[str]) -> str:
    """Return a name for the function that a run becomes.

    It is what the comment above the run says, if that is a short command; else the result of the run, if it
    has one; else the name of the function, as a part of it.

    Args:
        snippet: the function.
        extraction: the run.
        taken: names that can't be used.
    """
    name = _read_comment(snippet, extraction) or _name_result(extraction) or _name_part(snippet)
    proposed, number = name, 1
    while proposed in taken or proposed in snippet.text:
        number += 1
        proposed = f"{name}_{number}"
    return proposed


def _read_comment(snippet: Snippet, extraction: Extraction) -> str:
    layout, line = snippet.layout, extraction.run.first
    if layout.find_comments_above(line) != line - 1:
        return ""
    match = _PLAIN_COMMENT.fullmatch(layout.comments[line - 1])
    words = match[1].lower().split() if match else [""]
    return f"_{'_'.join(word for word in words if word not in _FILLERS)}" if words[0] in _VERBS else ""


def _name_result(extraction: Extraction) -> str:
    if len(extraction.results) != 1:
        return ""
    # A value that the run also takes is changed by it, not made.
    verb = "update" if extraction.results[0] in extraction.parameters else "get"
    return f"_{verb}_{extraction.results[0].strip('_')}"


def _name_part(snippet: Snippet) -> str:
    return f"_{snippet.name.strip('_')}_part"
