"""Run the command that the arguments name, and turn errors into exit codes."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from pytest_antipasta.cli.command import parse
from pytest_antipasta.cli.command_log import keep_log, run_traced
from pytest_antipasta.cli.parser import Parser
from pytest_antipasta.cli.stdout import (
    ERRORS,
    SHOWN_BY_HOST,
    WRONG_USAGE,
    drop,
    is_full,
    print_error,
    print_to_stderr,
)
from pytest_antipasta.logs.notes import INFO, log_event
from pytest_antipasta.logs.tracers import is_traced
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.processes.interrupts import Interrupted, ignore_signals_once
from pytest_antipasta.runtime.environment import VERSION, installed_version, python_minor

COMMANDS = (
    "check",
    "measure",
    "explain",
    "fix",
    "baseline",
    "trend",
    "report",
    "config",
    "cache",
    "hook",
    "hooks",
    "lsp",
)
"""All commands; each name is a module in this package."""
_DESCRIPTION = """\
Measure the complexity of source code, compare it with limits and explain it.

  pytest-antipasta check                list violations
  pytest-antipasta explain FILE::NAME   show how values are calculated
  pytest-antipasta config init          propose settings for this project"""
# Commands that go over files, and may be traced.
_TRACED = ("check", "measure", "hook")
_SIGNALLED, _CLOSED_PIPE = 128, 141
# What Windows and some of its programs write before a path, and the length from which it is needed.
_LITERAL = "\\\\?\\"
_LONG = 260


def run_words(words: Sequence[str]) -> int:
    """Run one command and return its exit code; see ``pytest_antipasta.cli.main``."""
    if sys.platform == "win32":
        words = [*map(_drop_prefix, words)]
    if [*words[:1]] == ["hook"] and "PRE_COMMIT" in os.environ:
        words = [*map(_mark_file, words)]
    if [*words[:1]] == ["hook"] and "--agent" in words:
        return _run_for_agent(words)
    return _run(words)


def _drop_prefix(word: str) -> str:
    r"""Return a word without the ``\\?\`` of a path of Windows, with which it is outside of any root."""
    is_short = len(word) < _LONG and word[5:6] == ":"  # the name of a server has no drive
    return word[4:] if is_short and word[:4].replace("/", "\\") == _LITERAL else word


def _mark_file(word: str) -> str:
    """Return a word, with ``./`` before the name of a file that looks like an option.

    pre-commit and prek write names directly after the options.
    """
    return f"./{word}" if word.startswith("-") and os.path.lexists(word) else word


def _run_for_agent(words: Sequence[str]) -> int:
    """Run the hook of a coding agent, whose host sends the agent back for exit code 2, each time."""
    try:
        code = _run(words)
    except SystemExit as end:  # a wrong option
        code = end.code if isinstance(end.code, int) else 0
    return SHOWN_BY_HOST if code == WRONG_USAGE else code


def _run(words: Sequence[str]) -> int:
    if words and words[0] in _TRACED and is_traced():
        return run_traced(words, lambda prepare: _run_safely(words, prepare))
    return _run_safely(words)


def _run_safely(words: Sequence[str], prepare: Callable[[], None] = lambda: None) -> int:
    try:
        prepare()
        return _run_command(words)
    except UsageError as error:
        return print_error(error)
    except KeyboardInterrupt as interrupt:
        ignore_signals_once()
        number = interrupt.signal if isinstance(interrupt, Interrupted) else signal.SIGINT
        word = "interrupted" if number == signal.SIGINT else "terminated"
        print_to_stderr([f"{word} {interrupt}".strip()])
        return _SIGNALLED + number
    except BrokenPipeError:
        # The reader of our output has closed the pipe, such as `| head`.
        drop(sys.stdout)
        return _CLOSED_PIPE
    except Exception as error:
        return _report_failure(error, words)


def _report_failure(error: Exception, argv: Sequence[str]) -> int:
    """Report a full output or an internal error; return the exit code."""
    from pytest_antipasta.runtime.failures import describe_failure, format_failure

    if isinstance(error, OSError) and is_full(error):
        drop(sys.stdout)
        print_to_stderr([f"error: can't write to standard output: {error.strerror}"])
        return WRONG_USAGE
    if "--debug" in argv:
        print_to_stderr(format_failure(error).splitlines())
    print_to_stderr([f"internal error: {describe_failure(error)}; run with --debug for details"])
    return ERRORS


def _run_command(words: Sequence[str]) -> int:
    if not words:
        make_parser().print_help()
        return 0
    # Importing a command's modules may take longer than the command, and may be interrupted too.
    run, options = parse(make_parser(words), words)
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UsageError("the current folder no longer exists") from None
    with keep_log(options, words):
        code = run(options)
        log_event(INFO, "run", f"exit code {code}")
    if sys.stdout is not None:  # closed by the parent process
        sys.stdout.flush()
    return code


def make_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return a parser for the command in the arguments, or for all commands.

    A commit must not wait for modules of other commands. ``--version`` needs none of them.
    """
    parser = Parser(prog="pytest-antipasta", description=_DESCRIPTION)
    is_version = [*argv[:1]] == ["--version"]
    version = f"%(prog)s {VERSION}"
    if is_version:  # with the packages that define the values
        oracles = (f"{name} {installed_version(name)}" for name in ("radon", "complexipy"))
        version += f" ({', '.join(oracles)}, Python {python_minor()})"
    parser.add_argument("--version", action="version", version=version, help="show the versions and exit")
    subparsers = parser.add_subparsers(dest="command", required=True, title="commands")
    named = [name for name in COMMANDS if name in argv[:1]]
    for name in named or (() if is_version else COMMANDS):
        import_module(f"pytest_antipasta.cli.{name}").add_parser(subparsers)
    return parser
