"""Ask our command line, and return what it says without what may differ."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import TypeAlias

from pytest_antipasta.cli import main as run_command

Answer: TypeAlias = tuple[int, str, str]
"""The exit code, standard output and standard error."""
# What may differ: what was found in the store, and how long it took.
_RUN = re.compile(
    r"^(warning: )?(store: |\d+ files? read without the store|checked \d+ files?, |the store is too small)"
    r".*\n",
    re.MULTILINE,
)
_SECONDS = re.compile(r'\b\d+(\.\d+)? m?s\b|time="[\d.]+"')


def ask(words: Sequence[str]) -> Answer:
    """Return what a command says, without what may differ."""
    written, errors = io.BytesIO(), io.StringIO()
    output = io.TextIOWrapper(written, "utf-8")
    with redirect_stdout(output), redirect_stderr(errors):
        code = run_command(list(words))
    output.flush()
    text = written.getvalue().decode("utf-8", "replace")
    if text.startswith("{"):
        answer = json.loads(text)
        answer.pop("run", None)
        text = json.dumps(answer, indent=1)
    return code, _normalise(text), _normalise(errors.getvalue())


def _normalise(text: str) -> str:
    return _SECONDS.sub("", _RUN.sub("", text))
