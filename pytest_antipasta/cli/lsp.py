"""``pytest-antipasta lsp``: a language server for editors, on standard input and output."""

import sys

from msgspec import Struct

from pytest_antipasta.cli.command import Annotated, Option, add_command
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.model.errors import UsageError


class _Options(Struct, frozen=True):
    # The specification of the protocol has clients say which channel they use, and some always do.
    stdio: Annotated[bool, Option("use standard input and output (the default)")] = False


def add_parser(subparsers: SubParsers) -> None:
    """Add ``lsp`` to the command line."""
    text = "run a language server for editors; uses standard input and output"
    add_command(subparsers, "lsp", text, _Options, _run_lsp)


def _run_lsp(_: _Options) -> int:
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
