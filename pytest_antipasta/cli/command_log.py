"""The log and the trace of a command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.cli.options import StoreOptions
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.logs.notes import ERROR, INFO, WARNING, log_event, log_failure
from pytest_antipasta.logs.options import begin_log
from pytest_antipasta.messages import hide_addresses, hide_passwords
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.environment import VERSION, python_minor


@contextmanager
def keep_log(options: Struct, words: Sequence[str]) -> Iterator[None]:
    """Log the block to a file if requested; errors of the log do not change the exit code.

    Args:
        options: the options of the command, which may be about the log.
        words: the command line.

    Raises:
        UsageError: the options or the environment are wrong.
    """
    file = level = form = None
    if isinstance(options, StoreOptions):
        file, level, form = options.log_file, options.log_level, options.log_format
    log = begin_log(Path.cwd(), _check_place, "--log-file", file, level, form)
    versions = f"pytest-antipasta {VERSION}, Python {python_minor()} on {sys.platform}"
    log_event(INFO, "run", f"{versions}: {hide_addresses(words)}")
    try:
        yield
    except UsageError as error:
        log_event(ERROR, "error", hide_passwords(str(error)))
        raise
    except (KeyboardInterrupt, BrokenPipeError) as end:
        log_event(WARNING, "run", f"terminated by {type(end).__name__}")
        raise
    except Exception as error:
        log_failure(error)
        raise
    finally:
        if log is not None:
            log.close()
            print_to_stderr(f"warning: {trouble}" for trouble in [log.trouble] if trouble)


def note_failure(failure: Exception, *, has_traceback: bool) -> str:
    """Log an internal error that lets a hook go on, print its traceback if asked, and return it in a line."""
    from pytest_antipasta.runtime.failures import describe_failure, format_failure

    log_failure(failure)
    print_to_stderr(format_failure(failure).splitlines() if has_traceback else ())
    return describe_failure(failure)


def _check_place(path: Path) -> None:
    from pytest_antipasta.report.inputs import require_log_place

    require_log_place(path)


def run_traced(words: Sequence[str], run: Callable[[Callable[[], None]], int]) -> int:
    """Run a command, and send its trace.

    Args:
        words: the command line.
        run: runs the command after calling its argument, and returns the exit code.
    """
    from pytest_antipasta.git.head import describe_head
    from pytest_antipasta.logs.tracing import Tracing

    tracing = Tracing(f"antipasta {words[0]}")

    def prepare() -> None:
        tracing.prepare()
        if tracing.unmet and "--debug" in words:
            print_to_stderr([f"debug: {tracing.unmet}"])

    def end(code: int) -> None:
        if trouble := tracing.end(code, lambda: describe_head(Path.cwd())):
            print_to_stderr([f"warning: {trouble}"])

    try:
        code = run(prepare)
    except SystemExit as exit_:  # from argparse: wrong usage, or --help
        end(exit_.code if isinstance(exit_.code, int) else 0)
        raise
    end(code)
    return code
