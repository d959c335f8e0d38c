"""``pytest-antipasta lsp``: a language server for editors, on standard input and output."""

from __future__ import annotations

import sys

from pytest_antipasta.cli.command import add_command
from pytest_antipasta.cli.options import NoOptions
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.model.errors import UsageError


def add_parser(subparsers: SubParsers) -> None:
    """Add ``lsp`` to the command line."""
    text = "run a language server for editors; uses standard input and output"
    add_command(subparsers, "lsp", text, NoOptions, _run_lsp)


def _run_lsp(_: NoOptions) -> int:
    if sys.stdin is None or sys.stdout is None:
        raise UsageError("lsp needs standard input and output, which are closed")
    if sys.stdin.isatty():
        raise UsageError("lsp must be started by an editor; see docs/editors.md")
    try:
        from pytest_antipasta.editor.server import serve
    except ImportError as error:
        hint = "`pip install 'pytest-antipasta[lsp]'`"
        raise UsageError(f"lsp: {error.name} is not installed; {hint}") from error
    serve()
    return 0
