"""Things that pytest-antipasta has not: a metric, a language, and a report with a line for each file."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from antipasta_parameters.sql import COMMENT, measure_sql
from pytest_antipasta import Report
from pytest_antipasta.extension import Language, Metric, ParsedSource, ReportFormat, hookimpl


@hookimpl
def antipasta_metrics() -> list[Metric]:
    """Return the number of all parameters, which may be five; the built-in ``parameters`` leaves some out."""
    return [
        Metric(
            name="all_parameters",
            scope="block",
            version="1",
            limit=5,
            measure=count_parameters,
            explain=explain_parameters,
        )
    ]


@hookimpl
def antipasta_languages() -> list[Language]:
    """Return SQL, of which procedures have limits."""
    return [Language(name="sql", endings=(".sql",), version="1", comment=COMMENT, measure=measure_sql)]


@hookimpl
def antipasta_report_formats() -> list[ReportFormat]:
    """Return tab-separated values."""
    return [ReportFormat(name="tsv", endings=(".tsv",), write=write_tsv)]


def count_parameters(source: ParsedSource) -> dict[str, int]:
    """Return the number of parameters of each function, by its qualified name; a ``self`` counts, too."""
    return {name: len(list_parameters(node)) for name, node in source.functions.items()}


def explain_parameters(source: ParsedSource, name: str | None) -> Iterator[str]:
    """Yield the parameters of a function."""
    if name is not None:
        yield ", ".join(list_parameters(source.functions[name]))


def list_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the names of a function's parameters."""
    found = node.args
    every = [*found.posonlyargs, *found.args, found.vararg, *found.kwonlyargs, found.kwarg]
    return [one.arg for one in every if one is not None]


def write_tsv(report: Report) -> bytes:
    """Return path, verdict and number of violations of each file."""
    numbers = Counter(one.path for one in report.findings if one.fails)
    lines = (f"{one.path}\t{'fail' if one.failed else 'pass'}\t{numbers[one.path]}\n" for one in report.files)
    return "".join(lines).encode()
