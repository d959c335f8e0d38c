"""Notebooks as text, of the fewest parts that nbformat takes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

MARKDOWN = "md:"
"""What a cell that is no code begins with."""


def make_notebook(
    *sources: str, language: str = "python", outputs: Iterable[Any] = (), count: int = 1
) -> str:
    """Return a notebook of nbformat 4 with a cell for each source.

    Args:
        sources: code, or text behind ``MARKDOWN``.
        language: of its kernel.
        outputs: of each cell of code.
        count: how often each of them was executed.
    """
    cells = [
        {"id": f"cell-{number}", **_make_cell(source, list(outputs), count)}
        for number, source in enumerate(sources)
    ]
    kernel = {"display_name": language, "language": language, "name": language}
    metadata = {"kernelspec": kernel, "language_info": {"name": language}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def _make_cell(source: str, outputs: list[Any], count: int) -> dict[str, Any]:
    if source.startswith(MARKDOWN):
        text = source.removeprefix(MARKDOWN)
        return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {"scrolled": True},
        "outputs": outputs,
        "source": source.splitlines(keepends=True),
    }


def make_branches(number: int, name: str = "f") -> str:
    """Return a function of a cyclomatic complexity."""
    return f"def {name}(a):\n" + "    if a:\n        a()\n" * (number - 1)
