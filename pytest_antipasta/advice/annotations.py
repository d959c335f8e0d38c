"""Annotations for the helper of an annotated function, as far as the function has them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from pytest_antipasta.advice.control_flow import FunctionNode, iter_own
from pytest_antipasta.advice.extraction import Extraction
from pytest_antipasta.advice.snippet import Snippet


def annotate_parameters(snippet: Snippet, extraction: Extraction) -> list[str]:
    """Return the parameters of a helper, with the annotations that the function has for them."""
    known = _find_annotations(snippet)
    return [f"{name}: {known[name]}" if name in known else name for name in extraction.parameters]


def annotate_result(snippet: Snippet, extraction: Extraction) -> str:
    """Return what follows the parameters of a helper: an arrow and a type, or nothing if it is unknown."""
    function = snippet.function
    if function.returns is None or _is_generator(function):
        return ""
    if extraction.leaves:
        result = snippet.layout.text(function.returns)
    elif len(extraction.results) == 1:
        result = _find_annotations(snippet).get(extraction.results[0], "")
    else:
        result = "" if extraction.results else "None"
    return f" -> {result}" if result and "\n" not in result else ""


def _is_generator(function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in iter_own(function.body))


def _find_annotations(snippet: Snippet) -> Mapping[str, str]:
    """Return the annotations of parameters that are written on one line."""
    arguments = snippet.function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    texts = {each.arg: snippet.layout.text(each.annotation) for each in every if each.annotation is not None}
    return {name: text for name, text in texts.items() if "\n" not in text}
