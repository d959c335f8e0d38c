"""What the text of a function says about assertions, nested functions and frames."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pytest_antipasta.advice.proof.constants import COMPREHENSIONS, GENERATOR


class Traits(NamedTuple):
    """What the text of some functions says.

    Attributes:
        can_be_optimized: whether ``python -O`` leaves out a part of them.
        immediate: names of nested code that runs where it stands: what it captures can't change before.
        reads_variables: whether they may read their own variables by name.
        stops: whether they may raise ``StopIteration`` themselves.
    """

    can_be_optimized: bool
    immediate: frozenset[str]
    reads_variables: bool
    stops: bool


# Functions that use up an iterable before they return.
_CONSUMERS = frozenset(
    {"all", "any", "dict", "frozenset", "join", "list", "max", "min", "next", "set", "sorted", "sum", "tuple"}
)
# Names by which code raises `StopIteration` without a function of its own.
_STOPPING_NAMES = frozenset({"StopIteration", "__next__", "next", "send", "throw"})
# Names by which code looks at its own variables, at its own frame, and at that of its caller.
_VARIABLE_NAMES = frozenset({"dir", "eval", "exec", "locals", "vars"})
_FRAME_VARIABLES = "f_locals"
# With an argument, these look at an object alone; the function's own may get a method more.
_OF_OBJECTS = frozenset({"dir", "vars"})
_OWN_OBJECTS = frozenset({"cls", "self"})
# Functions of pandas, numexpr, PyTables, DuckDB, Polars, pandasql, Fugue, Pony, Snakemake, SCons, patsy,
# formulaic, statsmodels, plotnine and flufl.i18n that find names of a text among the variables of their
# caller.
_TEXT_NAMES = frozenset(
    {
        *("Export", "Return", "SConscript", "_", "aes", "dmatrices", "dmatrix", "eval", "evaluate"),
        *("append_where", "execute", "execute_global", "from_formula", "from_query"),
        *("fsql", "fugue_sql", "fugue_sql_flow", "get_by_sql", "get_where_list", "glm", "gls"),
        *("logit", "mixedlm", "model_matrix", "ols", "poisson", "probit", "quantreg", "query"),
        *("raw_sql", "read_where", "rlm", "select", "select_by_sql", "shell", "sql", "sqldf"),
        *("where", "wls"),
    }
)
# What the texts of some of them have.
_MARKS = {"_": r"\$", "select": " for ", "where": "[<>=]"}
# Functions of Brian, MyHDL, Lightning and fastcore that take all variables of their caller, or make what
# `run` finds there.
_COLLECTED_NAMES = frozenset(
    {"NeuronGroup", "SpatialNeuron", "instances", "save_hyperparameters", "store_attr"}
)
FRAME_NAMES = frozenset(
    {"_getframe", "_getframemodulename", "currentframe", "super", "warn", "warn_explicit"}
)
"""Names by which code sees its frame, or that of its caller, or its class."""
# Classes of the exception that closes a coroutine.
_EXIT_NAMES = frozenset({"BaseException", "GeneratorExit"})


def compute_traits(nodes: Sequence[ast.AST]) -> Traits:
    """Return what holds for functions with these nodes."""
    kinds = {type(node) for node in nodes}
    names = _find_names(nodes)
    return Traits(
        can_be_optimized=ast.Assert in kinds or "__debug__" in names,
        # `:=` in another argument may assign before a generator expression is used up.
        immediate=COMPREHENSIONS | (set() if ast.NamedExpr in kinds else _find_consumed(nodes)),
        reads_variables=reads_variables(nodes),
        stops=not (names | _find_attributes(nodes)).isdisjoint(_STOPPING_NAMES),
    )


def reads_variables(nodes: Sequence[ast.AST]) -> bool:
    """Return whether a function may look at its own variables by name, of which each counts then."""
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    called, variables = {*map(_name_called, calls)}, _find_variables(nodes)
    # A variable may have the name of such a function, too, as one for the items of `os.walk` often has.
    named = _find_looking(nodes, calls) - (variables - called)
    has_text = not called.isdisjoint(_TEXT_NAMES) and not variables.isdisjoint(_find_words(nodes))
    is_collected = not called.isdisjoint(_COLLECTED_NAMES)
    return bool(named) or _FRAME_VARIABLES in _find_attributes(nodes) or has_text or is_collected


def _find_looking(nodes: Iterable[ast.AST], calls: Iterable[ast.Call]) -> set[str]:
    """Return the names of functions that may look at the variables of their caller."""
    others = {call.func for call in calls if _looks_at_object(call)}
    return _find_names(node for node in nodes if node not in others) & _VARIABLE_NAMES


def _looks_at_object(call: ast.Call) -> bool:
    """Return whether a call of ``dir`` or ``vars`` has an object that is not the function's own."""
    if take_last_name(call.func) not in _OF_OBJECTS or not call.args:
        return False
    nodes = [*ast.walk(call.args[0])]
    return not isinstance(call.args[0], ast.Starred) and _find_names(nodes).isdisjoint(_OWN_OBJECTS)


def _name_called(call: ast.Call) -> str:
    """Return the name of what is called; empty if another package has a function of that name, too.

    Pony's ``select`` has a text with a loop, the ``where`` of PyTables one with a comparison, the ``_`` of
    flufl.i18n one with ``$name``, and MyHDL's ``instances`` is not a method.
    """
    name, is_meant = take_last_name(call.func), True
    if mark := _MARKS.get(name):
        texts = (text.value for text in call.args if isinstance(text, ast.Constant))
        is_meant = any(re.search(mark, str(text)) for text in texts)
    elif name == "instances":
        is_meant = ast.unparse(call.func) in ("instances", "myhdl.instances")
    return name if is_meant else ""


def _find_words(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the words of texts that are used: not those of a docstring."""
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in alone)
    return {word for text in texts if isinstance(text, str) for word in re.findall(r"\w+", text)}


def _find_variables(nodes: Iterable[ast.AST]) -> set[str]:
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def take_last_name(node: ast.expr) -> str:
    """Return a name, or what stands after the last dot."""
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def reads_frame(nodes: Sequence[ast.AST]) -> bool:
    """Return whether a function may read from which function it is called, or its first argument."""
    return not (_find_names(nodes) | _find_attributes(nodes)).isdisjoint(FRAME_NAMES)


def survives_exit(nodes: Sequence[ast.AST]) -> bool:
    """Return whether a coroutine or a generator may go on after ``GeneratorExit``, by which it is closed.

    The function that awaits it, or yields from it, is closed nevertheless: the exception is raised there
    once more.
    """
    for node in nodes:
        if isinstance(node, ast.ExceptHandler) and _catches_exit(node):
            if not isinstance(node.body[-1], ast.Raise) or _jumps(node.body):
                return True
        elif isinstance(node, ast.Try | ast.TryStar) and _jumps(node.finalbody):
            return True
    return False


def _catches_exit(handler: ast.ExceptHandler) -> bool:
    caught = [*ast.walk(handler.type)] if handler.type else []
    return not caught or not (_find_names(caught) | _find_attributes(caught)).isdisjoint(_EXIT_NAMES)


def _jumps(body: Iterable[ast.stmt]) -> bool:
    """Return whether statements may be left by a jump, or a loop in them may."""
    return any(
        isinstance(node, ast.Return | ast.Break | ast.Continue) for each in body for node in ast.walk(each)
    )


def _find_names(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _find_attributes(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _find_consumed(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the name of the code of generator expressions if each is used up where it stands."""
    consumed: set[ast.expr] = set()
    generators: set[ast.expr] = set()
    consumers = _CONSUMERS - _find_variables(nodes)
    for node in nodes:
        if isinstance(node, ast.GeneratorExp):
            generators.add(node)
        elif isinstance(node, ast.Call) and _find_called(node) in consumers:
            consumed.update(node.args)
    return {GENERATOR} if generators <= consumed else set()


def _find_called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return "join" if take_last_name(call.func) == "join" else ""
