"""Programs that compile functions, run them elsewhere or look into them, and which steps that forbids.

They are known by decorators, by calls that get a function, and by the bases of a class.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

from pytest_antipasta.advice.module import Module
from pytest_antipasta.metrics.nodes import FunctionNode

# They compile functions that are written in a part of Python.
_COMPILERS = {
    "numba, Triton, JAX, PyTorch": r"\w*jit",
    "PyTorch, ONNX Script": "script",
    "numba, GT4Py": "stencil",
    "numba": r"register_jitable|jitclass|cfunc|cc\.export|intrinsic|overload\("
    r"|overload_(?:attribute|classmethod|method)|guvectorize|(?<!np\.)(?<!numpy\.)vectorize",
    "pandas, with numba": "engine='numba",
    "Taichi, Quadrants, Warp": r"kernel|(?:ti|taichi|qd|wp|warp)\.\w*func\w*",
    "TensorFlow": r"(?:tf|tensorflow)\.function",
    "TVM": "prim_func",
    "DaCe": r"(?:dace|dc)\.(?:program|method)",
    "Dr.Jit": r"dr\.syntax|^syntax$",
    "Exo": "^proc$",
    "GT4Py": r"gtscript\.function|(?:field|scan)_operator",
    "MyHDL": "^always(?:_comb|_seq)?|^instance$",
    "PyMTL": "^update(?:_ff)?$",
    "MicroPython": "viper",
    "Sacred, which takes the variables for settings": r"(?<=\.)(?:named_)?config$",
    "Guidance, which dedents the texts": "guidance",
}
# They take only the function or its source, without a new function that it calls.
_SHIPPERS = {
    "marimo": r"app\.cell",
    "Airflow": r"task\.(?:(?:branch_)?(?:virtualenv|external_python)|docker|kubernetes)"
    r"|(?:Branch)?(?:PythonVirtualenv|ExternalPython)Operator",
    "Kubeflow": "create_component_from_func|func_to_container_op",
    "ClearML": "add_function_step",
    "Parsl": "(?:python|bash|join)_app",
    "Globus Compute": "register_function",
    "execnet": "remote_exec",
    "RPyC": "teleport",
    "dill": r"dill\.dumps?",
    "PScript": "py2js",
    "nipype": r"^(?:\w+\.)*Function$",
    "Ibis": r"udf\.scalar",
    "BigQuery DataFrames": r"(?:bpd|bigframes\.pandas)\.udf",
    "Unity Catalog": "create_python_function",
}
# They pass other objects as `self`, take functions with a decorator alone, or read statements of a function.
_READERS = {
    "factory_boy": r"(?:lazy_attribute|post_generation)\w*",
    "SQLAlchemy, peewee": r"hybrid_\w*",
    "Strawberry": r"strawberry\w*\.\w+",
    "Algorand Python": "subroutine|(?:abi|bare)method",
    "Guppy": "guppy",
    "LangChain, which looks for keys of the input": "^chain$|RunnableLambda",
    "Shiny, which shows the values of statements": "express|expressify",
    "deal, which checks an object before and after each method": r"deal\.inv",
}
# Such names that others have, too, as LangChain, Haystack and Modal do: they count in modules with the word.
# Metaflow reads the last statement of a step, Azure Machine Learning names steps after variables.
_SHARED = {
    "marimo": r"app\.function",
    "kfp": "component",
    "clearml": "component",
    "mlflow": "scorer",
    "azure": "pipeline",
    "smolagents": "tool",
    "metaflow": "step",
}
# Bases of classes that get no method.
_BASES = {
    "typing, whose protocols ask for all methods": r"(?<!asyncio\.)Protocol",
    "graphene, which passes other objects as `self`": r"\w*ObjectType|Mutation|Interface",
    "Haiku, which names parameters after methods": r"(?:hk|haiku)\.\w+",
}


def _compile(*tables: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{names})\b" for table in tables for names in table.values()))


_COMPILED, _ALONE, _CLOSED = _compile(_COMPILERS), _compile(_SHIPPERS, _READERS), _compile(_BASES)


def is_compiled(decorators: Iterable[str]) -> bool:
    """Return whether a function with these decorators is compiled to something else."""
    return any(map(_COMPILED.search, decorators))


def is_alone(module: Module, name: str, decorators: Sequence[str]) -> bool:
    """Return whether a program would miss, or take for something, a new function that a function calls."""
    shared = (_compile({word: names}) for word, names in _SHARED.items() if word in module.words)
    is_taken = any(pattern.search(text) for pattern in (_ALONE, *shared) for text in decorators)
    is_closed = any(map(_CLOSED.search, module.iter_bases(name))) or _is_resolver(module.functions[name])
    return is_taken or is_closed or ("cython" in module.words and _has_c_types(module, name))


def _is_resolver(function: FunctionNode) -> bool:
    """Return whether a function is a resolver of graphene, by its name: its class may have any base."""
    names = [each.arg for each in function.args.args[:2]]
    return function.name.startswith("resolve_") and names == ["self", "info"]


def _has_c_types(module: Module, name: str) -> bool:
    """Return whether a function has types of Cython, which a new function's values would lose."""
    imported = {"cython"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            source = getattr(node, "module", None)
            named = (each for each in node.names if (source or each.name).split(".")[0] == "cython")
            imported.update(each.asname or each.name for each in named)
    nodes = ast.walk(module.functions[name])
    return any(isinstance(node, ast.Name) and node.id in imported for node in nodes)
