"""The options for a log, and logging while a command runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pytest_antipasta.cli.parser import OptionGroup
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.git import require_own_links
from pytest_antipasta.logs import ERROR, FORMATS, INFO, LEVELS, WARNING, begin_log, log_event, log_failure
from pytest_antipasta.messages import hide_addresses, hide_passwords
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import VERSION, python_minor


def add_log_options(parser: OptionGroup) -> None:
    """Add the options; environment variables are alternatives."""
    parser.add_argument("--log-file", metavar="PATH", help="append a log of the run to this file")
    parser.add_argument(
        "--log-level",
        type=str.lower,
        choices=LEVELS,
        metavar="LEVEL",
        help="log level: debug, info (default), warning or error",
    )
    parser.add_argument(
        "--log-format", choices=FORMATS, metavar="FORMAT", help="log format: text (default) or json"
    )


@contextmanager
def keep_log(args: argparse.Namespace, words: Sequence[str]) -> Iterator[None]:
    """Log the block to a file if requested; errors of the log do not change the exit code.

    Args:
        args: parsed arguments; not every command has the options.
        words: the command line.

    Raises:
        UsageError: the options or the environment are wrong.
    """
    options = (getattr(args, f"log_{name}", None) for name in ("file", "level", "format"))
    log = begin_log(Path.cwd(), require_own_links, "--log-file", *options)
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
