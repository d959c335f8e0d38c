"""The helper of an extraction: whether calls of it reach it, and what they pass."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_antipasta.advice.proof.versions import RefusedError, Version, find_futures
from pytest_antipasta.metrics.nodes import FunctionNode, list_parameters


class HelperCall(NamedTuple):
    """How a function calls the helper.

    Attributes:
        name: the helper's name.
        is_method: whether it is called by an attribute of the function's first argument.
        takes_receiver: whether this argument is passed to it, then.
    """

    name: str
    is_method: bool
    takes_receiver: bool


def find_call(before: str, after: Version, helper: Version) -> HelperCall:
    """Return how calls of a helper reach it, which nothing else has to do with.

    That no class above or below has its name is not checked.

    Raises:
        RefusedError: something else may be called, or the new definition has other effects.
    """
    function = helper.function
    _check_name(before, function.name, after)
    _check_signature(function, after)
    around = helper.path[:-1]
    if not around:
        _check_defined(after, function)
        return HelperCall(function.name, is_method=False, takes_receiver=False)
    if not isinstance(around[-1], ast.ClassDef) or [*after.path[:-1]] != [*around]:
        raise RefusedError("the helper is neither at the top of the module nor in the function's class")
    if any(isinstance(each, FunctionNode) and each.name == "__getattribute__" for each in around[-1].body):
        raise RefusedError("the call of the helper runs `__getattribute__`")
    bindings = find_binding(after.function), find_binding(function)
    if bindings not in _METHODS:
        raise RefusedError(f"the helper can't be called by the first argument: {' and '.join(bindings)}")
    return HelperCall(function.name, is_method=True, takes_receiver=bindings[1] != "static")


def _check_name(before: str, name: str, after: Version) -> None:
    if name.startswith("__"):
        raise RefusedError("the helper's name is private to its class, or special")
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", unicodedata.normalize("NFKC", before)):
        raise RefusedError("the module has the helper's name already")
    if not name.startswith("_") and has_star_import(after.tree):
        raise RefusedError("the module may import the helper's name by `*`")


def _check_signature(helper: FunctionNode, after: Version) -> None:
    """Check that the definition of a helper does nothing but define it."""
    plain = ast.arguments(helper.args.posonlyargs, helper.args.args, None, [], [], None, [])
    if ast.dump(helper.args) != ast.dump(plain):
        raise RefusedError("the helper has other than positional parameters")
    _check_annotations(helper, after)
    decorators = [ast.unparse(each) for each in helper.decorator_list]
    if decorators not in ([], ["classmethod"], ["staticmethod"]) or getattr(helper, "type_params", None):
        raise RefusedError("the helper has decorators or type parameters")


def _check_annotations(helper: FunctionNode, after: Version) -> None:
    if any(alias.name == "annotations" for each in find_futures(after.tree) for alias in each.names):
        return  # they are not evaluated
    known = {ast.dump(each) for each in _iter_annotations(after.function)}
    for annotation in _iter_annotations(helper):
        if not isinstance(annotation, ast.Constant) and (
            ast.dump(annotation) not in known
            or has_own_name(annotation, after.function)
            or has_effect(annotation)
        ):
            raise RefusedError("the helper has annotations that the function does not have, or that call")


def has_effect(annotation: ast.expr) -> bool:
    """Return whether an annotation may do something each time it is evaluated."""
    return any(isinstance(node, ast.Call | ast.NamedExpr) for node in ast.walk(annotation))


def has_own_name(annotation: ast.expr, function: FunctionNode) -> bool:
    """Return whether an annotation has a name that means nothing below the function, or the function itself.

    Examples are ``def f[T](a: T)``, ``def f[T](a: "T")`` and ``def list(self) -> list[int]``.
    """
    own = {function.name, *(each.name for each in getattr(function, "type_params", ()))}
    return not own.isdisjoint(re.findall(r"\w+", ast.unparse(annotation)))


def _iter_annotations(function: FunctionNode) -> Iterator[ast.expr]:
    annotations = (each.annotation for each in list_parameters(function.args))
    yield from (each for each in (*annotations, function.returns) if each is not None)


def has_star_import(tree: ast.Module) -> bool:
    """Return whether a module imports names by ``*``, which can't be known."""
    return any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in ast.walk(tree)
    )


def _check_defined(after: Version, helper: FunctionNode) -> None:
    """Check that a helper is defined before anything can call the function."""
    if helper.decorator_list:
        raise RefusedError("the helper has decorators")
    body = after.tree.body
    top = after.path[0]
    if helper not in body:
        raise RefusedError("the helper is defined under a condition")
    place = body.index(helper)
    outer = next((number for number, each in enumerate(body) if _contains(each, top)), len(body))
    _check_between(body[outer:place], after)


def _check_between(statements: Sequence[ast.stmt], after: Version) -> None:
    """Check that statements from a function up to its helper can't call it."""
    plain = [each for each in statements if isinstance(each, FunctionNode) and not each.decorator_list]
    if plain != statements or plain[:1] not in ([], [after.function]):
        raise RefusedError("the function may be called before the helper is defined")
    for other in plain[1:]:
        _check_signature(other, after)


def _contains(statement: ast.stmt, node: ast.AST) -> bool:
    return statement.lineno <= getattr(node, "lineno", 0) <= (statement.end_lineno or 0)


# What the function's first argument may be, and the helper's.
_METHODS = (("object", "object"), ("class", "class"), ("object", "static"), ("class", "static"))
_CLASS_METHODS = frozenset({"__class_getitem__", "__init_subclass__", "__new__"})


def is_object(argument: str) -> bool:
    """Return whether a method's first argument is an object of its class, by its name.

    Nothing else tells a method from a function that is called in the body of its class, that a metaclass
    makes static, or that a decorator calls on the class, too, such as ``def f(self_or_cls)``.
    """
    return "self" in argument and "cls" not in argument


def find_binding(function: FunctionNode) -> str:
    """Return what a method's first argument is: ``object``, ``class``, ``static`` or ``unknown``."""
    names = {each.id for each in function.decorator_list if isinstance(each, ast.Name)}
    arguments = [*function.args.posonlyargs, *function.args.args]
    if "staticmethod" in names:
        return "static"
    if "classmethod" in names or function.name in _CLASS_METHODS:
        return "class"
    return "object" if arguments and is_object(arguments[0].arg) else "unknown"
