"""The log, the profile and the trace of a command."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.git import require_own_links
from pytest_antipasta.logs import ERROR, INFO, WARNING, begin_log, log_event, log_failure
from pytest_antipasta.messages import hide_addresses, hide_passwords
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import VERSION, python_minor, trusted_first

_End: TypeAlias = Callable[[], bytes]
"""Ends a profile and returns it."""


class RecordingOptions(Struct, frozen=True):
    """The options of the log and the profile; commands without these options use the defaults."""

    log_file: str | None = None
    log_level: str | None = None
    log_format: str | None = None
    profile: Path | None = None


@contextmanager
def keep_log(options: RecordingOptions, words: Sequence[str]) -> Iterator[None]:
    """Log the block to a file if requested; errors of the log do not change the exit code.

    Args:
        options: the options for the log.
        words: the command line.

    Raises:
        UsageError: the options or the environment are wrong.
    """
    asked = options.log_file, options.log_level, options.log_format
    log = begin_log(Path.cwd(), require_own_links, "--log-file", *asked)
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


@contextmanager
def keep_profile(path: Path | None) -> Iterator[None]:
    """Write a profile of the block if requested; its errors do not change the exit code.

    Raises:
        UsageError: the file is a source file, another profiler is active, or a package is missing.
    """
    if path is None:
        yield
        return
    with trusted_first():
        from pytest_antipasta.report import write_report
        from pytest_antipasta.report.formats import require_no_source

    require_no_source(path)
    end = _begin(path)
    try:
        yield
    finally:
        try:
            write_report(path, end(), "profile")
        except UsageError as error:
            print_to_stderr([f"warning: {error}"])
        except Exception as error:  # errors of the package that writes the page
            print_to_stderr([f"warning: could not write the profile: {type(error).__name__}: {error}"])


def _begin(path: Path) -> _End:
    """Start the profiler for the suffix of a path."""
    begin = _sample if path.name.lower().endswith((".html", ".speedscope.json")) else _count
    try:
        return begin(path)
    except ImportError as error:
        hint = "run `pip install pyinstrument`, or name a different file, such as check.prof"
        raise UsageError(f"--profile {path}: pyinstrument is not installed; {hint}") from error
    except (RuntimeError, ValueError) as error:  # since Python 3.12, if another profiler is active
        raise UsageError(f"--profile: {error}") from error


def _count(_: Path) -> _End:
    """Count calls with cProfile, which slows each of them down."""
    with trusted_first():
        from cProfile import Profile

    profile = Profile()
    profile.enable()

    def end() -> bytes:
        profile.disable()
        profile.create_stats()
        return marshal.dumps(profile.stats)

    return end


def _sample(path: Path) -> _End:
    """Sample the stack a thousand times a second."""
    with trusted_first():
        from pyinstrument import Profiler
        from pyinstrument.renderers import HTMLRenderer, SpeedscopeRenderer

    renderer = HTMLRenderer() if path.suffix.lower() == ".html" else SpeedscopeRenderer()
    profiler = Profiler(async_mode="disabled")
    profiler.start()

    def end() -> bytes:
        profiler.stop()
        return profiler.output(renderer).encode()

    return end


def run_traced(words: Sequence[str], run: Callable[[Callable[[], None]], int]) -> int:
    """Run a command, and send its trace.

    Args:
        words: the command line.
        run: runs the command after calling its argument, and returns the exit code.
    """
    from pytest_antipasta.git import describe_head
    from pytest_antipasta.logs import Tracing

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
