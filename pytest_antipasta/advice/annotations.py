"""Annotations for the helper of an annotated function, as far as the function has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pytest_antipasta.advice.bindings import Bindings
from pytest_antipasta.advice.control_flow import iter_own, returns_value
from pytest_antipasta.advice.layout import Layout
from pytest_antipasta.advice.narrowing import drop_none, iter_tested
from pytest_antipasta.advice.proof.helper import has_effect, has_own_name
from pytest_antipasta.metrics.nodes import FunctionNode

# What means something else, or nothing, on another parameter; and annotations of several lines.
_UNUSUAL = re.compile(r"\n|\*|\b(?:Final|TypeAlias|Unpack)\b|\.(?:kw)?args\b")
# A parameter with another annotation and `None` as its default may be `None`, as types were once written.
_HAS_NONE = re.compile(r"\b(?:Any|None|Optional|object)\b")
_OR_NONE = "{} | None"
_QUOTES = "\"'"
_NEVER = frozenset({"Never", "NoReturn"})


class Annotations(NamedTuple):
    """The types that a function has annotations for.

    Attributes:
        types: types of its parameters and local names, as annotations.
        result: the annotation of what it returns; empty without one, and for a generator.
        items: the annotation of a generator that returns no value; empty without one.
        is_lazy: whether annotations of parameters are not evaluated.
    """

    types: Mapping[str, str]
    result: str
    items: str
    is_lazy: bool

    @classmethod
    def read(cls, function: FunctionNode, layout: Layout, *, is_lazy: bool) -> Annotations:
        """Return the annotations of a function that a function beside it can have.

        Python does not evaluate annotations of local names, so that those are quoted unless all are lazy.
        Those that would call something once more are quoted, too.

        Args:
            function: the function.
            layout: the source that it is in.
            is_lazy: whether annotations of parameters are not evaluated either.
        """
        types = {
            name: text if is_lazy or is_evaluated else _quote(text)
            for name, text, is_evaluated in _iter_types(function, layout)
            if not _UNUSUAL.search(text)
        }
        known = {name: text for name, text in types.items() if text}
        result = _read_result(function, layout, is_lazy=is_lazy)
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in iter_own(function.body)):
            return cls(known, "", "" if returns_value(function.body) else result, is_lazy)
        return cls(known, result, "", is_lazy)

    def narrow(self, function: FunctionNode, lines: range) -> Annotations:
        """Return the types that annotated names have in some lines, by the tests that these come after.

        Args:
            function: the function.
            lines: first line, and the one after the last.
        """
        types = {**self.types}
        for name, kind in iter_tested(function, lines):
            text = kind or drop_none(_unquote(types.get(name, "None")))
            shown = text if self.is_lazy else _quote(text)
            if name in types and text and shown:
                types[name] = shown
        return self._replace(types=types)

    @property
    def never_returns(self) -> bool:
        """Whether the function only ends by an exception, and so does what its end is moved to."""
        return _unquote(self.result).rpartition(".")[2] in _NEVER if self.result else False

    def annotate(self, name: str) -> str:
        """Return a parameter of a helper, with its annotation if that is known."""
        return f"{name}: {self.types[name]}" if name in self.types else name

    def annotate_result(self, name: str) -> str:
        """Return the annotation of what a helper returns to be assigned; empty if it is unknown."""
        if not name:
            return "None" if self.types or self.result else ""
        return self.types.get(name, "")


def _unquote(text: str) -> str:
    """Return an annotation that is a string as what the string says."""
    node = ast.parse(text, mode="eval").body
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else text


def _quote(text: str) -> str:
    text = text.strip(_QUOTES)
    return "" if any(quote in text for quote in _QUOTES) else f'"{text}"'


def _read_result(function: FunctionNode, layout: Layout, *, is_lazy: bool) -> str:
    if function.returns is None or has_own_name(function.returns, function):
        return ""
    result = layout.text(function.returns)
    if "\n" in result:
        return ""
    return _quote(result) if has_effect(function.returns) and not is_lazy else result


def _iter_types(function: FunctionNode, layout: Layout) -> Iterator[tuple[str, str, bool]]:
    """Yield annotated names, their types, and whether Python may evaluate these beside the function, too."""
    local = Bindings(function).local
    for name, annotation in _iter_local(function):
        names = {each.id for each in ast.walk(annotation) if isinstance(each, ast.Name)}
        if not names & local:
            yield name, layout.text(annotation), False
    for name, annotation, form in _iter_parameters(function.args):
        if not has_own_name(annotation, function):
            is_plain = form == "{}" and not has_effect(annotation)
            text = layout.text(annotation)
            yield name, form.format(_unquote(text) if form == _OR_NONE else text), is_plain


def _iter_parameters(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr, str]]:
    """Yield annotated parameters, their annotations, and the forms of the types that these mean."""
    unset = _find_unset(arguments)
    every = [
        (each, _OR_NONE if each.arg in unset and _lacks_none(each.annotation) else "{}")
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    ]
    stars = (arguments.vararg, "tuple[{}, ...]"), (arguments.kwarg, "dict[str, {}]")
    for each, form in (*every, *stars):
        if each is not None and each.annotation is not None:
            yield each.arg, each.annotation, form


def _lacks_none(annotation: ast.expr | None) -> bool:
    return annotation is not None and not _HAS_NONE.search(ast.unparse(annotation))


def _find_unset(arguments: ast.arguments) -> set[str]:
    """Return the names of parameters that are ``None`` if they are not passed."""
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    defaults = arguments.defaults
    pairs = [
        *zip(names[len(names) - len(defaults) :], defaults, strict=True),
        *zip((each.arg for each in arguments.kwonlyargs), arguments.kw_defaults, strict=True),
    ]
    return {name for name, value in pairs if isinstance(value, ast.Constant) and value.value is None}


def _iter_local(function: FunctionNode) -> Iterator[tuple[str, ast.expr]]:
    for node in iter_own(function.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.annotation
