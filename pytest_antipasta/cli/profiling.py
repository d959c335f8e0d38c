"""The option ``--profile``: profile a command in its own process."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from pytest_antipasta.cli.parser import OptionGroup
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import trusted_first

_End: TypeAlias = Callable[[], bytes]
"""Ends a profile and returns it."""


def add_profile_option(parser: OptionGroup) -> None:
    """Add the option."""
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="PATH",
        help="write a profile: .html, .speedscope.json or pstats",
    )


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
