"""Trace a command, if traces are requested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.git import describe_head
from pytest_antipasta.logs import Tracing


def run_traced(words: Sequence[str], run: Callable[[Callable[[], None]], int]) -> int:
    """Run a command, and send its trace.

    Args:
        words: the command line.
        run: runs the command after calling its argument, and returns the exit code.
    """
    tracing = Tracing(f"antipasta {words[0]}")

    def prepare() -> None:
        tracing.prepare()
        if tracing.unmet and "--debug" in words:
            print_to_stderr([f"debug: {tracing.unmet}"])

    try:
        code = run(prepare)
    except SystemExit as end:  # from argparse: wrong usage, or --help
        _end(tracing, end.code if isinstance(end.code, int) else 0)
        raise
    _end(tracing, code)
    return code


def _end(tracing: Tracing, code: int) -> None:
    if trouble := tracing.end(code, lambda: describe_head(Path.cwd())):
        print_to_stderr([f"warning: {trouble}"])
